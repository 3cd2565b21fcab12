import { Queue } from './queue.js';
import type { GapEvent, StudioEvent } from './types.js';

/** Events as they are taken, one by one. What is dropped is told when the next one is taken, and at the end. */
export class EventIterator implements AsyncIterableIterator<StudioEvent, undefined> {
  /** Ends what pushes; called once, at the end. */
  onEnd: () => void = () => undefined;
  readonly #queue: Queue<StudioEvent>;
  readonly #onGap: (gap: GapEvent) => void;
  /** By channel. */
  readonly #dropped = new Map<string, GapEvent>();
  #error: Error | undefined;

  constructor(buffer: number, onGap: (gap: GapEvent) => void) {
    this.#onGap = onGap;
    this.#queue = new Queue(buffer, { onDrop: (event) => this.#drop(event) });
  }

  push(event: StudioEvent): void {
    this.#queue.put(event);
  }

  /** What is there can still be taken; then it ends, or throws. */
  fail(error: Error | undefined): void {
    this.#error = error;
    this.#queue.close();
    this.onEnd();
  }

  async next(): Promise<IteratorResult<StudioEvent, undefined>> {
    this.#tell();
    const event = await this.#queue.get();
    if (event !== undefined) return { done: false, value: event };
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<StudioEvent, undefined>> {
    this.onEnd();
    this.#queue.clear();
    this.#queue.close();
    this.#tell();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #drop({ channel, cursor }: StudioEvent): void {
    const from = this.#dropped.get(channel)?.from ?? cursor;
    this.#dropped.set(channel, { channel, from, to: cursor, cause: 'slow-client' });
  }

  #tell(): void {
    const gaps = [...this.#dropped.values()];
    this.#dropped.clear();
    for (const gap of gaps) this.#onGap(gap);
  }
}
