import { randomBytes } from 'node:crypto';
import { GatewayError } from '../errors/errors.js';
import type { Principal } from './scope.js';

/** Seconds that a ticket can be used. */
export const TICKET_SECONDS = 30;
/** Tickets that are out at once, of one token and of all. */
const MAX_OF_ONE = 1000;
const MAX_TICKETS = 10_000;
/** Spent tickets that are remembered. */
const MAX_SPENT = 10_000;

interface Ticket {
  readonly principal: Principal;
  /** Milliseconds, as of the `now` that is handed in. */
  readonly expiresAt: number;
}

/** What a browser shows instead of a token where it can set no header: once, and soon. */
export class Tickets {
  /** Oldest first: all live equally long. */
  readonly #tickets = new Map<string, Ticket>();
  /** Used or too old; the first come first. */
  readonly #spent = new Set<string>();

  /** @throws GatewayError `Too many requests`, `Too busy` */
  issue(principal: Principal, now: number): string {
    for (const [ticket, { expiresAt }] of this.#tickets) {
      if (now < expiresAt) break;
      this.#spend(ticket);
    }
    if (this.#countOf(principal) >= MAX_OF_ONE) {
      throw new GatewayError('Too many requests', `${MAX_OF_ONE} tickets of one token are out.`, {
        retryAfter: TICKET_SECONDS,
      });
    }
    if (this.#tickets.size >= MAX_TICKETS) throw new GatewayError('Too busy', 'Too many tickets are out.');
    const ticket = randomBytes(32).toString('base64url');
    this.#tickets.set(ticket, { principal, expiresAt: now + TICKET_SECONDS * 1000 });
    return ticket;
  }

  #countOf({ key }: Principal): number {
    let count = 0;
    for (const { principal } of this.#tickets.values()) if (principal.key === key) count += 1;
    return count;
  }

  /** Whom it stands for; undefined when it is unknown, used or too old. It cannot be used again. */
  redeem(ticket: string, now: number): Principal | undefined {
    const found = this.#tickets.get(ticket);
    if (found === undefined) return undefined;
    this.#spend(ticket);
    return now < found.expiresAt ? found.principal : undefined;
  }

  /** Whether it was one of ours, as far as is remembered: who shows it again guesses nothing. */
  isSpent(ticket: string): boolean {
    return this.#spent.has(ticket);
  }

  #spend(ticket: string): void {
    this.#tickets.delete(ticket);
    this.#spent.add(ticket);
    const [oldest] = this.#spent;
    if (this.#spent.size > MAX_SPENT && oldest !== undefined) this.#spent.delete(oldest);
  }
}
