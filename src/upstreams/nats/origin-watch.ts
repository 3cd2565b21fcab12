/** Whether a studio's origin is there: asked every second, by the question that a second origin asks, too. */
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsLink } from './nats-link.js';
import { isSettledClaim, isTimeout, isUnheard } from './origin-owner.js';
import { ownerSubject } from './subjects.js';

export interface OriginWatchOptions {
  readonly studio: string;
  readonly link: NatsLink;
  readonly onChange: () => void;
}

const ASK_MS = 1000;
/** Milliseconds in which an origin answers, unless its machine has lost power or it stands still. */
const TIMEOUT_MS = 2000;

export class OriginWatch {
  readonly #options: OriginWatchOptions;
  /** Undefined while nobody knows. */
  #isPresent: boolean | undefined;
  #isSilent = false;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(options: OriginWatchOptions) {
    this.#options = options;
  }

  get isPresent(): boolean | undefined {
    return this.#isPresent;
  }

  /** It is subscribed and did not answer: what is sent to it now may run when nobody expects it any more. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  start(): void {
    this.#timer = setInterval(() => this.poll(), ASK_MS);
    this.#options.link.follow({ onUp: () => this.poll(), onDown: () => this.#set(undefined) });
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  poll(): void {
    const { connection } = this.#options.link;
    if (connection === undefined || this.#isAsking) return;
    this.#isAsking = true;
    void this.#ask(connection).finally(() => (this.#isAsking = false));
  }

  async #ask(connection: NatsConnection): Promise<void> {
    try {
      const options = { timeout: TIMEOUT_MS };
      const answer = await connection.request(ownerSubject(this.#options.studio), '', options);
      this.#isSilent = false;
      this.#set(isSettledClaim(answer));
    } catch (error) {
      this.#isSilent = isTimeout(error);
      // Where the line is broken, nothing is known of the origin.
      if (this.#options.link.connection === connection)
        this.#set(isUnheard(error) || isTimeout(error) ? false : undefined);
    }
  }

  #set(isPresent: boolean | undefined): void {
    if (isPresent === this.#isPresent) return;
    this.#isPresent = isPresent;
    this.#options.onChange();
  }
}
