import https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Milliseconds between looks for connections that have become idle, while it closes. */
const IDLE_MS = 100;

/**
 * Once it closes, no connection outlives its last answer: neither one that would be kept alive, nor one on which
 * no request has ever come (a browser opens some to spare).
 */
export const closePromptly = fp(
  (app: FastifyInstance) => {
    let idle: NodeJS.Timeout | undefined;
    const silent = new Set<Socket>();
    const listen = (socket: Socket): void => {
      silent.add(socket);
      socket.once('close', () => silent.delete(socket));
    };
    const handshakes = handshakesOf(app.server);
    app.server.on(handshakes === undefined ? 'connection' : 'secureConnection', listen);
    app.server.on('request', ({ socket }) => silent.delete(socket));
    app.server.on('upgrade', ({ socket }) => silent.delete(socket));
    app.lifecycle.onShutdown('connections', () => {
      for (const socket of [...silent, ...(handshakes?.values() ?? [])]) socket.destroy();
      // A connection whose answer is just leaving is not idle yet.
      idle = setInterval(() => app.server.closeIdleConnections(), IDLE_MS);
    });
    app.lifecycle.onShutdown('timers', () => clearInterval(idle));
    app.addHook('onSend', (_request, reply, _payload, done) => {
      if (app.lifecycle.isEnding) reply.header('connection', 'close');
      done();
    });
  },
  { name: 'close-promptly', dependencies: ['lifecycle'] },
);

/** Under TLS, the connections whose handshake is not over, by where they come from; otherwise undefined. */
function handshakesOf(server: FastifyInstance['server']): ReadonlyMap<string, Duplex> | undefined {
  if (!(server instanceof https.Server)) return undefined;
  const open = new Map<string, Duplex>();
  server.on('connection', (socket) => {
    const peer = peerOf(socket);
    open.set(peer, socket);
    socket.once('close', () => {
      if (open.get(peer) === socket) open.delete(peer);
    });
  });
  server.on('secureConnection', (socket) => void open.delete(peerOf(socket)));
  return open;
}

function peerOf(socket: Duplex): string {
  return socket instanceof Socket ? `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}` : '';
}
