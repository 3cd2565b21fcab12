import type { RateLimiterMemory } from 'rate-limiter-flexible';
import { GatewayError } from '../errors/errors.js';
import { load } from '../util/load.js';

/** So much in so long, for each client. */
export class RateLimit {
  readonly #count: number;
  readonly #seconds: number;
  readonly #what: string;
  #made: RateLimiterMemory | undefined;

  /** `count` 0 is no limit; `what` is told to who is over it. */
  constructor(count: number, seconds: number, what: string) {
    this.#count = count;
    this.#seconds = seconds;
    this.#what = what;
  }

  get isOn(): boolean {
    return this.#count > 0;
  }

  /** @throws GatewayError `Too many requests` */
  async take(client: string): Promise<void> {
    if (!this.isOn) return;
    try {
      await this.#limiter.consume(client);
    } catch (error) {
      if (!(error instanceof load('rate-limiter-flexible').RateLimiterRes)) throw error;
      const retryAfter = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      throw new GatewayError('Too many requests', this.#what, { outcome: 'not-sent', retryAfter });
    }
  }

  get #limiter(): RateLimiterMemory {
    return (this.#made ??= new (load('rate-limiter-flexible').RateLimiterMemory)({
      points: this.#count,
      duration: this.#seconds,
    }));
  }
}
