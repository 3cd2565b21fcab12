import type { Hub } from '../events/hub.js';
import { CLOSE } from '../events/subscriber.js';
import type { Subscriber } from '../events/subscriber.js';
import type { Transport } from './transport.js';

/** A client as its connection knows it. */
export interface Client {
  readonly subscriber: Subscriber;
  readonly transport: Pick<Transport, 'kind' | 'takenBytes' | 'answeredAt' | 'ping' | 'terminate'>;
  /** False once its token was revoked or has expired. */
  readonly isStillAuthorized: boolean;
  /** Closes it once the commands that it waits for have been answered. */
  closeAfterReplies(code: number, reason: string): void;
}

export interface ClientsOptions {
  readonly hub: Hub;
  readonly maxClients: number;
  readonly pingMs: number;
  readonly stallMs: number;
}

interface Watched {
  nextPingAt: number;
  taken: number;
  /** Since when something waits and nothing is taken. */
  stuckSince: number | undefined;
}

/** Milliseconds between two checks of the clients. */
const SWEEP_MS = 1000;

/** All event clients: how many there may be, and whether each still lives and takes what it is sent. */
export class Clients {
  readonly #options: ClientsOptions;
  readonly #clients = new Map<Client, Watched>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#clients.size;
  }

  /** How many there are of each kind of transport. */
  get countByKind(): ReadonlyMap<string, number> {
    const counts = new Map([
      ['websocket', 0],
      ['sse', 0],
    ]);
    for (const { transport } of this.#clients.keys()) {
      const { kind = 'other' } = transport;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    return counts;
  }

  get isFull(): boolean {
    return this.#clients.size >= this.#options.maxClients;
  }

  add(client: Client): void {
    this.#clients.set(client, {
      nextPingAt: performance.now() + this.#options.pingMs,
      taken: 0,
      stuckSince: undefined,
    });
    this.#sweep ??= setInterval(() => this.#check(performance.now()), SWEEP_MS);
  }

  /** The connection is gone. */
  remove(client: Client): void {
    if (!this.#clients.delete(client)) return;
    client.subscriber.end();
    this.#options.hub.leave(client.subscriber);
    if (this.#clients.size > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }

  /** Closes every client; commands in flight are answered first. */
  close(): void {
    for (const client of this.#clients.keys())
      client.closeAfterReplies(CLOSE.shutdown, 'the gateway is shutting down');
  }

  #check(now: number): void {
    const { pingMs, stallMs } = this.#options;
    for (const [client, watched] of this.#clients) {
      const { transport } = client;
      if (!client.isStillAuthorized) {
        client.subscriber.close(CLOSE.unauthorized, 'the token was revoked or has expired');
      } else if (transport.answeredAt !== undefined && now - transport.answeredAt > 2 * pingMs + SWEEP_MS) {
        transport.terminate();
      } else if (this.#isStuck(client, watched, now, stallMs)) {
        client.subscriber.close(CLOSE.tooSlow, 'too slow: nothing was taken for too long');
      } else if (now >= watched.nextPingAt) {
        watched.nextPingAt = now + pingMs;
        transport.ping();
      }
    }
  }

  #isStuck(client: Client, watched: Watched, now: number, stallMs: number): boolean {
    const { subscriber, transport } = client;
    const { takenBytes } = transport;
    const waits = subscriber.waitingBytes > 0 || subscriber.sink.pendingBytes > 0;
    if (!waits || takenBytes !== watched.taken) {
      watched.taken = takenBytes;
      watched.stuckSince = undefined;
      return false;
    }
    if (watched.stuckSince === undefined) {
      watched.stuckSince = now;
      // A live client that has taken everything shows that by its pong.
      transport.ping();
    }
    return now - watched.stuckSince >= stallMs;
  }
}
