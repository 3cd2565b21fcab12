import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Caller } from '../access/scope.js';
import type { Config } from '../config/config.js';
import { GatewayError } from '../errors/errors.js';
import type { SubscriberLimits } from '../events/subscriber.js';
import { Clients } from '../transports/clients.js';
import { EventConnection } from '../transports/event-connection.js';
import type { EventServices } from '../transports/event-connection.js';
import type { Transport, TransportListener } from '../transports/transport.js';
import { createTrackIds } from '../util/track-id.js';

export interface EventClients {
  readonly clients: Clients;
  readonly limits: SubscriberLimits;
  /** Builds a client's connection; the caller ends it. */
  readonly connect: <T extends Transport>(
    caller: Caller,
    connect: (listener: TransportListener) => T,
  ) => EventConnection<T>;
  /** A hook for routes that take a client in. */
  readonly refuseWhenFull: (request: FastifyRequest) => Promise<void>;
}

/** Event clients over every transport. */
export const eventClients = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const clients = new Clients({
      hub: app.hub,
      maxClients: config.maxClients,
      pingMs: config.pingInterval * 1000,
      stallMs: config.stallTimeout * 1000,
    });
    app.metrics.gauge('event_clients', 'Event clients, WebSocket and SSE together.', [], () => [
      [{}, clients.count],
    ]);
    app.lifecycle.onShutdown('clients', () => clients.close());
    app.metrics.gauge('clients', 'Event clients by transport.', ['transport'], () =>
      Array.from(clients.countByKind, ([transport, count]) => [{ transport }, count] as const),
    );
    const limits: SubscriberLimits = {
      maxBytes: config.clientBuffer,
      onDropped: (reason, count) => app.metrics.eventsDropped(reason, count),
    };
    const { maxSubscriptions } = config;
    const services: EventServices = {
      ...commandServices(app),
      hub: app.hub,
      clients,
      limits,
      maxSubscriptions,
    };
    app.decorate('eventClients', {
      clients,
      limits,
      connect: (caller, connect) => new EventConnection(services, caller, connect),
      refuseWhenFull: () =>
        clients.isFull
          ? Promise.reject(new GatewayError('Too busy', `${config.maxClients} event clients are connected.`))
          : Promise.resolve(),
    });
  },
  { name: 'event-clients', dependencies: ['gate', 'metrics', 'lifecycle'] },
);

/** What connections need of the way of commands. */
function commandServices(
  app: FastifyInstance,
): Omit<EventServices, 'hub' | 'clients' | 'limits' | 'maxSubscriptions'> {
  return {
    nextTrackId: createTrackIds(),
    isStillAuthorized: (principal) => app.access.isStillAuthorized(principal),
    dispatch: (caller, command, onEnd) =>
      app.dispatcher.dispatchNamed(caller, command, 'message.arguments', {
        isFollowed: false,
        onJob: () => undefined,
        onEnd,
      }),
    onRefused: (caller, command, error) => app.gate.refuse(caller, command, error),
    onDefect: (error, trackId) => app.log.error({ err: error, trackId }, 'a WebSocket message failed'),
  };
}

declare module 'fastify' {
  interface FastifyInstance {
    eventClients: EventClients;
  }
}
