import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { GatewayError } from '../errors/errors.js';
import { Clients } from '../transports/clients.js';
import type { SubscriberLimits } from '../events/subscriber.js';
import { createTrackIds } from '../util/track-id.js';

export interface EventClients {
  readonly clients: Clients;
  readonly limits: SubscriberLimits;
  readonly maxSubscriptions: number;
  /** Names for what WebSocket clients ask. */
  readonly nextTrackId: () => string;
  /** A hook for routes that take a client in. */
  readonly refuseWhenFull: (request: FastifyRequest) => Promise<void>;
}

/** Event clients of both kinds. */
export const eventClients = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const clients = new Clients({
      hub: app.studio.hub,
      maxClients: config.maxClients,
      pingMs: config.pingInterval * 1000,
      stallMs: config.stallTimeout * 1000,
    });
    app.metrics.gauge('event_clients', 'Event clients, WebSocket and SSE together.', [], () => [
      [{}, clients.count],
    ]);
    app.decorate('eventClients', {
      clients,
      limits: { maxBytes: config.clientBuffer },
      maxSubscriptions: config.maxSubscriptions,
      nextTrackId: createTrackIds(),
      refuseWhenFull: () =>
        clients.isFull
          ? Promise.reject(new GatewayError('Too busy', `${config.maxClients} event clients are connected.`))
          : Promise.resolve(),
    });
  },
  { name: 'event-clients', dependencies: ['studio', 'metrics', 'websocket-server'] },
);

declare module 'fastify' {
  interface FastifyInstance {
    eventClients: EventClients;
  }
}
