import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GatewayError } from '../errors/errors.js';
import type { Forwarded } from './forwarder.js';
import { noLine, StreamRefusedError } from './line.js';
import type { Lines } from './lines.js';
import { refusedStream } from './refused-stream.js';
import { responseTo } from './relay-problems.js';
import { requestHeaders, responseHeaders } from './relayed-headers.js';
import { RelayedSocket } from './relayed-socket.js';
import type { StreamOpener } from './stream-opener.js';

export interface UpgradeForwarderOptions {
  readonly lines: Lines;
  readonly opener: StreamOpener;
  readonly onProblem: (error: unknown, request: IncomingMessage, response: ServerResponse) => void;
  readonly onAnswer: (name: string, status: number) => void;
}

const WEBSOCKET = ['Connection', 'Upgrade', 'Upgrade', 'websocket'];

/** Passes WebSockets on: the handshake as a request, then frames as they are. */
export class UpgradeForwarder {
  readonly #options: UpgradeForwarderOptions;
  readonly #sockets = new Set<RelayedSocket>();

  constructor(options: UpgradeForwarderOptions) {
    this.#options = options;
  }

  get count(): number {
    return this.#sockets.size;
  }

  forward(request: IncomingMessage, socket: Socket, head: Buffer, { name, path, facts }: Forwarded): void {
    const { lines, opener, onProblem } = this.#options;
    socket.on('error', () => undefined);
    const fail = (error: unknown): void => onProblem(error, request, responseTo(request, socket));
    try {
      if (request.method !== 'GET')
        throw new GatewayError('Invalid request', 'A WebSocket begins with GET.', { outcome: 'not-sent' });
      const line = lines.find(name);
      if (line === undefined) throw noLine(name);
      const stream = opener.open(line, facts.address);
      const headers = [...requestHeaders(request.rawHeaders, facts, name), ...WEBSOCKET];
      const outgoing = http.request({ createConnection: () => stream, host: name, path, headers });
      socket.once('close', () => outgoing.destroy());
      outgoing.once('error', (error) => {
        if (!socket.destroyed) fail(problemOfBreak(error));
      });
      outgoing.once('response', (answer) => this.#refuse(answer, request, socket, name));
      outgoing.once('upgrade', (answer, upgraded, first) => {
        this.#options.onAnswer(name, 101);
        this.#open(answer, socket, head, upgraded, first);
      });
      outgoing.end();
    } catch (error) {
      fail(error);
    }
  }

  /** Closes all WebSockets: their clients come back. */
  close(): void {
    for (const each of this.#sockets) each.close('the relay is restarting');
  }

  #open(answer: IncomingMessage, client: Duplex, head: Buffer, gateway: Duplex, first: Buffer): void {
    const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
    const headers = responseHeaders(answer.rawHeaders);
    for (let at = 0; at + 1 < headers.length; at += 2)
      lines.push(`${headers[at] ?? ''}: ${headers[at + 1] ?? ''}`);
    client.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
    const relayed = new RelayedSocket(client, gateway);
    this.#sockets.add(relayed);
    client.once('close', () => this.#sockets.delete(relayed));
    relayed.start(head, first);
  }

  /** The gateway answers like any other request. */
  #refuse(answer: IncomingMessage, request: IncomingMessage, socket: Socket, name: string): void {
    const { statusCode: status = 502, statusMessage = '' } = answer;
    this.#options.onAnswer(name, status);
    const response = responseTo(request, socket);
    response.writeHead(status, statusMessage, responseHeaders(answer.rawHeaders));
    answer.on('error', () => socket.destroy());
    answer.pipe(response);
  }
}

function problemOfBreak(error: Error): GatewayError {
  if (error instanceof GatewayError) return error;
  return error instanceof StreamRefusedError || refusedStream(error)
    ? new GatewayError('Too busy', 'The gateway takes no more connections.', { outcome: 'not-sent' })
    : new GatewayError('Connection lost', 'The line to the gateway was lost before the answer.', {
        outcome: 'no-answer',
        cause: error,
      });
}
