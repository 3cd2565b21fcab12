import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Passes TCP on, later or not at all, as a test says. */
export class TcpProxy {
  readonly url: string;
  readonly #pairs = new Set<readonly [net.Socket, net.Socket]>();
  /** False refuses connections. */
  isOpen = true;

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Ends with the test. `delayMs` is of each direction. */
  static async start(target: string, delayMs = 0): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(target);
    const server = net.createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy((server.address() as AddressInfo).port);
    server.on('connection', (near) => {
      if (!proxy.isOpen) return void near.resetAndDestroy();
      const far = net.connect({ host, port: Number(port), noDelay: true });
      const pair = [near, far] as const;
      proxy.#pairs.add(pair);
      far.once('close', () => proxy.#pairs.delete(pair));
      pass(near, far, delayMs);
      pass(far, near, delayMs);
    });
    onTestFinished(() => {
      proxy.cut();
      server.close();
    });
    return proxy;
  }

  get count(): number {
    return this.#pairs.size;
  }

  /** Resets every connection. */
  cut(): void {
    for (const each of [...this.#pairs].flat()) if (!each.destroyed) each.resetAndDestroy();
  }

  /** Bytes are taken no more; connections stay. */
  freeze(): void {
    for (const each of [...this.#pairs].flat()) each.pause();
  }
}

function pass(from: net.Socket, to: net.Socket, delayMs: number): void {
  from.on('data', (chunk: Buffer) => {
    if (delayMs > 0) setTimeout(() => void to.write(chunk), delayMs);
    else to.write(chunk);
  });
  from.on('error', () => undefined);
  from.once('close', () => to.destroy());
}
