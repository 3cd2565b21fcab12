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
  /** Bytes of the message before the cursor. */
  readonly prefixLength: number;

  constructor(head: EventHead, place: Cursor, order: number, receivedAt: number, event: Buffer) {
    this.channel = head.channel;
    this.epoch = place.epoch;
    this.seq = place.seq;
    this.order = order;
    const middle = `${formatCursor(place)}","receivedAt":${receivedAt},"event":`;
    const at = head.prefix.length;
    const message = Buffer.allocUnsafe(at + middle.length + event.length + 1);
    message.set(head.prefix);
    message.write(middle, at, 'latin1');
    message.set(event, at + middle.length);
    message.set(END, message.length - 1);
    this.message = message;
    this.prefixLength = at;
  }

  /** The same event, its channel by another name; this one where it has that name. */
  as(head: EventHead): ChannelEvent {
    return head.channel === this.channel ? this : new RenamedEvent(this, head);
  }

  /** Bytes held in memory, roughly. */
  get size(): number {
    return this.message.length + OVERHEAD_BYTES;
  }
}

/** It is made for those who listen, and not kept. */
class RenamedEvent implements ChannelEvent {
  readonly channel: string;
  readonly epoch: string;
  readonly seq: number;
  readonly order: number;
  readonly message: Buffer;
  readonly prefixLength: number;
  readonly size: number;
  readonly #origin: ChannelEvent;

  constructor(origin: ChannelEvent, { channel, prefix }: EventHead) {
    this.channel = channel;
    this.epoch = origin.epoch;
    this.seq = origin.seq;
    this.order = origin.order;
    this.message = Buffer.concat([prefix, origin.message.subarray(origin.prefixLength)]);
    this.prefixLength = prefix.length;
    this.size = this.message.length + OVERHEAD_BYTES;
    this.#origin = origin;
  }

  as(head: EventHead): ChannelEvent {
    return head.channel === this.channel ? this : this.#origin.as(head);
  }
}
