import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { RelayEntrance } from './relay-entrance.js';
import { RelayRequest } from './relay-request.js';

/** Milliseconds that a client has for the head of a request, for all of it, for a TLS handshake. */
const SERVER_OPTIONS = {
  IncomingMessage: RelayRequest,
  headersTimeout: 10_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 72_000,
  // Whoever has none gets a problem.
  requireHostHeader: false,
};
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The relay's server: every request and upgrade goes through the entrance. */
export function createRelayServer(
  tls: SecureContextOptions | null,
  entrance: RelayEntrance,
  own: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    entrance.enter(request, response, own);
  const secured = { ...tls, ...SERVER_OPTIONS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  const server: Server =
    tls === null
      ? createHttpServer(SERVER_OPTIONS, listener)
      : // A line begins as a request of HTTP/1.1.
        createHttpsServer({ ...secured, ALPNProtocols: ['http/1.1'] }, listener);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
    entrance.upgrade(request, socket, head),
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseUnreadable(error, socket));
  return server;
}

/** A request that is no HTTP, or too slow: the connection ends with the answer. */
function refuseUnreadable({ code }: NodeJS.ErrnoException, socket: Socket): void {
  const status =
    code === 'HPE_HEADER_OVERFLOW'
      ? '431 Request Header Fields Too Large'
      : code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? '408 Request Timeout'
        : '400 Bad Request';
  if (!socket.writable || code === 'ECONNRESET') return void socket.destroy();
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy());
}
