import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

type Treatment = 'refuse' | 'swallow' | 'pass';

/** Between a client and the gateway: passes HTTP, and treats upgrades as told. Ends with the test. */
export class HttpOnlyProxy {
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  upgrades: Treatment;
  /** Paths of requests and upgrades so far. */
  readonly paths: string[] = [];

  private constructor(target: URL, upgrades: Treatment) {
    this.upgrades = upgrades;
    this.#server = http.createServer((request, response) => {
      this.paths.push(request.url ?? '');
      const { method, headers, url: path } = request;
      const options = { host: target.hostname, port: target.port, method, path, headers };
      const far = http.request(options, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
      });
      far.on('error', () => response.destroy());
      response.on('close', () => far.destroy());
      request.pipe(far);
    });
    this.#server.on('connection', (socket) => this.#keep(socket));
    this.#server.on('upgrade', (request, socket: Socket) => this.#onUpgrade(request, socket, target));
  }

  static async before(url: string, upgrades: Treatment): Promise<HttpOnlyProxy> {
    const proxy = new HttpOnlyProxy(new URL(url), upgrades);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    onTestFinished(() => {
      proxy.cut();
      proxy.#server.close();
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every connection, destroyed at once. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #onUpgrade(request: http.IncomingMessage, socket: Socket, target: URL): void {
    this.paths.push(request.url ?? '');
    if (this.upgrades === 'swallow') return;
    if (this.upgrades === 'refuse')
      return void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    const { method, headers, url: path } = request;
    const far = http.request({ host: target.hostname, port: target.port, method, path, headers });
    far.on('error', () => socket.destroy());
    far.on('upgrade', (answer, farSocket: Socket) => {
      this.#keep(farSocket);
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      farSocket.pipe(socket).pipe(farSocket);
      socket.once('close', () => farSocket.destroy());
      farSocket.once('close', () => socket.destroy());
    });
    far.end();
  }
}
