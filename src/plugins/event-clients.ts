import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { assertChannelScopes } from '../access/scope.js';
import type { Caller } from '../access/scope.js';
import type { Config } from '../config/config.js';
import { GatewayError } from '../errors/errors.js';
import type { Channel } from '../events/channel.js';
import type { SubscriberLimits } from '../events/subscriber.js';
import { Clients } from '../transports/clients.js';
import { EventConnection } from '../transports/event-connection.js';
import type { EventServices } from '../transports/event-connection.js';
import type { Transport, TransportListener } from '../transports/transport.js';
import { createTrackIds } from '../util/track-id.js';
import { studioOf } from '../wire/gateway-channels.js';

export interface EventClients {
  readonly clients: Clients;
  readonly limits: SubscriberLimits;
  /** Builds a client's connection; the caller ends it. */
  readonly connect: (caller: Caller, connect: (listener: TransportListener) => Transport) => EventConnection;
  /**
   * Finds the channels that a caller names, where anybody ever listened to them.
   *
   * @throws GatewayError `Studio not found`, `Forbidden` for one that it may not have
   */
  readonly finder: (caller: Caller, names: readonly string[]) => (name: string) => Channel | undefined;
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
      finder: finderOf(app, services),
      refuseWhenFull: () =>
        clients.isFull
          ? Promise.reject(new GatewayError('Too busy', `${config.maxClients} event clients are connected.`))
          : Promise.resolve(),
    });
  },
  { name: 'event-clients', dependencies: ['studios', 'metrics', 'lifecycle'] },
);

function finderOf(
  { hub }: FastifyInstance,
  { namespaceOf, assertStudios }: EventServices,
): EventClients['finder'] {
  return (caller, names) => {
    const namespace = namespaceOf(caller);
    assertStudios(caller, names);
    assertChannelScopes(caller.principal, names, namespace.studio);
    return (name) => hub.channel(name, namespace);
  };
}

/** What connections need of the way of commands. */
function commandServices(
  app: FastifyInstance,
): Omit<EventServices, 'hub' | 'clients' | 'limits' | 'maxSubscriptions'> {
  return {
    nextTrackId: createTrackIds(),
    isStillAuthorized: (principal) => app.access.isStillAuthorized(principal),
    ...studioServices(app),
    onDefect: (error, trackId) => app.log.error({ err: error, trackId }, 'a WebSocket message failed'),
  };
}

/** A client names channels and commands of any studio. */
function studioServices({
  studios,
}: FastifyInstance): Pick<EventServices, 'namespaceOf' | 'assertStudios' | 'dispatch' | 'onRefused'> {
  return {
    namespaceOf: ({ principal, studio }) => ({
      studio: studio ?? studios.default.name,
      isOfStudio: studio !== undefined,
      studios: principal.studios,
    }),
    assertStudios(caller, channels) {
      for (const channel of channels) {
        const name = studioOf(channel, '');
        if (name !== undefined && name !== '') studios.find(name, caller.principal);
      }
    },
    dispatch(caller, command, onEnd) {
      const { dispatcher } = studios.find(command.studio ?? caller.studio, caller.principal);
      const listener = { isFollowed: false, onJob: () => undefined, onEnd };
      dispatcher.dispatchNamed(caller, command, 'message.arguments', listener);
    },
    onRefused: (caller, command, error) => studios.ofCaller(caller).gate.refuse(caller, command, error),
  };
}

declare module 'fastify' {
  interface FastifyInstance {
    eventClients: EventClients;
  }
}
