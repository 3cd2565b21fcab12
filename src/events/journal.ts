/**
 * What a channel said: its newest events, each with a place of its own. Pure.
 *
 * A cursor is `<epoch>:<seq>`. `seq` counts from 1 in every epoch; a new epoch begins where continuity cannot be
 * promised. A gap tells the places that are missing, both ends included; where an epoch ended, nobody knows how
 * much is missing, and `to` is `<new epoch>:0`, the place before the new epoch's first.
 */

export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

export type GapCause = 'slow-client' | 'evicted' | 'upstream-lost';

export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly cause: GapCause;
}

export interface JournalEntry extends Cursor {
  /** The place among the events of all channels. */
  readonly order: number;
  /** What the entry holds in memory, in bytes. */
  readonly size: number;
}

/** One step of a replay: an event, or what is missing in its place. */
export type Step<E> = { readonly entry: E } | { readonly gap: Gap };

export interface JournalLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export function formatCursor({ epoch, seq }: Cursor): string {
  return `${epoch}:${seq}`;
}

/** undefined when the text is no cursor. */
export function parseCursor(text: string): Cursor | undefined {
  const [, epoch, digits] = /^([0-9a-z]{1,32}):(\d{1,15})$/.exec(text) ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(digits) };
}

/** Epochs remembered at most, besides those of which events are kept. */
const MAX_EPOCHS = 64;

/** A ring, by count and by bytes; the newest event is kept whatever its size. */
export class Journal<E extends JournalEntry> {
  readonly #limits: JournalLimits;
  /** Oldest first. */
  readonly #entries: E[] = [];
  #bytes = 0;
  /** How many events came before each epoch, oldest first: also of epochs that had none. */
  readonly #starts = new Map<string, number>();
  /** Events that are no longer kept. */
  #evicted = 0;
  #epoch: string;
  #seq = 0;

  constructor(limits: JournalLimits, epoch: string) {
    this.#limits = limits;
    this.#epoch = epoch;
    this.#starts.set(epoch, 0);
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

  /** Continuity broke. What is missing: after the last event of the old epoch, before the first of the new one. */
  renew(epoch: string): Gap {
    const from = formatCursor(this.next());
    this.#epoch = epoch;
    this.#seq = 0;
    return { from, to: formatCursor(this.cursor), cause: 'upstream-lost' };
  }

  /**
   * Everything after `cursor` that is still there, with what is missing said where it is missing. Of an epoch
   * that nobody remembers, everything there is comes after.
   */
  since(cursor: Cursor): Step<E>[] {
    const steps: Step<E>[] = [];
    let last: Cursor = cursor;
    for (const entry of this.#entries.slice(this.#placeAfter(cursor))) {
      if (entry.epoch !== last.epoch || entry.seq !== last.seq + 1) steps.push({ gap: between(last, entry) });
      steps.push({ entry });
      last = entry;
    }
    if (last.epoch !== this.#epoch) steps.push({ gap: between(last, { epoch: this.#epoch, seq: 1 }) });
    return steps;
  }

  /** The newest events, oldest first. */
  last(count: number): E[] {
    return this.#entries.slice(-count);
  }

  /** Whether places of this epoch mean anything here. */
  knows(epoch: string): boolean {
    return epoch === this.#epoch || this.#entries.some((each) => each.epoch === epoch);
  }

  /** The last place here that came before, or is, the `order`th event of all; as far as anybody remembers. */
  placeAt(order: number): Cursor {
    const last = this.#entries.findLast((each) => each.order <= order);
    if (last !== undefined) return last;
    const [oldest] = this.#entries;
    return oldest === undefined ? this.cursor : { epoch: oldest.epoch, seq: 0 };
  }

  /** The event at this place, while it is kept. */
  at({ epoch, seq }: Cursor): E | undefined {
    return this.#entries.find((each) => each.epoch === epoch && each.seq === seq);
  }

  #placeAfter({ epoch, seq }: Cursor): number {
    const seen = this.#entries.findLastIndex((each) => each.epoch === epoch && each.seq <= seq);
    if (seen >= 0) return seen + 1;
    const later = this.#entries.findIndex((each) => each.epoch === epoch);
    if (later >= 0) return later;
    return epoch === this.#epoch ? this.#entries.length : 0;
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
