import { GatewayError } from '../../errors/errors.js';

/** A connection ended because the studio is silent on it: the next one may be accepted by its system alone. */
export class SilenceError extends Error {}

export interface SilenceProbeOptions {
  /** Milliseconds without a byte after which the studio is asked for a sign of life. */
  readonly silenceMs: number;
  /** `performance.now()` at which a byte was last heard. */
  readonly heardAt: () => number;
  /** Asks the studio anything; a refusal is a sign of life, a `Timeout` is none. */
  readonly ask: () => Promise<unknown>;
  readonly onAlive: () => void;
  /** Neither an answer nor anything else came. */
  readonly onSilent: () => void;
}

/**
 * Finds a studio that stopped without ending its connection: a frozen process, a dropped route. On a connection for
 * events silence is no sign of it, as nothing may happen for hours.
 */
export class SilenceProbe {
  readonly #options: SilenceProbeOptions;
  #timer: NodeJS.Timeout | undefined;
  /** Of the connection that is watched; what is asked on an earlier one means nothing. */
  #watch = 0;

  constructor(options: SilenceProbeOptions) {
    this.#options = options;
  }

  /** Watches a connection that came up; `isDoubted` asks at once. */
  start(isDoubted: boolean): void {
    this.stop();
    if (isDoubted) void this.#probe();
    else this.#schedule();
  }

  stop(): void {
    this.#watch += 1;
    clearTimeout(this.#timer);
  }

  #schedule(): void {
    const leftMs = this.#options.silenceMs - (performance.now() - this.#options.heardAt());
    // A connection that is too busy to be probed is looked at again after the whole time.
    this.#timer = setTimeout(() => this.#onTimer(), leftMs > 0 ? Math.ceil(leftMs) : this.#options.silenceMs);
  }

  #onTimer(): void {
    const silentMs = performance.now() - this.#options.heardAt();
    if (silentMs < this.#options.silenceMs) this.#schedule();
    else void this.#probe();
  }

  async #probe(): Promise<void> {
    const watch = this.#watch;
    const askedAt = performance.now();
    const error: unknown = await this.#options.ask().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (watch !== this.#watch) return;
    const isLate = error instanceof GatewayError && error.code === 'Timeout';
    if (isLate && this.#options.heardAt() < askedAt) return this.#options.onSilent();
    this.#options.onAlive();
    this.#schedule();
  }
}
