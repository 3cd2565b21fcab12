import { MantineProvider } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import type { JSX, ReactNode } from 'react';
import { colourScheme } from '../lib/colour-scheme.js';
import sheet from './mantine.css?inline';
import { theme } from './mantine-theme.js';

/*
 * The component library's styles come with the views that need them: they are twice as large as the page's own. They
 * stand before the page's, which outrank them.
 */
const style = document.createElement('style');
style.textContent = sheet;
document.head.prepend(style);

/** For the views and dialogs that use Mantine. */
export function WithMantine({ children }: { readonly children: ReactNode }): JSX.Element {
  const { shown } = useSyncExternalStore(colourScheme.subscribe, colourScheme.snapshot);
  return (
    <MantineProvider theme={theme} forceColorScheme={shown}>
      {children}
    </MantineProvider>
  );
}
