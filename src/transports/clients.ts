import type { Hub } from '../events/hub.js';
import { CLOSE } from '../events/subscriber.js';
import type { Subscriber } from '../events/subscriber.js';

/** A client as its connection knows it. */
export interface Client {
  readonly subscriber: Subscriber;
  /** Bytes that it has taken so far, as far as anybody can tell. */
  readonly takenBytes: number;
  /** `performance.now()` at which it last answered; undefined where nothing is ever answered. */
  readonly answeredAt: number | undefined;
  /** False once it may no longer listen. */
  readonly isWelcome: boolean;
  /** Asks for a sign of life, or keeps the connection open. */
  ping(): void;
  /** With a word, once it has what it waits for. */
  dismiss(code: number, reason: string): void;
  /** At once, without a word. */
  terminate(): void;
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

/** How often the clients are looked at, in milliseconds. */
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

  get isFull(): boolean {
    return this.#clients.size >= this.#options.maxClients;
  }

  add(client: Client): void {
    this.#clients.set(client, {
      nextPingAt: performance.now() + this.#options.pingMs,
      taken: 0,
      stuckSince: undefined,
    });
    this.#sweep ??= setInterval(() => this.#look(performance.now()), SWEEP_MS);
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

  /** Says goodbye to everybody; commands in flight are answered first. */
  close(): void {
    for (const client of this.#clients.keys()) client.dismiss(CLOSE.shutdown, 'the gateway is shutting down');
  }

  #look(now: number): void {
    const { pingMs, stallMs } = this.#options;
    for (const [client, watched] of this.#clients) {
      if (!client.isWelcome) {
        client.subscriber.close(CLOSE.unauthorized, 'the token was revoked or has expired');
      } else if (client.answeredAt !== undefined && now - client.answeredAt > 2 * pingMs + SWEEP_MS) {
        client.terminate();
      } else if (this.#isStuck(client, watched, now, stallMs)) {
        client.subscriber.close(CLOSE.tooSlow, 'too slow: nothing was taken for too long');
      } else if (now >= watched.nextPingAt) {
        watched.nextPingAt = now + pingMs;
        client.ping();
      }
    }
  }

  #isStuck(client: Client, watched: Watched, now: number, stallMs: number): boolean {
    const { subscriber, takenBytes } = client;
    const waits = subscriber.waitingBytes > 0 || subscriber.sink.pendingBytes > 0;
    if (!waits || takenBytes !== watched.taken) {
      watched.taken = takenBytes;
      watched.stuckSince = undefined;
      return false;
    }
    if (watched.stuckSince === undefined) {
      watched.stuckSince = now;
      // One that lives and has taken everything can say so.
      client.ping();
    }
    return now - watched.stuckSince >= stallMs;
  }
}
