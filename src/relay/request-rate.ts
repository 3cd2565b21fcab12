import { GatewayError } from '../errors/errors.js';

const WINDOW_MS = 1000;

/** Requests of each address in the running second. It forgets them all when the second is over. */
export class RequestRate {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();
  #startedAt = 0;

  /** `limit` 0 is no limit. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws GatewayError `Too many requests` */
  take(address: string, now: number = performance.now()): void {
    if (this.#limit === 0) return;
    if (now - this.#startedAt >= WINDOW_MS) {
      this.#counts.clear();
      this.#startedAt = now;
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    if (count > this.#limit)
      throw new GatewayError('Too many requests', `More than ${this.#limit} requests in a second.`, {
        outcome: 'not-sent',
        retryAfter: 1,
      });
  }
}

/** Connections of each address that are open. */
export class OpenCounts {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** @throws GatewayError `Too many requests`; otherwise `leave` is called once */
  enter(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    if (count >= this.#limit)
      throw new GatewayError('Too many requests', `${this.#limit} connections from one address are open.`, {
        outcome: 'not-sent',
        retryAfter: 1,
      });
    this.#counts.set(address, count + 1);
  }

  leave(address: string): void {
    const count = this.#counts.get(address) ?? 0;
    if (count > 1) this.#counts.set(address, count - 1);
    else this.#counts.delete(address);
  }
}
