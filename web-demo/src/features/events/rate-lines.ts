import type { Rate } from './rates.js';

/** How a channel is drawn: by colour, and by dashes for readers who cannot tell the colours apart. */
export interface Line {
  /** Both colours have a contrast of at least 3 on their background. */
  readonly light: string;
  readonly dark: string;
  /** Pixels drawn and not drawn; empty for a solid line. */
  readonly dash: readonly number[];
}

export const LINES: readonly [Line, ...Line[]] = [
  { light: '#0b57a4', dark: '#7db7ff', dash: [] },
  { light: '#b3261e', dark: '#ff8f85', dash: [8, 4] },
  { light: '#1b7a3d', dark: '#6fd58b', dash: [2, 3] },
  { light: '#8a5a00', dark: '#f2b84b', dash: [10, 3, 2, 3] },
  { light: '#7b2fa8', dark: '#cf9bff', dash: [14, 4] },
  { light: '#00717a', dark: '#5fd3dc', dash: [4, 4] },
  { light: '#a3195b', dark: '#ff8fc0', dash: [10, 3, 2, 3, 2, 3] },
  { light: '#4d4d4d', dark: '#c9c9c9', dash: [1, 5] },
];

/** The rate of a channel and its line, which stays the same for as long as it is drawn. */
export interface DrawnRate extends Rate {
  readonly line: Line;
}
