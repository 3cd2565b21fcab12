import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { commandByName } from '../catalog/index.js';
import { FairShare } from '../commands/fair-share.js';
import type { Config } from '../config/config.js';
import { RcspUpstream } from '../upstreams/rcsp/rcsp-upstream.js';
import type { UpdateEvent } from '../upstreams/rcsp/rcsp-upstream.js';
import { formatAddress } from '../util/address.js';
import type { Address } from '../util/address.js';
import { GATEWAY_CHANNELS } from '../wire/gateway-channels.js';

export interface StudioOptions {
  readonly config: Config;
  /** Where the studio is: the configured one, or the simulator. */
  readonly address: Address;
}

/** Connects to the studio, and ends the connections in the end. */
export const studio = fp<StudioOptions>(
  (app: FastifyInstance, { config, address }: StudioOptions) => {
    const { hub } = app;
    const watchers: ((event: UpdateEvent) => void)[] = [];
    const upstream = new RcspUpstream({
      id: 'studio',
      address,
      simulated: config.simulate,
      connectTimeoutMs: config.connectTimeout,
      maxPayloadBytes: config.maxPayload,
      poolSize: config.poolSize,
      maxWaiting: FairShare.totalOf(config.maxWaiting),
      maxTimeoutMs: config.maxTimeout * 1000,
      log: app.log,
      metrics: app.metrics,
      keepOpen: (channel) => hub.open(channel),
      onState: (state) =>
        hub.publishOwn(GATEWAY_CHANNELS.upstream, {
          state,
          studio: formatAddress(address),
          simulated: config.simulate,
        }),
      onUpdateEvent: (event) => {
        for (const watch of watchers) watch(event);
      },
    });
    app.metrics.setKnownCommands(
      (name) => commandByName.has(name) || upstream.discovery.describe(name) !== undefined,
    );
    hub.addSource(upstream.events);
    app.decorate('studio', upstream);
    app.decorate('watchUpdates', (watcher: (event: UpdateEvent) => void) => void watchers.push(watcher));
    app.lifecycle.onStart(() => upstream.start());
    app.lifecycle.onShutdown('drain', () => upstream.drain(config.grace * 1000));
    app.lifecycle.onShutdown('events', () => upstream.stop());
  },
  { name: 'studio', dependencies: ['metrics', 'event-hub', 'lifecycle'] },
);

declare module 'fastify' {
  interface FastifyInstance {
    studio: RcspUpstream;
    watchUpdates: (watcher: (event: UpdateEvent) => void) => void;
  }
}
