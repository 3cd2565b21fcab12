import { tellsState } from './channel-name.js';
import { sseFrame, textFrame, textStart } from '../transports/framing.js';
import { formatCursor } from './journal.js';
import type { Cursor, JournalEntry } from './journal.js';

/** How a client is spoken to. */
export type Format = 'websocket' | 'sse';

const END = Buffer.from('}');
/** What an event holds beside its frame, about. */
const OVERHEAD_BYTES = 200;

/** What all events of a channel have in common. */
export interface EventHead {
  readonly channel: string;
  /** `{"op":"event","channel":"…","cursor":"` */
  readonly prefix: Buffer;
}

export function eventHead(channel: string): EventHead {
  return { channel, prefix: Buffer.from(`{"op":"event","channel":${JSON.stringify(channel)},"cursor":"`) };
}

/** One event in its channel, framed once for everybody around the bytes that the studio sent. */
export class ChannelEvent implements JournalEntry {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  /** The place among the events of all channels. */
  readonly order: number;
  readonly #frame: Buffer;

  constructor(head: EventHead, place: Cursor, order: number, receivedAt: number, bytes: Buffer) {
    this.channel = head.channel;
    this.epoch = place.epoch;
    this.seq = place.seq;
    this.order = order;
    const middle = Buffer.from(`${formatCursor(place)}","receivedAt":${receivedAt},"event":`, 'latin1');
    this.#frame = textFrame([head.prefix, middle, bytes, END]);
  }

  /** Bytes held in memory, about. */
  get size(): number {
    return this.#frame.length + OVERHEAD_BYTES;
  }

  /** The whole message, `{"op":"event",…}`. */
  get message(): Buffer {
    return this.#frame.subarray(textStart(this.#frame));
  }

  /** For WebSocket clients the bytes that are kept; for others they are made anew, and are the caller's to share. */
  framed(format: Format): Buffer {
    if (format === 'websocket') return this.#frame;
    const id = tellsState(this.channel) ? undefined : formatCursor(this);
    return sseFrame(this.channel === '$gateway/upstream' ? 'upstream' : 'event', id, this.message);
  }
}
