import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { GatewayError, RejectedError } from '../errors/errors.js';
import { problemOf } from '../errors/problem-of.js';
import { Hub } from '../events/hub.js';

/** Milliseconds that an upstream has to take a channel that a client names. */
const READY_TIMEOUT_MS = 5000;

/** The hub of all events. Upstreams are its sources, clients its listeners. */
export const eventHub = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const epoch = randomBytes(3).readUIntBE(0, 3).toString(36);
    let epochs = 0;
    const hub = new Hub({
      journal: { maxEvents: config.historyEvents, maxBytes: config.historyBytes },
      lingerMs: config.linger * 1000,
      nextEpoch: () => `${epoch}${(epochs += 1).toString(36)}`,
      readyTimeoutMs: READY_TIMEOUT_MS,
      onRefused(channel, error, listeners) {
        app.log.warn({ channel, cause: error.message }, 'the studio refused a subscription');
        const why =
          error instanceof RejectedError ? error : new GatewayError('Protocol error', error.message);
        for (const each of listeners) each.tell({ op: 'error', id: null, error: problemOf(why) });
      },
    });
    app.decorate('hub', hub);
    app.lifecycle.onShutdown('events', () => hub.close());
  },
  { name: 'event-hub', dependencies: ['lifecycle'] },
);

declare module 'fastify' {
  interface FastifyInstance {
    hub: Hub;
  }
}
