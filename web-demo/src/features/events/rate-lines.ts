import { levelOfChannel } from '../../lib/event-sentence.js';
import type { Rate } from './rates.js';

/** How a channel is drawn: by colour, and by dashes for readers who cannot tell the colours apart. */
export interface Line {
  /** Both colours have a contrast of at least 3 on their background. */
  readonly light: string;
  readonly dark: string;
  /** Pixels drawn and not drawn; empty for a solid line. */
  readonly dash: readonly number[];
}

const DASHES: readonly (readonly number[])[] = [
  [],
  [8, 4],
  [2, 3],
  [10, 3, 2, 3],
  [14, 4],
  [4, 4],
  [1, 5],
  [6, 2],
];
/** Red says error and amber says warning, on every channel; no other channel has these colours. */
const ERROR = { light: '#b3261e', dark: '#f2545b' };
const WARNING = { light: '#8a5a00', dark: '#f5b83d' };
const OTHERS = [
  { light: '#0b57a4', dark: '#5aa9ff' },
  { light: '#1b7a3d', dark: '#6fd58b' },
  { light: '#7b2fa8', dark: '#cf9bff' },
  { light: '#00717a', dark: '#5fd3dc' },
  { light: '#4d4d4d', dark: '#c9c9c9' },
];

export const MAX_LINES = 8;

/** The rate of a channel and its line, which stays the same for as long as it is drawn. */
export interface DrawnRate extends Rate {
  readonly line: Line;
}

/** A line that none of `taken` is; its colour follows the level that the channel's name gives away. */
export function lineFor(channel: string, taken: ReadonlySet<Line>): Line {
  const level = levelOfChannel(channel);
  const colours = level === 'error' ? [ERROR] : level === 'warning' ? [WARNING] : OTHERS;
  const used = [...taken];
  const isFree = (light: string, dash: readonly number[]): boolean =>
    used.every((line) => line.light !== light || line.dash !== dash);
  for (const [turn] of DASHES.entries()) {
    for (const [place, colour] of colours.entries()) {
      const dash = DASHES[(place + turn) % DASHES.length] ?? [];
      if (isFree(colour.light, dash)) return { ...colour, dash };
    }
  }
  return { light: '#4d4d4d', dark: '#c9c9c9', dash: [] };
}
