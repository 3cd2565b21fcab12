import { Server as HttpsServer } from 'node:https';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { readJoinToken } from '../config/join-token.js';
import { proxyOf } from '../transports/relay/proxy-of.js';
import { RelayLink } from '../transports/relay/relay-link.js';
import { GATEWAY_CHANNELS } from '../wire/gateway-channels.js';

/** The line to the relay: connections that come through it are served as those of a port are. */
export const relayLine = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const { relay, relayName: name, relayTokenFile: file } = config;
    app.decorate('relayLink', undefined);
    if (relay === null || name === null || file === null) return;
    const { server } = app;
    const arrival = server instanceof HttpsServer ? 'secureConnection' : 'connection';
    const link = new RelayLink({
      relay,
      name,
      readToken: () => readJoinToken(file),
      proxy: () => proxyOf(relay, process.env),
      onConnection: (connection) => void server.emit(arrival, connection),
      onStatus: (status) => app.hub.publishOwn(GATEWAY_CHANNELS.relay, status),
      log: app.log,
    });
    app.relayLink = link;
    measure(app, link);
    app.lifecycle.onStart(() => link.start());
    app.lifecycle.onShutdown('drain', () => link.drain(config.grace * 1000));
    app.lifecycle.onShutdown('events', () => link.stop());
  },
  { name: 'relay-line', dependencies: ['metrics', 'event-hub', 'lifecycle'] },
);

function measure({ metrics }: FastifyInstance, link: RelayLink): void {
  metrics.gauge('relay_up', 'Whether the line to the relay stands.', [], () => [
    [{}, link.status.state === 'connected' ? 1 : 0],
  ]);
  metrics.gauge('relay_rtt_seconds', 'Time to the relay and back, as last measured.', [], () =>
    link.status.rttMs === null ? [] : [[{}, link.status.rttMs / 1000]],
  );
  metrics.gauge('relay_connections', 'Connections of browsers through the relay.', [], () => [
    [{}, link.streamCount],
  ]);
  metrics.gauge('relay_joins_total', 'Lines to the relay that stood so far.', [], () => [
    [{}, link.connects],
  ]);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined without `--relay`. */
    relayLink: RelayLink | undefined;
  }
}
