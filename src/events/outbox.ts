import type { ChannelEvent } from './channel-event.js';
import type { Framing } from './delivery.js';
import { formatCursor } from '../wire/cursor.js';
import type { Gap } from '../wire/gap.js';

interface QueuedEvent {
  readonly order: number;
  /** undefined when a newer one has come and only the newest is wanted. */
  event: ChannelEvent | undefined;
}

interface QueuedControl {
  readonly order: number;
  readonly frame: Buffer;
}

/** Places in the queue that may stand empty. */
const MAX_EMPTY = 1024;

/** A first-in, first-out queue whose `shift` takes constant time. */
class Fifo<T> {
  #items: (T | undefined)[] = [];
  #start = 0;

  get first(): T | undefined {
    return this.#items[this.#start];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#start];
    if (item === undefined) return undefined;
    this.#items[this.#start] = undefined;
    this.#start += 1;
    if (this.#start > 1024 && this.#start * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#start);
      this.#start = 0;
    }
    return item;
  }

  keep(isKept: (item: T) => boolean): void {
    this.#items = this.#items.filter((item) => item !== undefined && isKept(item));
    this.#start = 0;
  }
}

/**
 * What waits for one client, in order. Controls are never dropped; events are, oldest first, and every drop is
 * kept as a gap of its channel until the gap has been sent. An event that only matters while it is the newest
 * is replaced by the next one of its channel, which is no gap.
 */
export class Outbox {
  readonly #events = new Fifo<QueuedEvent>();
  readonly #controls = new Fifo<QueuedControl>();
  readonly #gaps = new Map<string, Gap>();
  /** The one event that waits in each channel of which only the newest is wanted. */
  readonly #newest = new Map<string, QueuedEvent>();
  /** Queued places whose event has gone. */
  #empty = 0;
  #waiting = 0;
  #order = 0;
  #bytes = 0;

  /** Bytes of the events and controls that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Events that wait. */
  get eventCount(): number {
    return this.#waiting;
  }

  get isEmpty(): boolean {
    return this.#firstEvent() === undefined && this.#controls.first === undefined && this.#gaps.size === 0;
  }

  pushControl(frame: Buffer): void {
    this.#bytes += frame.length;
    this.#controls.push({ order: this.#order++, frame });
  }

  pushEvent(event: ChannelEvent, onlyNewest: boolean): void {
    const forerunner = this.#newest.get(event.channel);
    if (onlyNewest && forerunner !== undefined) this.#vacate(forerunner);
    const queued: QueuedEvent = { order: this.#order++, event };
    this.#bytes += event.size;
    this.#waiting += 1;
    this.#events.push(queued);
    if (onlyNewest) this.#newest.set(event.channel, queued);
    else this.#newest.delete(event.channel);
  }

  /** False when there is no event left to drop. */
  dropOldest(): boolean {
    const oldest = this.#shiftEvent();
    if (oldest !== undefined) this.#remember(oldest);
    return oldest !== undefined;
  }

  /** The gaps not yet sent, one a channel. Every waiting event of the channel comes after its gap. */
  takeGaps(): ({ channel: string } & Gap)[] {
    const gaps = Array.from(this.#gaps, ([channel, gap]) => ({ channel, ...gap }));
    this.#gaps.clear();
    return gaps;
  }

  /** The next frames in order, `maxBytes` of them or one. */
  take(maxBytes: number, framing: Framing): Buffer[] {
    const batch: Buffer[] = [];
    for (let bytes = 0; bytes < maxBytes;) {
      const frame = this.#takeOne(framing);
      if (frame === undefined) break;
      batch.push(frame);
      bytes += frame.length;
    }
    return batch;
  }

  #takeOne(framing: Framing): Buffer | undefined {
    const control = this.#controls.first;
    const event = this.#firstEvent();
    if (control === undefined || (event !== undefined && event.order < control.order)) {
      const next = this.#shiftEvent();
      return next && framing.event(next);
    }
    this.#controls.shift();
    this.#bytes -= control.frame.length;
    return control.frame;
  }

  /** Leaves the place empty: the newer event takes its own place, so that it overtakes nothing. */
  #vacate(queued: QueuedEvent): void {
    this.#bytes -= queued.event?.size ?? 0;
    queued.event = undefined;
    this.#waiting -= 1;
    this.#empty += 1;
    if (this.#empty <= MAX_EMPTY) return;
    this.#events.keep(({ event }) => event !== undefined);
    this.#empty = 0;
  }

  #firstEvent(): QueuedEvent | undefined {
    while (this.#events.first !== undefined && this.#events.first.event === undefined) {
      this.#events.shift();
      this.#empty -= 1;
    }
    return this.#events.first;
  }

  #shiftEvent(): ChannelEvent | undefined {
    const event = this.#firstEvent()?.event;
    if (event === undefined) return undefined;
    const queued = this.#events.shift();
    this.#bytes -= event.size;
    this.#waiting -= 1;
    if (this.#newest.get(event.channel) === queued) this.#newest.delete(event.channel);
    return event;
  }

  #remember(event: ChannelEvent): void {
    const known = this.#gaps.get(event.channel);
    const place = formatCursor(event);
    this.#gaps.set(event.channel, { from: known?.from ?? place, to: place, cause: 'slow-client' });
  }
}
