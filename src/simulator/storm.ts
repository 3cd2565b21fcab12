import type { Clock } from './clock.js';

const TICK_MS = 10;

/**
 * Publishes `perSecond` numbered events per second, a batch per tick. The batch size follows from the elapsed time, so
 * that a late tick loses no event.
 */
export class Storm {
  readonly #perSecond: number;
  readonly #publish: (count: number) => void;
  #startedAt = 0;
  #count = 0;

  constructor(perSecond: number, publish: (count: number) => void) {
    this.#perSecond = perSecond;
    this.#publish = publish;
  }

  /** Runs until the clock stops. */
  start(clock: Clock): void {
    this.#startedAt = performance.now();
    clock.every(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) * this.#perSecond) / 1000);
    while (this.#count < due) this.#publish(++this.#count);
  }
}
