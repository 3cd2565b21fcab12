import { Alert, createTheme } from '@mantine/core';
import type { MantineColorsTuple } from '@mantine/core';

/** Shade 8 keeps white text at a contrast of 5 (WCAG AA asks for 4.5). */
const blue: MantineColorsTuple = [
  '#eef4ff',
  '#dbe6fe',
  '#bfd3fe',
  '#93b4fd',
  '#6694fa',
  '#5aa9ff',
  '#3b82f6',
  '#2f6ff0',
  '#2563eb',
  '#1d4fd0',
];

/** For the views that use Mantine. style.css holds the page's own colours, sizes and distances. */
export const theme = createTheme({
  colors: { brand: blue },
  primaryColor: 'brand',
  primaryShade: 8,
  autoContrast: true,
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 'md',
  radius: { sm: '6px', md: '8px', lg: '12px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // No shade of a colour has enough contrast on both white and dark for text: only the border is coloured.
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
  },
});
