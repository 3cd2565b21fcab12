import type { GapEvent, StudioEvent } from '../../../../src/client/index.js';
import { missingCount } from '../../../../src/wire/gap.js';
import { GAP_CAUSES } from '../../lib/gaps.js';

export interface EventRow {
  readonly kind: 'event';
  /** Ascending. */
  readonly key: number;
  readonly message: StudioEvent;
  /** `EventData` as JSON. */
  readonly text: string;
}

/** Events that are missing at this place of the stream. */
export interface GapRow {
  readonly kind: 'gap';
  readonly key: number;
  /** When the page was told of the gap. */
  readonly at: number;
  /** Consecutive gaps of one cause. */
  readonly gaps: readonly [GapEvent, ...GapEvent[]];
}

export type Row = EventRow | GapRow;

export function timeOf(row: Row): number {
  return row.kind === 'event' ? row.message.receivedAt : row.at;
}

/** The JSON that is copied. */
export function exported(row: Row): unknown {
  if (row.kind === 'gap') return { at: row.at, gaps: row.gaps };
  const { channel, cursor, receivedAt, event } = row.message;
  return { channel, cursor, receivedAt, event };
}

/** `needle` is in lower case. */
export function contains(row: Row, needle: string): boolean {
  if (needle === '') return true;
  if (row.kind === 'event') {
    return row.message.channel.toLowerCase().includes(needle) || row.text.toLowerCase().includes(needle);
  }
  // A missing event might have matched.
  return true;
}

/** How many events are missing, and why. */
export function gapText({ gaps }: GapRow): string {
  const [{ cause }] = gaps;
  const where = gaps.length === 1 ? gaps[0].channel : `${gaps.length} channels`;
  const counts = gaps.map(missingCount);
  const isCounted = counts.every((count) => count !== undefined);
  const total = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const what = !isCounted
    ? `Events of ${where} may be missing`
    : total === 1
      ? `1 event of ${where} is missing`
      : `${total.toLocaleString('en-GB')} events of ${where} are missing`;
  return `Gap: ${what}: ${GAP_CAUSES[cause]}.`;
}
