import { Alert, createTheme, NavLink } from '@mantine/core';

/** Shades that keep text at a contrast of 4.5 and more (WCAG AA) on white and on dark. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: 8,
  autoContrast: true,
  fontFamily: 'system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // No shade of a colour has enough contrast on both white and dark for text: only the border is coloured.
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    NavLink: NavLink.extend({ styles: { label: { color: 'var(--mantine-color-text)' } } }),
  },
});
