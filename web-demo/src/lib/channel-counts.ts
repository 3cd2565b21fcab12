import { parseCursor } from '../../../src/wire/cursor.js';
import type { StudioEvent } from '../../../src/client/index.js';
import type { PageGap } from './gaps.js';

export interface Place {
  readonly epoch: string;
  readonly seq: number;
  /** When the gateway received that event; 0 for a place without one. */
  readonly at: number;
}

/** What an event that arrived stands for. */
export interface Counted {
  /** Itself, and those before it that the gateway left out because the page asked for fewer. */
  readonly events: number;
  /** False for an event that was there already. */
  readonly isNew: boolean;
}

const MAX_CHANNELS = 5000;

/** Counts events by their place in their channel, so that one that was not sent is counted as well. */
export class ChannelCounts {
  readonly #places = new Map<string, Place>();

  /** Where a channel stood when the page began to listen. Does not go back. */
  begin(channel: string, cursor: string): void {
    const place = parseCursor(cursor);
    const known = this.#places.get(channel);
    if (place === undefined || (known?.epoch === place.epoch && known.seq >= place.seq)) return;
    this.#set(channel, { ...place, at: known?.at ?? 0 });
  }

  count({ channel, cursor, receivedAt }: Pick<StudioEvent, 'channel' | 'cursor' | 'receivedAt'>): Counted {
    const place = parseCursor(cursor);
    if (place === undefined) return { events: 1, isNew: true };
    const known = this.#places.get(channel);
    const isSameEpoch = known?.epoch === place.epoch;
    if (isSameEpoch && known.seq >= place.seq) return { events: 0, isNew: false };
    this.#set(channel, { ...place, at: receivedAt });
    return { events: isSameEpoch ? place.seq - known.seq : 1, isNew: true };
  }

  /**
   * The part of a gap that no event has filled meanwhile, and when the channel's last event before it arrived (0 when
   * there was none); undefined when nothing is left.
   */
  onGap(gap: PageGap): { readonly gap: PageGap; readonly since: number } | undefined {
    const [first, last] = [parseCursor(gap.from), parseCursor(gap.to)];
    const known = this.#places.get(gap.channel);
    if (first === undefined || last === undefined) return { gap, since: known?.at ?? 0 };
    if (known?.epoch === last.epoch && known.seq >= last.seq && last.seq > 0) return undefined;
    this.#set(gap.channel, { ...last, at: known?.at ?? 0 });
    const from = known?.epoch === first.epoch && known.seq >= first.seq ? known.seq + 1 : first.seq;
    return { gap: { ...gap, from: `${first.epoch}:${from}` }, since: known?.at ?? 0 };
  }

  /** A copy of the places of now: by channel, that of the newest event that was counted. */
  places(): Map<string, Place> {
    return new Map(this.#places);
  }

  #set(channel: string, place: Place): void {
    if (this.#places.size < MAX_CHANNELS || this.#places.has(channel)) this.#places.set(channel, place);
  }
}
