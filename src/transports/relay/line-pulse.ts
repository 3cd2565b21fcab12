import type { Http2Session } from 'node:http2';
import { DEAD_MS, PING_MS } from './line-protocol.js';

export interface PulseTimes {
  readonly pingMs: number;
  readonly deadMs: number;
}

export interface PulseOptions extends Partial<PulseTimes> {
  readonly onRtt?: (ms: number) => void;
  /** Nothing came for `deadMs`: the line is destroyed by whoever owns it. */
  readonly onDead: () => void;
  /** Bytes received so far: what arrives is a sign of life, too. */
  readonly receivedBytes: () => number;
}

/** Pings the other side of a line, and finds one that is silent. */
export class LinePulse {
  readonly #session: Http2Session;
  readonly #options: PulseOptions;
  readonly #deadMs: number;
  readonly #interval: NodeJS.Timeout;
  #deadline: NodeJS.Timeout | undefined;
  #received = 0;
  #hasEnded = false;

  constructor(session: Http2Session, options: PulseOptions) {
    this.#session = session;
    this.#options = options;
    this.#deadMs = options.deadMs ?? DEAD_MS;
    this.#interval = setInterval(() => this.#ping(), options.pingMs ?? PING_MS);
    this.#wait(this.#deadMs);
    this.#ping();
  }

  end(): void {
    this.#hasEnded = true;
    clearInterval(this.#interval);
    clearTimeout(this.#deadline);
  }

  #ping(): void {
    if (this.#session.destroyed) return;
    // False when too many are unanswered: the deadline is then on its way.
    this.#session.ping((error, durationMs) => {
      if (error !== null || this.#hasEnded) return;
      this.#wait(this.#deadMs);
      this.#options.onRtt?.(durationMs);
    });
  }

  #wait(milliseconds: number): void {
    clearTimeout(this.#deadline);
    this.#received = this.#options.receivedBytes();
    this.#deadline = setTimeout(() => {
      if (this.#options.receivedBytes() > this.#received) this.#wait(this.#deadMs);
      else this.#options.onDead();
    }, milliseconds);
  }
}
