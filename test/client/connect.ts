import { once } from 'node:events';
import net from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { RcspClient } from '../../src/client/index.js';
import type { GapEvent, RcspClientOptions, StateEvent, StudioEvent } from '../../src/client/index.js';
import { until } from '../support/gateway.js';

/** A client, and what it was told; it is quick to come back. Ends with the test. */
export function connect(url: string, options: RcspClientOptions = {}): Connected {
  const studio = new RcspClient({ url, WebSocket, minBackoffMs: 20, maxBackoffMs: 100, ...options });
  const connected: Connected = { studio, states: [], gaps: [] };
  studio.on('state', (event) => connected.states.push(event));
  studio.on('gap', (event) => connected.gaps.push(event));
  onTestFinished(() => studio.close());
  return connected;
}

export interface Connected {
  readonly studio: RcspClient;
  readonly states: StateEvent[];
  readonly gaps: GapEvent[];
}

export async function connected(url: string, options: RcspClientOptions = {}): Promise<Connected> {
  const made = connect(url, options);
  await until(() => made.studio.state === 'open');
  return made;
}

/** What tells one event of a test from another: its `EventData.n`. */
export function numberOf({ event }: StudioEvent): number {
  return z.looseObject({ n: z.number() }).parse(event.EventData).n;
}

/** Between a client and the gateway: what happens to TCP happens here. Ends with the test. */
export class Between {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  /** What arrives while it is set goes nowhere. */
  swallows = false;
  /** Nobody gets through. */
  refuses = false;
  /** Connections so far. */
  accepted = 0;

  private constructor(port: number) {
    this.#server = net.createServer((near) => {
      if (this.refuses) return void near.destroy();
      this.accepted += 1;
      const far = net.connect(port, '127.0.0.1');
      this.#carry(near, far);
      this.#carry(far, near);
    });
  }

  static async before(url: string): Promise<Between> {
    const between = new Between(Number(new URL(url).port));
    between.#server.listen(0, '127.0.0.1');
    await once(between.#server, 'listening');
    onTestFinished(() => {
      between.cut();
      between.#server.close();
    });
    return between;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  /** Every connection, destroyed at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #carry(from: net.Socket, to: net.Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      if (!this.swallows) to.write(chunk);
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
