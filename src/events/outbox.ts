import type { ChannelEvent, Format } from './channel-event.js';
import { formatCursor } from './journal.js';
import type { Gap } from './journal.js';

interface QueuedEvent {
  readonly order: number;
  /** A newer one takes its place where only the newest is wanted. */
  event: ChannelEvent;
}

interface QueuedControl {
  readonly order: number;
  readonly frame: Buffer;
}

/** A first-in, first-out queue that takes from its front at no cost. */
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
}

/**
 * What waits for one client, in order. Controls are never dropped; events are, oldest first, and every drop is
 * remembered as a gap of its channel until it has been told. An event that only matters while it is the newest
 * takes the place of its forerunner, which is no gap.
 */
export class Outbox {
  readonly #events = new Fifo<QueuedEvent>();
  readonly #controls = new Fifo<QueuedControl>();
  readonly #gaps = new Map<string, Gap>();
  /** The one event that waits in each channel of which only the newest is wanted. */
  readonly #newest = new Map<string, QueuedEvent>();
  #order = 0;
  #bytes = 0;

  /** Bytes of events and controls; an event's are those of its WebSocket frame. */
  get bytes(): number {
    return this.#bytes;
  }

  get isEmpty(): boolean {
    return this.#events.first === undefined && this.#controls.first === undefined && this.#gaps.size === 0;
  }

  pushControl(frame: Buffer): void {
    this.#bytes += frame.length;
    this.#controls.push({ order: this.#order++, frame });
  }

  pushEvent(event: ChannelEvent, onlyNewest: boolean): void {
    this.#bytes += event.size;
    const waiting = onlyNewest ? this.#newest.get(event.channel) : undefined;
    if (waiting !== undefined) {
      this.#bytes -= waiting.event.size;
      waiting.event = event;
      return;
    }
    const queued: QueuedEvent = { order: this.#order++, event };
    this.#events.push(queued);
    if (onlyNewest) this.#newest.set(event.channel, queued);
  }

  /** False when there is no event left to drop. */
  dropOldest(): boolean {
    const oldest = this.#shiftEvent();
    if (oldest !== undefined) this.#remember(oldest);
    return oldest !== undefined;
  }

  /** What was dropped and not yet told: one gap a channel. Everything that waits of the channel comes after it. */
  takeGaps(): ({ channel: string } & Gap)[] {
    const gaps = Array.from(this.#gaps, ([channel, gap]) => ({ channel, ...gap }));
    this.#gaps.clear();
    return gaps;
  }

  /** The next frames in order, `maxBytes` of them or one. */
  take(maxBytes: number, format: Format): Buffer[] {
    const batch: Buffer[] = [];
    for (let bytes = 0; bytes < maxBytes;) {
      const frame = this.#takeOne(format);
      if (frame === undefined) break;
      batch.push(frame);
      bytes += frame.length;
    }
    return batch;
  }

  #takeOne(format: Format): Buffer | undefined {
    const control = this.#controls.first;
    const event = this.#events.first;
    if (control === undefined || (event !== undefined && event.order < control.order)) {
      return this.#shiftEvent()?.framed(format);
    }
    this.#controls.shift();
    this.#bytes -= control.frame.length;
    return control.frame;
  }

  #shiftEvent(): ChannelEvent | undefined {
    const queued = this.#events.shift();
    if (queued === undefined) return undefined;
    this.#bytes -= queued.event.size;
    if (this.#newest.get(queued.event.channel) === queued) this.#newest.delete(queued.event.channel);
    return queued.event;
  }

  #remember(event: ChannelEvent): void {
    const known = this.#gaps.get(event.channel);
    const place = formatCursor(event);
    this.#gaps.set(event.channel, { from: known?.from ?? place, to: place, cause: 'slow-client' });
  }
}
