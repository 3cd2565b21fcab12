/** One origin a studio: who is asked for its name answers, and who comes second gives way. */
import { hostname } from 'node:os';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { z } from 'zod';
import { mayAnswer } from './reply-subject.js';
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
/**
 * Milliseconds that a confirmed name stays this origin's. One that stood still for longer must not run what came
 * meanwhile: so long does another one that hears nothing of it wait before it takes the name over.
 */
const LEASE_MS = 3000;

export interface OriginOwnerOptions {
  readonly studio: string;
  readonly instance: string;
  readonly gateway: string;
  readonly listen: () => string | null;
}

/** What one round of asking brought. */
interface Round {
  readonly others: readonly Claim[];
  /** The hub passed on the question and this origin's own answer: who said nothing is not there. */
  readonly isValid: boolean;
}

/**
 * Who owns a studio's name. All origins of one name answer one question; each asks it and hears the others.
 *
 *   free --claim--> asking --a round without others--> settled --confirmed again and again
 *     ^---- another one is settled, or first ----'         '---- so does it, when two met after a partition
 */
export class OriginOwner {
  readonly #options: OriginOwnerOptions;
  readonly #since = Date.now();
  #isSettled = false;
  /** Milliseconds since 1970, for a clock that stops while the machine sleeps would not notice. */
  #confirmedAt = 0;
  #subscription: Subscription | undefined;
  /** A later claim makes those before void. */
  #turn = 0;

  constructor(options: OriginOwnerOptions) {
    this.#options = options;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Whether the name was this origin's a moment ago, so that nobody else can have it yet. */
  get isConfirmed(): boolean {
    const age = Date.now() - this.#confirmedAt;
    return this.#isSettled && age >= 0 && age < LEASE_MS;
  }

  /** Answers who asks, and asks itself. The claim of another origin that was first; undefined when this is the one. */
  async claim(connection: NatsConnection): Promise<Claim | undefined> {
    this.release();
    const turn = this.#turn;
    const found = await this.#askBefore(connection);
    if (typeof found === 'object' && found.isSettled) return found;
    if (turn !== this.#turn) return undefined;
    this.#answer(connection);
    const silenceMs = found === 'nobody' ? 0 : LEASE_MS;
    for (let silentSince = Date.now(); turn === this.#turn;) {
      const askedAt = Date.now();
      const { others, isValid } = await this.#ask(connection);
      if (turn !== this.#turn) return undefined;
      const other = others.find((each) => this.#yieldsTo(each));
      if (other !== undefined) {
        this.release();
        return other;
      }
      // Another one that claims the name gives way when it hears of this one.
      if (!isValid || others.length > 0) silentSince = Date.now();
      else if (Date.now() - silentSince >= silenceMs) {
        this.#isSettled = true;
        this.#confirmedAt = askedAt;
        return undefined;
      }
    }
    return undefined;
  }

  /** Asks again whether the name is still this origin's. The claim of another one that has the older right to it. */
  async confirm(connection: NatsConnection): Promise<Claim | undefined> {
    const turn = this.#turn;
    const askedAt = Date.now();
    const { others, isValid } = await this.#ask(connection);
    if (turn !== this.#turn) return undefined;
    const settled = others.filter((each) => each.isSettled);
    if (isValid && settled.length === 0) this.#confirmedAt = askedAt;
    return settled.find((each) => this.#yieldsTo(each));
  }

  release(): void {
    this.#turn += 1;
    this.#isSettled = false;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  #answer(connection: NatsConnection): void {
    this.#subscription = connection.subscribe(ownerSubject(this.#options.studio), {
      callback: (error, message) => {
        if (error === null && mayAnswer(message)) message.respond(JSON.stringify(this.#own));
      },
    });
  }

  /** Before this origin answers itself: a claim; `silence` of one that is cut off or stands still; or nobody is there. */
  async #askBefore(connection: NatsConnection): Promise<Claim | 'nobody' | 'silence'> {
    try {
      const answer = await connection.request(ownerSubject(this.#options.studio), '', { timeout: ASK_MS });
      return this.#otherIn(answer) ?? 'silence';
    } catch (error) {
      if (isUnheard(error)) return 'nobody';
      if (isTimeout(error)) return 'silence';
      throw error;
    }
  }

  async #ask(connection: NatsConnection): Promise<Round> {
    const others: Claim[] = [];
    let isValid = false;
    try {
      const options = { strategy: 'timer', maxWait: ASK_MS, noMux: true } as const;
      const answers = await connection.requestMany(ownerSubject(this.#options.studio), '', options);
      for await (const message of answers) {
        const found = claim.safeParse(parse(message.string())).data;
        if (found?.instance === this.#options.instance) isValid = true;
        else if (found !== undefined) others.push(found);
      }
    } catch (error) {
      if (!isUnheard(error)) throw error;
    }
    return { others, isValid };
  }

  #otherIn(message: Msg): Claim | undefined {
    const found = claim.safeParse(parse(message.string())).data;
    return found?.instance === this.#options.instance ? undefined : found;
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

/** False for an origin that does not know yet whether the name is its own: it runs no commands. */
export function isSettledClaim(answer: Pick<Msg, 'string'>): boolean {
  return claim.safeParse(parse(answer.string())).data?.isSettled !== false;
}

/** Nobody is subscribed to what was asked. */
export function isUnheard(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'NoResponders' || isUnheard(error.cause);
}

/** Somebody is subscribed, and did not answer in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || isTimeout(error.cause));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
