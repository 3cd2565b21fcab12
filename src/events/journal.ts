/**
 * The newest events of a channel, each with a cursor. Pure.
 *
 * A new epoch begins where continuity cannot be promised.
 */
import { formatCursor } from '../wire/cursor.js';
import type { Cursor } from '../wire/cursor.js';
import type { Gap } from '../wire/gap.js';

export interface JournalEntry extends Cursor {
  /** The place among the events of all channels. */
  readonly order: number;
  /** What the entry holds in memory, in bytes. */
  readonly size: number;
}

/** One step of a replay: an event, or the gap in its place. */
export type Step<E> = { readonly entry: E } | { readonly gap: Gap };

export interface JournalLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Epochs remembered at most. */
const MAX_EPOCHS = 256;

/** Where an epoch lies among all events of the channel: those before its first, and those before its end. */
interface Span {
  readonly start: number;
  end: number;
}

/** A ring, by count and by bytes; the newest event is kept whatever its size. */
export class Journal<E extends JournalEntry> {
  readonly #limits: JournalLimits;
  /** Oldest first. */
  readonly #entries: E[] = [];
  #bytes = 0;
  /** Oldest first; epochs without kept events are included. */
  readonly #epochs = new Map<string, Span>();
  /** Events that are no longer kept. */
  #evicted = 0;
  #epoch: string;
  #seq = 0;

  constructor(limits: JournalLimits, epoch: string) {
    this.#limits = limits;
    this.#epoch = epoch;
    this.#epochs.set(epoch, { start: 0, end: Infinity });
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The place of the newest event of this epoch; `seq` 0 when there is none. */
  get cursor(): Cursor {
    return { epoch: this.#epoch, seq: this.#seq };
  }

  get size(): number {
    return this.#entries.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get newest(): E | undefined {
    return this.#entries.at(-1);
  }

  /** The place that the next event gets. */
  next(): Cursor {
    return { epoch: this.#epoch, seq: this.#seq + 1 };
  }

  /** `entry` carries the place that `next` gave. */
  append(entry: E): void {
    this.#seq = entry.seq;
    this.#entries.push(entry);
    this.#bytes += entry.size;
    while (this.size > 1 && (this.size > this.#limits.maxEvents || this.#bytes > this.#limits.maxBytes)) {
      this.#bytes -= this.#entries.shift()?.size ?? 0;
      this.#evicted += 1;
    }
  }

  /** Whether an event at this place was appended, or is older than those that were. */
  hasPassed({ epoch, seq }: Cursor): boolean {
    return epoch === this.#epoch ? seq <= this.#seq : this.#epochs.has(epoch);
  }

  /** Goes on with the event at a place that its source gave; the gap that it leaves. */
  continueAt(place: Cursor): Gap | undefined {
    const last = this.cursor;
    if (place.epoch !== last.epoch) this.#begin(place.epoch);
    this.#seq = place.seq - 1;
    return place.epoch === last.epoch && place.seq === last.seq + 1 ? undefined : between(last, place);
  }

  /** Begins a new epoch. The gap reaches from the last event of the old one to the first of the new one. */
  renew(epoch: string): Gap {
    const from = formatCursor(this.next());
    this.#begin(epoch);
    return { from, to: formatCursor(this.cursor), cause: 'upstream-lost' };
  }

  #begin(epoch: string): void {
    const start = this.#evicted + this.size;
    const ended = this.#epochs.get(this.#epoch);
    if (ended !== undefined) ended.end = start;
    this.#epochs.set(epoch, { start, end: Infinity });
    const [oldest] = this.#epochs.keys();
    if (this.#epochs.size > MAX_EPOCHS && oldest !== undefined) this.#epochs.delete(oldest);
    this.#epoch = epoch;
    this.#seq = 0;
  }

  /**
   * Every kept event after `cursor`, with gaps where events are missing. After a cursor of an unknown epoch come all
   * kept events.
   */
  since(cursor: Cursor): Step<E>[] {
    return this.#stepsAfter(cursor, this.#entries.slice(this.#placeAfter(cursor)));
  }

  /** The newest events, oldest first, with what is missing between and after them. */
  newestSteps(count: number): Step<E>[] {
    const entries = this.last(count);
    const [first] = entries;
    return first === undefined ? [] : this.#stepsAfter({ epoch: first.epoch, seq: first.seq - 1 }, entries);
  }

  #stepsAfter(cursor: Cursor, entries: readonly E[]): Step<E>[] {
    const steps: Step<E>[] = [];
    let last = cursor;
    for (const entry of entries) {
      if (entry.epoch !== last.epoch || entry.seq !== last.seq + 1) steps.push({ gap: between(last, entry) });
      steps.push({ entry });
      last = entry;
    }
    if (last.epoch !== this.#epoch) steps.push({ gap: between(last, { epoch: this.#epoch, seq: 1 }) });
    return steps;
  }

  /** The newest events, oldest first. */
  last(count: number): E[] {
    return this.#entries.slice(Math.max(0, this.size - count));
  }

  /** Whether this epoch is one of the channel's remembered ones. */
  knows(epoch: string): boolean {
    return this.#epochs.has(epoch);
  }

  /** The cursor of the last kept event at or before the `order`th event over all channels. */
  placeAt(order: number): Cursor {
    const last = this.#entries.findLast((each) => each.order <= order);
    if (last !== undefined) return last;
    const [oldest] = this.#entries;
    return oldest === undefined ? this.cursor : { epoch: oldest.epoch, seq: 0 };
  }

  /** The event at this cursor, or the last one before it; undefined when neither is kept. */
  at(cursor: Cursor): E | undefined {
    return this.#entries[this.#placeAfter(cursor) - 1];
  }

  /** The index of the first kept event after a place. Events of an epoch need not follow each other closely. */
  #placeAfter({ epoch, seq }: Cursor): number {
    const span = this.#epochs.get(epoch);
    if (span === undefined) return 0;
    let low = Math.max(0, span.start - this.#evicted);
    let high = Math.max(low, Math.min(span.end - this.#evicted, this.size));
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entries[middle]?.seq ?? Infinity) > seq) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** What is missing between two places that do not follow each other. */
function between(last: Cursor, next: Cursor): Gap {
  return {
    from: formatCursor({ epoch: last.epoch, seq: last.seq + 1 }),
    to: formatCursor({ epoch: next.epoch, seq: next.seq - 1 }),
    cause: last.epoch === next.epoch ? 'evicted' : 'upstream-lost',
  };
}
