import type { ChannelEvent } from '../../events/channel-event.js';
import type { Framing, Sink } from '../../events/delivery.js';
import { Subscriber } from '../../events/subscriber.js';

export interface PublishedEvents {
  onEvents(events: readonly ChannelEvent[]): void;
  /** A channel has begun a new epoch. */
  onGap(channel: string): void;
}

/** Events are taken as they are: nothing is framed. */
const NO_FRAMING: Framing = {
  name: 'nats',
  event: ({ message }) => message,
  message: () => Buffer.alloc(0),
  answer: () => Buffer.alloc(0),
  batch: (frames) => frames,
};
const NO_SINK: Sink = {
  framing: NO_FRAMING,
  isFree: true,
  pendingBytes: 0,
  write: () => undefined,
  corkUntilNextTick: () => undefined,
  close: () => undefined,
};

/** A client of the hub that takes every event of one studio at once: what waits, waits in a queue that history refills. */
export class PublishingSubscriber extends Subscriber {
  readonly #target: PublishedEvents;

  constructor(studio: string, target: PublishedEvents) {
    super(NO_SINK, { maxBytes: 0 }, { studio, isOfStudio: true, studios: [studio] });
    this.#target = target;
  }

  override deliver(events: readonly ChannelEvent[]): void {
    if (!this.ended) this.#target.onEvents(events);
  }

  override tellGap(channel: string): void {
    if (!this.ended) this.#target.onGap(channel);
  }

  override tell(): void {
    return undefined; // a refusal of one channel; the others go on
  }
}
