/** One origin a studio: who is asked for its name answers, and who comes second gives way. */
import { hostname } from 'node:os';
import type { NatsConnection, Subscription } from '@nats-io/transport-node';
import { z } from 'zod';
import { ownerSubject } from './subjects.js';

const claim = z.object({
  studio: z.string(),
  /** Tells one process from another. */
  instance: z.string(),
  /** What the gateway is called at NATS. */
  gateway: z.string(),
  host: z.string(),
  pid: z.int(),
  /** Where it listens for HTTP; null before it does. */
  listen: z.string().nullable(),
  /** Milliseconds since 1970. */
  since: z.number(),
  /** False while it still asks whether there is another. */
  isSettled: z.boolean(),
});
export type Claim = z.output<typeof claim>;

/** Milliseconds in which another origin has to answer. */
const ASK_MS = 400;

export interface OriginOwnerOptions {
  readonly studio: string;
  readonly instance: string;
  readonly gateway: string;
  readonly listen: () => string | null;
}

export class OriginOwner {
  readonly #options: OriginOwnerOptions;
  readonly #since = Date.now();
  #isSettled = false;
  #subscription: Subscription | undefined;

  constructor(options: OriginOwnerOptions) {
    this.#options = options;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Answers who asks, and asks itself. The claim of another origin that was first; undefined when this is the one. */
  async claim(connection: NatsConnection): Promise<Claim | undefined> {
    this.release();
    this.#subscription = connection.subscribe(ownerSubject(this.#options.studio), {
      callback: (error, message) => {
        if (error === null) message.respond(JSON.stringify(this.#own));
      },
    });
    // The server has the subscription before it has the question: of two that ask at once, one hears of the other.
    const other = await this.findOther(connection);
    if (other === undefined) this.#isSettled = true;
    else this.release();
    return other;
  }

  /** Another origin that has the older right to the name. */
  async findOther(connection: NatsConnection): Promise<Claim | undefined> {
    const found: Claim[] = [];
    try {
      const options = { strategy: 'timer', maxWait: ASK_MS, noMux: true } as const;
      const answers = await connection.requestMany(ownerSubject(this.#options.studio), '', options);
      for await (const message of answers) {
        const other = claim.safeParse(parse(message.string())).data;
        if (other !== undefined && other.instance !== this.#options.instance) found.push(other);
      }
    } catch (error) {
      if (!isUnheard(error)) throw error;
    }
    return found.find((other) => this.#yieldsTo(other));
  }

  release(): void {
    this.#isSettled = false;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /** Who is settled stays. Of two that are, or are not, the first one; the clocks of two machines may differ. */
  #yieldsTo(other: Claim): boolean {
    if (other.isSettled !== this.#isSettled) return other.isSettled;
    if (other.since !== this.#since) return other.since < this.#since;
    return other.instance < this.#options.instance;
  }

  get #own(): Claim {
    const { studio, instance, gateway, listen } = this.#options;
    return {
      studio,
      instance,
      gateway,
      host: hostname(),
      pid: process.pid,
      listen: listen(),
      since: this.#since,
      isSettled: this.#isSettled,
    };
  }
}

/** For people. */
export function describeClaim({ studio, gateway, host, pid, listen, since }: Claim): string {
  const where = listen === null ? '' : `, listening on ${listen}`;
  return `the studio "${studio}" has an origin already: ${gateway} on ${host} (process ${pid})${where}, since ${new Date(since).toISOString()}`;
}

/** Nobody is subscribed to what was asked. */
export function isUnheard(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'NoResponders' || isUnheard(error.cause);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
