import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { descriptorLimit } from '../util/descriptor-limit.js';

/** Caps the connections of clients below the limit of file descriptors, so that the studio can always be reached. */
export const connectionLimit = fp(
  (app: FastifyInstance) => {
    const limit = descriptorLimit();
    if (limit === undefined) return;
    app.server.maxConnections = limit.connections;
    app.server.on('drop', () => app.metrics.connectionRefused('connection-limit'));
    app.server.once('drop', () =>
      app.log.warn(
        `connections are refused: ${app.server.maxConnections} are open, and the process may have ${limit.files} files (ulimit -n)`,
      ),
    );
  },
  { name: 'connection-limit' },
);
