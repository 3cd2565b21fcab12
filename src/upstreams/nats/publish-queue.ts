import type { ChannelEvent } from '../../events/channel-event.js';

/** Something to publish: an event, or what is told of the studio, with the places of its channels at that point. */
export type Publication =
  | { readonly kind: 'event'; readonly event: ChannelEvent }
  | { readonly kind: 'meta'; readonly cursors: Readonly<Record<string, string>> };

/** Events that wait at most. History has the others, from which the queue is filled anew. */
const MAX_EVENTS = 50_000;
const MAX_BYTES = 128 * 1024 * 1024;

/** What waits to be published, in order. Its events are those of history as long as that keeps them. */
export class PublishQueue {
  #items: Publication[] = [];
  #start = 0;
  #bytes = 0;

  get length(): number {
    return this.#items.length - this.#start;
  }

  get isFull(): boolean {
    return this.length >= MAX_EVENTS || this.#bytes >= MAX_BYTES;
  }

  push(item: Publication): void {
    this.#items.push(item);
    this.#bytes += sizeOf(item);
  }

  /** The next one stays until `shift`. */
  get first(): Publication | undefined {
    return this.#items[this.#start];
  }

  shift(): void {
    const item = this.#items[this.#start];
    if (item === undefined) return;
    this.#bytes -= sizeOf(item);
    this.#start += 1;
    if (this.#start < 1024 || this.#start * 2 < this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  clear(): void {
    this.#items = [];
    this.#start = 0;
    this.#bytes = 0;
  }
}

function sizeOf(item: Publication): number {
  return item.kind === 'event' ? item.event.size : 0;
}
