import type { JSX } from 'react';

/** Drawn for this page: strokes of 1.75 on a grid of 20. */
const PATHS = {
  devices: 'M10 2.5a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4ZM3 9.5l5-1h4l5 1M8 8.5v4l-1.5 5M12 8.5v4l1.5 5',
  events: 'M2 10.5h3.5l2-6 4 11 2.5-5h4',
  firmware: 'M5.5 5.5h9v9h-9zM8 2.5v3M12 2.5v3M8 14.5v3M12 14.5v3M2.5 8h3M2.5 12h3M14.5 8h3M14.5 12h3',
  lights: 'M7.5 14.5h5M8 17.5h4M7.5 14.5c0-2-2.5-3-2.5-6.5a5 5 0 0 1 10 0c0 3.5-2.5 4.5-2.5 6.5',
  notes: 'M4 3.5h8l4 4v9H4zM7 10h6M7 13h4M12 3.5v4h4',
  console: 'M2.5 4h15v12h-15zM5.5 8l2.5 2-2.5 2M10 12.5h4',
  api: 'M7 4C4.5 4 6 9 3.5 10 6 11 4.5 16 7 16M13 4c2.5 0 1 5 3.5 6-2.5 1-1 6-3.5 6',
  more: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  wall: 'M2.5 4h15v9.5h-15zM7 17h6M10 13.5V17',
  sun: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.300 4.300l1 1M14.700 14.700l1 1M4.300 15.700l1-1M14.700 5.300l1-1',
  moon: 'M16.5 11.8A7 7 0 0 1 8.200 3.5a7 7 0 1 0 8.300 8.300Z',
  search: 'M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13 13l4 4',
  ok: 'M4 10.5l4 4 8-9',
  warn: 'M10 3 18 17H2ZM10 8v4M10 14.5v.01',
  bad: 'M5 5l10 10M15 5 5 15',
  gone: 'M6 6 3.5 8.5a3.5 3.5 0 0 0 5 5M14 14l2.5-2.5a3.5 3.5 0 0 0-5-5M3 3l14 14',
  update: 'M10 13V3M6 7l4-4 4 4M3.5 13v3.5h13V13',
  wireless: 'M2.5 8a11 11 0 0 1 15 0M5 11a7.5 7.5 0 0 1 10 0M7.5 13.8a4 4 0 0 1 5 0M10 16.5v.01',
  wired: 'M7 2.5v4M13 2.5v4M5 6.5h10v3a5 5 0 0 1-10 0zM10 14.5v3',
  emulated: 'M3 5h14v10H3zM3 8h14M6 5v3',
  edit: 'M3.5 16.5 4.5 13 13 4.5l2.5 2.5L7 15.5Z',
  calibrate: 'M10 2.5a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM2.5 9h15M10 9v4M10 13l-3 4.5M10 13l3 4.5',
  find: 'M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM10 2v2M10 16v2M2 10h2M16 10h2',
  test: 'M4 16.5h12M6 16.5V11M10 16.5V5M14 16.5V8.5',
  back: 'M12 4l-6 6 6 6',
  forward: 'M8 4l6 6-6 6',
  close: 'M5 5l10 10M15 5 5 15',
  again: 'M16 10a6 6 0 1 1-2-4.5M16.5 2.5v4h-4',
  copy: 'M7 7h9.5v9.5H7zM13 7V3.5H3.5V13H7',
  signout: 'M8 3.5H3.5v13H8M12 6l4 4-4 4M16 10H8',
  flag: 'M5 17.5v-14h9l-1.5 3.5L14 10.5H5',
  lock: 'M5 9h10v8H5zM7 9V6.500a3 3 0 0 1 6 0V9',
  control: 'M3 8.500h14v7H3zM7 8.500V5M13 12h.01M6 12h4',
  person: 'M10 3.5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM4 17a6 6 0 0 1 12 0',
  info: 'M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15ZM10 9.5v4M10 6.5v.01',
} as const;

export type IconName = keyof typeof PATHS;

interface IconProps {
  readonly name: IconName;
  /** In pixels, or as CSS length. */
  readonly size?: number | string;
}

/** Decoration: the text or label beside it says the same. */
export function Icon({ name, size = 20 }: IconProps): JSX.Element {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 2.75 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
      focusable="false"
      style={{ flex: 'none' }}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
