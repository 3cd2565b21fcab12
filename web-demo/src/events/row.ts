import type { GapEvent, StudioEvent } from '../../../src/client/index.js';

export interface EventRow {
  readonly kind: 'event';
  /** Ascending. */
  readonly key: number;
  readonly message: StudioEvent;
  /** `EventData` as JSON. */
  readonly text: string;
}

/** Events that did not come, where they did not. */
export interface GapRow {
  readonly kind: 'gap';
  readonly key: number;
  /** When the page heard of it. */
  readonly at: number;
  /** All of one cause, told one after another. */
  readonly gaps: readonly [GapEvent, ...GapEvent[]];
}

export type Row = EventRow | GapRow;

export function timeOf(row: Row): number {
  return row.kind === 'event' ? row.message.receivedAt : row.at;
}

/** What is copied. */
export function exported(row: Row): unknown {
  if (row.kind === 'gap') return { at: row.at, gaps: row.gaps };
  const { channel, cursor, receivedAt, event } = row.message;
  return { channel, cursor, receivedAt, event };
}

/** `needle` in lower case. */
export function contains(row: Row, needle: string): boolean {
  if (needle === '') return true;
  if (row.kind === 'event') {
    return row.message.channel.toLowerCase().includes(needle) || row.text.toLowerCase().includes(needle);
  }
  // What is missing might have fitted.
  return true;
}

/** Hours to milliseconds, as the clock on the wall has it. */
export function timeText(at: number): string {
  const time = new Date(at);
  const [h, m, s] = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => pad(part, 2));
  return `${h}:${m}:${s}.${pad(time.getMilliseconds(), 3)}`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}

/** How many events are missing, and why, in words. */
export function gapText({ gaps }: GapRow): string {
  const [{ cause }] = gaps;
  const where = gaps.length === 1 ? gaps[0].channel : `${gaps.length} channels`;
  const counts = gaps.map(missing);
  const total = counts.includes(undefined)
    ? undefined
    : counts.reduce<number>((sum, each) => sum + (each ?? 0), 0);
  const what =
    total === undefined ? 'Events' : total === 1 ? '1 event' : `${total.toLocaleString('en-GB')} events`;
  const verb = total === 1 ? 'is' : 'are';
  switch (cause) {
    case 'upstream-lost':
      return `Gap: the studio was away; events of ${where} may be missing.`;
    case 'slow-client':
      return `Gap: ${what} of ${where} ${verb} missing, because this page was too slow to take them.`;
    case 'evicted':
      return `Gap: ${what} of ${where} ${verb} missing, because the gateway no longer keeps them.`;
  }
}

/** Undefined when nobody knows: the places are of different epochs. */
function missing({ from, to }: GapEvent): number | undefined {
  const [fromEpoch, fromSeq] = from.split(':');
  const [toEpoch, toSeq] = to.split(':');
  return fromEpoch === toEpoch ? Number(toSeq) - Number(fromSeq) + 1 : undefined;
}
