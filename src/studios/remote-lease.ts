import { clientKey, clientName } from '../access/scope.js';
import type { Client, LeaseState } from '../commands/lease.js';
import type { EdgeCommands } from '../upstreams/nats/edge-commands.js';
import { LEASE_COMMAND, leaseState } from '../upstreams/nats/lease-exchange.js';
import { createTrackIds } from '../util/track-id.js';

const TIMEOUT_MS = 5000;
/** Milliseconds that a lease outlives its holder's last WebSocket here. */
const LEAVE_MS = 10_000;

const NOBODY: LeaseState = { holder: null, expiresAt: null };

/** The control lease of a studio that is reached over NATS. It lives at the origin; this asks for it and follows it. */
export class RemoteLease {
  readonly #exchange: EdgeCommands;
  readonly #nextTrackId = createTrackIds();
  readonly #onFault: (error: unknown) => void;
  /** How many WebSockets each client has here. */
  readonly #sockets = new Map<string, number>();
  /** Clients whose last WebSocket is gone. */
  readonly #leaving = new Map<string, NodeJS.Timeout>();
  #told = NOBODY;

  constructor(exchange: EdgeCommands, onFault: (error: unknown) => void) {
    this.#exchange = exchange;
    this.#onFault = onFault;
  }

  /** As the origin last told. */
  get state(): LeaseState {
    const { holder, expiresAt } = this.#told;
    return expiresAt !== null && expiresAt < Date.now() ? NOBODY : { holder, expiresAt };
  }

  /** A change that the origin told. */
  onTold(data: unknown): void {
    this.#told = leaseState.safeParse(data).data ?? this.#told;
  }

  /** @throws GatewayError of the origin, `Busy` among them, or of the way to it */
  async take(client: Client, isTakeover: boolean): Promise<LeaseState> {
    const { response } = await this.#ask(client, { action: 'take', takeover: isTakeover });
    this.onTold(response);
    return this.state;
  }

  /** @throws GatewayError as `take` */
  async release(client: Client): Promise<void> {
    await this.#ask(client, { action: 'release' });
    this.#told = NOBODY;
  }

  /** A WebSocket of a client has come. */
  arrive(client: Client): void {
    const key = clientKey(client);
    this.#sockets.set(key, (this.#sockets.get(key) ?? 0) + 1);
    clearTimeout(this.#leaving.get(key));
    this.#leaving.delete(key);
  }

  /** It is gone: with the last one of a client, its lease ends, unless another comes in time. */
  leave(client: Client): void {
    const key = clientKey(client);
    const left = (this.#sockets.get(key) ?? 0) - 1;
    if (left > 0) return void this.#sockets.set(key, left);
    this.#sockets.delete(key);
    if (this.state.holder !== clientName(client)) return;
    const timer = setTimeout(() => {
      this.#leaving.delete(key);
      if (this.state.holder === clientName(client)) this.release(client).catch(this.#onFault);
    }, LEAVE_MS);
    this.#leaving.set(key, timer);
  }

  /** Ends the timers. */
  close(): void {
    for (const timer of this.#leaving.values()) clearTimeout(timer);
    this.#leaving.clear();
  }

  #ask(client: Client, args: object): ReturnType<EdgeCommands['exchange']> {
    return this.#exchange.exchange({
      name: LEASE_COMMAND,
      argumentsJson: JSON.stringify(args),
      timeoutMs: TIMEOUT_MS,
      trackId: this.#nextTrackId(),
      asker: { subject: clientName(client), scope: client.principal.scope },
    });
  }
}
