import type { StudioEvent } from '../../../../src/client/index.js';
import { missingCount } from '../../../../src/wire/gap.js';
import type { DeviceNames } from '../../lib/device-title.js';
import { subjectOf } from '../../lib/event-sentence.js';
import type { EventStatement } from '../../lib/event-sentence.js';
import { GAP_CAUSES } from '../../lib/gaps.js';
import type { PageGap } from '../../lib/gaps.js';

export interface EventRow {
  readonly kind: 'event';
  /** Ascending. */
  readonly key: number;
  readonly message: StudioEvent;
  /** `EventData` as JSON. */
  readonly text: string;
  readonly said: EventStatement;
}

/** Events that are missing at this place of the stream. */
export interface GapRow {
  readonly kind: 'gap';
  readonly key: number;
  /** When the page was told of the gap. */
  readonly at: number;
  /** Consecutive gaps of one cause. */
  readonly gaps: readonly [PageGap, ...PageGap[]];
}

/** A flag that the user set. */
export interface MarkRow {
  readonly kind: 'mark';
  readonly key: number;
  readonly at: number;
  readonly label: string;
}

export type Row = EventRow | GapRow | MarkRow;

/** Consecutive rows that say the same, as one line. */
export interface Line {
  /** The first row's: it stays while rows are folded in. */
  readonly key: number;
  /** The newest row. */
  readonly row: Row;
  readonly count: number;
}

const CAUSES: Readonly<Record<PageGap['cause'], string>> = {
  ...GAP_CAUSES,
  'not-open': 'this view was not open',
};

export function timeOf(row: Row): number {
  return row.kind === 'event' ? row.message.receivedAt : row.at;
}

/** The JSON that is copied. */
export function exported(row: Row): unknown {
  if (row.kind === 'gap') return { at: row.at, gaps: row.gaps };
  if (row.kind === 'mark') return { at: row.at, mark: row.label };
  const { channel, cursor, receivedAt, event } = row.message;
  return { channel, cursor, receivedAt, event };
}

/** The row as lines of text that a filter searches, in lower case. */
export function searchText(row: EventRow, nameOf: DeviceNames): string {
  const { message, text, said } = row;
  return `${message.channel}\n${subjectOf(said, nameOf) ?? ''}: ${said.phrase}\n${text}`.toLowerCase();
}

function saysTheSame(one: Row, other: Row): boolean {
  return (
    one.kind === 'event' &&
    other.kind === 'event' &&
    one.message.channel === other.message.channel &&
    (one.said.series ?? one.said.phrase) === (other.said.series ?? other.said.phrase) &&
    one.said.deviceId === other.said.deviceId &&
    one.said.level === other.said.level
  );
}

/** Appends rows to lines; the array is new, and earlier lines stay as they were. */
export function folded(lines: readonly Line[], added: readonly Row[]): readonly Line[] {
  const all = lines.slice();
  for (const row of added) {
    const last = all.at(-1);
    if (last !== undefined && saysTheSame(last.row, row)) {
      all[all.length - 1] = { key: last.key, row, count: last.count + 1 };
    } else all.push({ key: row.key, row, count: 1 });
  }
  return all;
}

/** How many events are missing; undefined where that is unknown. */
export function missingIn({ gaps }: GapRow): number | undefined {
  const counts = gaps.map(missingCount);
  if (counts.includes(undefined)) return undefined;
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
}

/** How many events are missing, and why. */
export function gapText(row: GapRow): string {
  const { gaps } = row;
  const [{ cause }] = gaps;
  const where = gaps.length === 1 ? gaps[0].channel : `${gaps.length} channels`;
  const total = missingIn(row);
  if (total === undefined && cause === 'upstream-lost')
    return `Connection lost: events of ${where} in between are unknown.`;
  const what =
    total === undefined
      ? `Events of ${where} may be missing`
      : total === 1
        ? `1 event of ${where} is missing`
        : `${total.toLocaleString('en-GB')} events of ${where} are missing`;
  return `Gap: ${what}: ${CAUSES[cause]}.`;
}
