import type { Clock } from './clock.js';

const TICK_MS = 10;

/**
 * Publishes `perSecond` numbered events a second: a batch each tick, as many as the time since the start
 * asks for, so that late ticks lose nothing.
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

  /** Ends with the clock. */
  start(clock: Clock): void {
    this.#startedAt = performance.now();
    clock.every(TICK_MS, () => this.#tick());
  }

  #tick(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) * this.#perSecond) / 1000);
    while (this.#count < due) this.#publish(++this.#count);
  }
}
