import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { endWithProblem } from './problems.js';

/** A message from a client, in bytes. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * The WebSocket server. Its hook must run before any that may refuse a request: it knows which connections Node has
 * let go of for an upgrade, and ends them after the answer.
 */
export const websocketServer = fp(
  async (app: FastifyInstance) => {
    await app.register(websocket, {
      // Compression must stay off: frames of our own are written beside those of ws (see transports/framing.ts).
      options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false },
      // The event clients' own step closes them: @fastify/websocket would give no close code.
      preClose: (done) => done(),
    });
    app.websocketServer.on('wsClientError', ({ message }, socket) => {
      app.metrics.connectionRefused('websocket-handshake');
      endWithProblem(socket, 400, message);
    });
  },
  { name: 'websocket-server', dependencies: ['problems'] },
);
