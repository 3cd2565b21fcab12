import { formatCursor } from '../wire/cursor.js';
import type { Cursor } from '../wire/cursor.js';
import type { JournalEntry } from './journal.js';

const END = Buffer.from('}');
/** Bytes that an event holds beside its message, roughly. */
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

/** One event in its channel: its message, made once around the bytes that the source sent. */
export class ChannelEvent implements JournalEntry {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  /** The place among the events of all channels. */
  readonly order: number;
  /** The whole message, `{"op":"event",…}`. */
  readonly message: Buffer;
  readonly #prefixLength: number;

  constructor({ channel, prefix }: EventHead, { epoch, seq }: Cursor, order: number, message: Buffer) {
    this.channel = channel;
    this.epoch = epoch;
    this.seq = seq;
    this.order = order;
    this.message = message;
    this.#prefixLength = prefix.length;
  }

  static of(head: EventHead, place: Cursor, order: number, receivedAt: number, event: Buffer): ChannelEvent {
    const middle = `${formatCursor(place)}","receivedAt":${receivedAt},"event":`;
    const at = head.prefix.length;
    const message = Buffer.allocUnsafe(at + middle.length + event.length + 1);
    message.set(head.prefix);
    message.write(middle, at, 'latin1');
    message.set(event, at + middle.length);
    message.set(END, message.length - 1);
    return new ChannelEvent(head, place, order, message);
  }

  /** The same event, its channel by another name; this one where it has that name. */
  as(head: EventHead): ChannelEvent {
    if (head.channel === this.channel) return this;
    const message = Buffer.concat([head.prefix, this.message.subarray(this.#prefixLength)]);
    return new ChannelEvent(head, this, this.order, message);
  }

  /** Bytes held in memory, roughly. */
  get size(): number {
    return this.message.length + OVERHEAD_BYTES;
  }
}
