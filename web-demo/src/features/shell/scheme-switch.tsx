import { NavLink, useMantineColorScheme } from '@mantine/core';
import type { MantineColorScheme } from '@mantine/core';
import type { JSX } from 'react';

const NEXT: Readonly<Record<MantineColorScheme, MantineColorScheme>> = {
  auto: 'light',
  light: 'dark',
  dark: 'auto',
};
const LABELS: Readonly<Record<MantineColorScheme, string>> = {
  auto: 'Colours: as the system',
  light: 'Colours: light',
  dark: 'Colours: dark',
};

export function SchemeSwitch(): JSX.Element {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <NavLink
      component="button"
      label={LABELS[colorScheme]}
      onClick={() => setColorScheme(NEXT[colorScheme])}
    />
  );
}
