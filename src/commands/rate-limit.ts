import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { GatewayError } from '../errors/errors.js';

/** So much in so long, for each client. */
export class RateLimit {
  readonly #limiter: RateLimiterMemory | undefined;
  readonly #what: string;

  /** `count` 0 is no limit; `what` is told to who is over it. */
  constructor(count: number, seconds: number, what: string) {
    this.#limiter = count === 0 ? undefined : new RateLimiterMemory({ points: count, duration: seconds });
    this.#what = what;
  }

  get isOn(): boolean {
    return this.#limiter !== undefined;
  }

  /** @throws GatewayError `Too many requests` */
  async take(client: string): Promise<void> {
    try {
      await this.#limiter?.consume(client);
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error;
      const retryAfter = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      throw new GatewayError('Too many requests', this.#what, { outcome: 'not-sent', retryAfter });
    }
  }
}
