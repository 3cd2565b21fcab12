import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ConfigError } from '../config/config.js';
import type { Config } from '../config/config.js';
import type { AnyStudio } from '../studios/registry.js';
import { Studio } from '../studios/studio.js';
import { loadNats } from '../upstreams/nats/nats-modules.js';
import { NatsLink } from '../upstreams/nats/nats-link.js';
import { NatsOrigin } from '../upstreams/nats/nats-origin.js';
import type { PublishedStudio } from '../upstreams/nats/nats-origin.js';
import { formatAddress } from '../util/address.js';
import { load } from '../util/load.js';
import type { Logger } from '../util/log.js';

/** Milliseconds in which the start waits for the hub to say whether a studio has an origin already. */
const SETTLE_MS = 5000;

/** Publishes the studios over NATS where that is asked for, and takes the commands of edges. */
export const natsOrigin = fp<{ config: Config }>(
  async (app: FastifyInstance, { config }: { config: Config }) => {
    if (config.nats.length === 0 || config.edge) return;
    const link = await openNats(config, 'origin', app.log);
    const origin = new NatsOrigin({
      link,
      logOf: (studio) => app.log.child({ studio }),
      listen: () => addressOf(app),
    });
    const count = counterOf(app);
    app.metrics.gauge('nats_up', 'Whether the line to NATS is up.', [], () => [[{}, link.isUp ? 1 : 0]]);
    // After the studios have started, before clients come.
    app.addHook('onReady', async () => {
      app.studios.follow(
        (studio) => origin.add(publishedOf(app, config, studio, count)),
        (name) => origin.remove(name),
      );
      origin.start();
      const other = await origin.settled(SETTLE_MS);
      if (other !== undefined) throw new ConfigError(`--nats: ${other}`);
    });
    app.lifecycle.onShutdown('drain', () => origin.drain());
    app.lifecycle.onShutdown('events', () => origin.stop());
  },
  { name: 'nats-origin', dependencies: ['studios', 'event-hub', 'metrics', 'lifecycle'] },
);

/** @throws ConfigError when the library, credentials or certificates are not there */
export async function openNats(config: Config, role: 'origin' | 'edge', log: Logger): Promise<NatsLink> {
  const { nats: servers, natsCreds: credentialsFile, natsName: name } = config;
  const tls = { ca: config.natsCa, cert: config.natsCert, key: config.natsKey };
  try {
    return new NatsLink({ servers, credentialsFile, tls, name, role, modules: await loadNats(), log });
  } catch (error) {
    const { message } = error as Error;
    throw new ConfigError(message.startsWith('--') ? message : `--nats-creds ${message}`);
  }
}

function publishedOf(
  { hub, epoch }: FastifyInstance,
  config: Config,
  studio: AnyStudio,
  count: (studio: string, outcome: string) => void,
): PublishedStudio {
  if (!(studio instanceof Studio)) throw new Error('An origin is connected to its studios.');
  const { name, upstream, dispatcher, lease } = studio;
  const { discovery, listings, simulated } = upstream;
  return {
    name,
    version: () => listings.version,
    publisher: {
      hub,
      epoch,
      limits: { maxEvents: config.historyEvents, maxBytes: config.historyBytes },
      describe: () => {
        const catalogue = listings.catalogue(discovery.deviceIds);
        const devices = devicesIn(catalogue.ListDevices);
        const { state } = upstream;
        return {
          state: state === 'connected' ? state : 'disconnected',
          simulated,
          hasLease: lease !== undefined,
          devices,
          catalogue,
        };
      },
      onPublished: () => count(name, 'published'),
      onSkipped: (reason) => count(name, reason),
    },
    responder: { dispatcher, lease, maxScope: config.natsMaxScope },
  };
}

function devicesIn(listed: unknown): unknown[] {
  const isListing = typeof listed === 'object' && listed !== null && 'Devices' in listed;
  return isListing && Array.isArray(listed.Devices) ? listed.Devices : [];
}

function counterOf({ metrics }: FastifyInstance): (studio: string, outcome: string) => void {
  const events = new (load('prom-client').Counter)({
    name: 'rcsp_gateway_nats_events_total',
    help: 'Events for the stream: published; duplicate, which it had; too-large, which the server does not take.',
    labelNames: ['studio', 'outcome'],
    registers: [metrics.register],
  });
  return (studio, outcome) => events.inc({ studio, outcome });
}

function addressOf(app: FastifyInstance): string | null {
  const bound: AddressInfo | string | null = app.server.address();
  return bound === null || typeof bound === 'string'
    ? null
    : formatAddress({ host: bound.address, port: bound.port });
}
