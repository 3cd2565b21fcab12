import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { endWithProblem } from './problems.js';
import { isUpgrade } from './upgrade-offers.js';

/** A message from a client, in bytes. */
const MAX_MESSAGE_BYTES = 64 * 1024;

/**
 * The WebSocket server, for the routes of its scope only: every request pays for its hooks. Node has let go of every
 * connection that asks for an upgrade, so whatever else answers one ends it (`refusedUpgrades`).
 */
export const websocketServer = fp(
  async (app: FastifyInstance) => {
    await app.register(websocket, {
      // Compression must stay off: frames of our own are written beside those of ws (see transports/framing.ts).
      options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, clientTracking: false },
      // The event clients' own step closes them: @fastify/websocket would give no close code.
      preClose: (done) => done(),
    });
    app.websocketServer.on('wsClientError', ({ message }, socket) => endWithProblem(socket, 400, message));
  },
  { name: 'websocket-server', dependencies: ['problems', 'event-clients'] },
);

/** Ends the connection of an upgrade that is answered like any other request. */
export const refusedUpgrades = fp(
  (app: FastifyInstance) => {
    app.addHook('onRequest', ({ raw }, reply, done) => {
      if (isUpgrade(raw)) {
        reply.header('connection', 'close');
        reply.raw.once('finish', () => raw.socket.destroySoon());
      }
      done();
    });
  },
  { name: 'refused-upgrades' },
);
