export interface QueueOptions<T> {
  /** Hears what is dropped. */
  readonly onDrop?: (item: T) => void;
}

/**
 * What some put and others wait for, in order. It holds `limit` items at most: one more drops the oldest, since
 * what a person does now matters more than what they did. `put` is bound: `keyboard.subscribe(queue.put)`.
 */
export class Queue<T> implements AsyncIterable<T> {
  readonly #limit: number;
  readonly #onDrop: ((item: T) => void) | undefined;
  readonly #items: T[] = [];
  readonly #takers: ((item: T | undefined) => void)[] = [];
  #isClosed = false;

  /** @throws RangeError when `limit` is not 1 or more */
  constructor(limit = 1000, { onDrop }: QueueOptions<T> = {}) {
    if (!(limit >= 1)) throw new RangeError(`a queue of ${limit} items cannot hold any`);
    this.#limit = limit;
    this.#onDrop = onDrop;
  }

  /** Items that wait. */
  get size(): number {
    return this.#items.length;
  }

  /** A closed one takes nothing. */
  readonly put = (item: T): void => {
    if (this.#isClosed) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker(item);
    if (this.#items.length >= this.#limit) {
      const oldest = this.#items.shift() as T;
      this.#onDrop?.(oldest);
    }
    this.#items.push(item);
  };

  /** The oldest item, as soon as there is one; undefined when it is closed and empty. */
  get(): Promise<T | undefined> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift());
    if (this.#isClosed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Forgets what waits. */
  clear(): void {
    this.#items.length = 0;
  }

  /** Nothing more comes in; what waits can still be taken. */
  close(): void {
    this.#isClosed = true;
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  /** Takes until it is closed and empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (let item = await this.get(); item !== undefined; item = await this.get()) yield item;
  }
}
