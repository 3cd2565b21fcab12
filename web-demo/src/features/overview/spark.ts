/** The last five minutes of a device as a few bars. Pure. */
import type { Level } from '../../lib/event-sentence.js';
import type { LaneView } from '../../lib/timeline.js';

export interface Bar {
  readonly level: Level;
  /** Of the full height, above 0. */
  readonly share: number;
}

export interface Spark {
  /** The oldest first; undefined where nothing happened. */
  readonly bars: readonly (Bar | undefined)[];
  readonly text: string;
}

export const BARS = 30;
const BAR_MS = 10_000;
/** Events of a bar that fill the height. */
const FULL_COUNT = 100;
const RANKS: Readonly<Record<Level, number>> = { error: 0, warning: 1, info: 2, debug: 3 };

export function sparkOf({ seconds }: Pick<LaneView, 'seconds'>, now: number): Spark {
  const end = Math.ceil(now / BAR_MS) * BAR_MS;
  const levels: (Level | undefined)[] = Array.from({ length: BARS }, () => undefined);
  const counts = levels.map(() => 0);
  for (const { at, level, count } of seconds) {
    const bar = BARS - Math.ceil((end - at) / BAR_MS);
    if (bar < 0 || bar >= BARS) continue;
    const before = levels[bar];
    if (before === undefined || RANKS[level] < RANKS[before]) levels[bar] = level;
    counts[bar] = (counts[bar] ?? 0) + count;
  }
  const bars = levels.map(
    (level, bar) => level && { level, share: Math.min(1, 0.25 + 0.75 * logShare(counts[bar] ?? 1)) },
  );
  return { bars, text: textOf(levels, counts) };
}

function logShare(count: number): number {
  return Math.log10(count) / Math.log10(FULL_COUNT);
}

function textOf(levels: readonly (Level | undefined)[], counts: readonly number[]): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 'No events in 5 minutes';
  const events = `${total.toLocaleString('en-GB')} ${total === 1 ? 'event' : 'events'} in 5 minutes`;
  if (levels.includes('error')) return `${events}, with errors`;
  return levels.includes('warning') ? `${events}, with warnings` : events;
}
