import { GatewayError } from '../errors/errors.js';
import { clientKey, clientName } from '../access/scope.js';
import type { Caller, Principal } from '../access/scope.js';

export type Client = Omit<Caller, 'via'>;

export interface LeaseState {
  /** Who has it; null while nobody does. */
  readonly holder: string | null;
  /** Milliseconds since 1970; null while nobody has it. */
  readonly expiresAt: number | null;
}

export interface LeaseChange extends LeaseState {
  readonly change: 'taken' | 'renewed' | 'taken over' | 'released' | 'expired';
  /** Who had it before; null when nobody did. */
  readonly previous: string | null;
}

export interface LeaseOptions {
  /** How long it lasts without being renewed. */
  readonly durationMs: number;
  /** Whether a holder may stay: its token may be revoked. */
  readonly isStillAuthorized: (principal: Principal) => boolean;
  readonly onChange: (change: LeaseChange) => void;
}

interface Holder {
  readonly principal: Principal;
  readonly key: string;
  readonly name: string;
  /** As it is told: by the wall clock. */
  readonly expiresAt: number;
  /** By the monotonic clock. */
  readonly endsAt: number;
}

/** Milliseconds that a lease outlives its holder's last WebSocket: a page may be loaded anew. */
const LEAVE_MS = 10_000;

/** The right to change things, held by one client at a time. Owns two timers. */
export class ControlLease {
  readonly #options: LeaseOptions;
  #holder: Holder | undefined;
  #expiry: NodeJS.Timeout | undefined;
  /** Runs while the holder has no WebSocket after it had one. */
  #leaving: NodeJS.Timeout | undefined;
  /** How many WebSockets each client has. */
  readonly #sockets = new Map<string, number>();

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  get state(): LeaseState {
    this.#endIfUnauthorized();
    return { holder: this.#holder?.name ?? null, expiresAt: this.#holder?.expiresAt ?? null };
  }

  /** Takes it, or renews it. @throws GatewayError `Busy` when another client has it and is not to lose it */
  take(client: Client, isTakeover: boolean): LeaseState {
    this.#endIfUnauthorized();
    const previous = this.#holder;
    const key = clientKey(client);
    if (previous !== undefined && previous.key !== key && !isTakeover) throw busy(previous);
    const { durationMs } = this.#options;
    this.#holder = {
      principal: client.principal,
      key,
      name: clientName(client),
      expiresAt: Date.now() + durationMs,
      endsAt: performance.now() + durationMs,
    };
    // Whoever takes it is there, with a WebSocket or without.
    this.close();
    this.#expiry = setTimeout(() => this.#end('expired'), durationMs);
    const isOwn = previous?.key === key;
    this.#tell(isOwn ? 'renewed' : previous === undefined ? 'taken' : 'taken over', previous);
    return this.state;
  }

  /** @throws GatewayError `Busy` when another client has it */
  release(client: Client): void {
    if (this.#holder === undefined) return;
    if (this.#holder.key !== clientKey(client)) throw busy(this.#holder);
    this.#end('released');
  }

  /** A WebSocket of a client has come. */
  arrive(client: Client): void {
    const key = clientKey(client);
    this.#sockets.set(key, (this.#sockets.get(key) ?? 0) + 1);
    if (this.#holder?.key === key) clearTimeout(this.#leaving);
  }

  /** It is gone: with the last one of a client, its lease ends, unless another comes in time. */
  leave(client: Client): void {
    const key = clientKey(client);
    const left = (this.#sockets.get(key) ?? 0) - 1;
    if (left > 0) return void this.#sockets.set(key, left);
    this.#sockets.delete(key);
    if (this.#holder?.key !== key) return;
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.#end('released'), LEAVE_MS);
  }

  /** @throws GatewayError `Busy` unless the client has it */
  assertHeldBy(client: Client): void {
    this.#endIfUnauthorized();
    if (this.#holder?.key === clientKey(client)) return;
    if (this.#holder !== undefined) throw busy(this.#holder);
    throw new GatewayError('Busy', 'Nobody has the control lease: take it first, with POST /v1/lease.', {
      outcome: 'not-sent',
    });
  }

  /** Ends the timers. */
  close(): void {
    clearTimeout(this.#expiry);
    clearTimeout(this.#leaving);
  }

  #endIfUnauthorized(): void {
    if (this.#holder !== undefined && !this.#options.isStillAuthorized(this.#holder.principal))
      this.#end('released');
  }

  #end(change: 'released' | 'expired'): void {
    const previous = this.#holder;
    this.#holder = undefined;
    this.close();
    this.#tell(change, previous);
  }

  #tell(change: LeaseChange['change'], previous: Holder | undefined): void {
    this.#options.onChange({ change, ...this.state, previous: previous?.name ?? null });
  }
}

function busy({ name, endsAt }: Holder): GatewayError {
  return new GatewayError('Busy', `${name} has the control lease; ?takeover=true takes it over.`, {
    outcome: 'not-sent',
    holder: name,
    retryAfter: Math.max(1, Math.ceil((endsAt - performance.now()) / 1000)),
  });
}
