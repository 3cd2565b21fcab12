import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What the studio does with each connection. */
export type Behaviour =
  | { readonly kind: 'works' }
  /** Says these things, unasked, and hangs up or not. */
  | { readonly kind: 'babbles'; readonly chunks: readonly Buffer[]; readonly hangsUp: boolean }
  /** Works, and puts bytes into what it says. */
  | { readonly kind: 'garbles'; readonly after: number; readonly bytes: Buffer; readonly skip: number };

/** A TCP server in front of a simulator, whose bytes it may spoil. */
export class Studio {
  behaviour: Behaviour = { kind: 'works' };
  connections = 0;
  readonly #sockets = new Set<net.Socket>();
  readonly #server: net.Server;

  private constructor(simulatorPort: number) {
    this.#server = net.createServer((socket) => this.#accept(socket, simulatorPort));
  }

  static async start(simulatorPort: number): Promise<Studio> {
    const studio = new Studio(simulatorPort);
    studio.#server.listen(0, '127.0.0.1');
    await once(studio.#server, 'listening');
    onTestFinished(() => {
      studio.#server.close();
      studio.hangUp();
    });
    return studio;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  hangUp(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: net.Socket, simulatorPort: number): void {
    this.connections += 1;
    this.#own(socket);
    const { behaviour } = this;
    if (behaviour.kind === 'babbles') {
      for (const chunk of behaviour.chunks) socket.write(chunk);
      if (behaviour.hangsUp) socket.end();
      else socket.resume();
      return;
    }
    const upstream = this.#own(net.connect(simulatorPort, '127.0.0.1'));
    socket.pipe(upstream).once('close', () => socket.destroy());
    socket.once('close', () => upstream.destroy());
    let said = 0;
    upstream.on('data', (chunk: Buffer) => {
      socket.write(behaviour.kind === 'works' ? chunk : garbled(chunk, said, behaviour));
      said += chunk.length;
    });
  }

  #own(socket: net.Socket): net.Socket {
    this.#sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
  }
}

function garbled(
  chunk: Buffer,
  said: number,
  { after, bytes: odd, skip }: Behaviour & { kind: 'garbles' },
): Buffer {
  const at = after - said;
  if (at < 0 || at >= chunk.length) return chunk;
  return Buffer.concat([chunk.subarray(0, at), odd, chunk.subarray(at + skip)]);
}
