import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Discovery } from '../upstreams/rcsp/discovery.js';
import { Executor } from '../catalog/execute.js';
import type { Address, Config } from '../config/config.js';
import { formatAddress } from '../config/config.js';
import { HeldSubscriptions } from '../upstreams/rcsp/held-subscriptions.js';
import type { Hub } from '../events/hub.js';
import type { RcspSource } from '../upstreams/rcsp/rcsp-source.js';
import type { ConnectionOptions } from '../upstreams/rcsp/connection.js';
import type { SourceEvent } from '../upstreams/source.js';
import { Pool } from '../upstreams/rcsp/pool.js';
import { createTrackIds } from '../util/track-id.js';
import { every } from '../util/every.js';
import { connectionListener, createEvents, directoryOf } from './studio-events.js';

/** What the routes have of the studio. */
export interface Studio {
  readonly address: Address;
  readonly simulated: boolean;
  readonly pool: Pool;
  readonly source: RcspSource;
  readonly hub: Hub;
  readonly discovery: Discovery;
  readonly executor: Executor;
  /** Sees every event of the studio that reaches the gateway. */
  readonly watchEvents: (watcher: (event: SourceEvent) => void) => void;
}

export interface StudioOptions {
  readonly config: Config;
  /** Where the studio is: the configured one, or the simulator. */
  readonly address: Address;
}

/** Milliseconds for the gateway's own questions to the studio. */
const OWN_TIMEOUT_MS = 5000;
/** Milliseconds between looks at what there is to hear, while somebody waits for more. */
const LOOK_MS = 5000;

/** Connects to the studio, learns what it can do, and lets go of it in the end. */
export const studio = fp<StudioOptions>(
  (app: FastifyInstance, { config, address }: StudioOptions) => {
    const options: ConnectionOptions = {
      ...address,
      connectTimeoutMs: config.connectTimeout,
      maxPayloadBytes: config.maxPayload,
    };
    const pool = createPool(app, config, options, () => void learn('all'));
    const discovery = createDiscovery(app, pool);
    const events = createEvents(app, config, options, discovery, () => void learn('devices'));
    const { source, hub } = events;
    const executor = createExecutor(app, config, pool, new HeldSubscriptions(hub), discovery);
    async function learn(what: 'all' | 'devices'): Promise<void> {
      await discovery.refresh(what);
      hub.onDirectory();
    }
    const isAwaited = (): boolean => pool.connected && (hub.hasWildcards || hub.isDenied);
    let isLooking = false;
    every(app, LOOK_MS, () => {
      // A studio that takes longer to answer is not asked more.
      if (isLooking || !isAwaited()) return;
      isLooking = true;
      void lookForPublishers(discovery, hub).finally(() => (isLooking = false));
    });
    measure(app, pool, source);
    app.decorate('studio', { ...events, address, simulated: config.simulate, pool, discovery, executor });
    app.addHook('onReady', (done) => {
      pool.start();
      source.start();
      done();
    });
    const endEvents = (): void => {
      hub.close();
      source.stop();
    };
    endWith(app, pool, endEvents, config.grace * 1000);
  },
  { name: 'studio', dependencies: ['metrics'] },
);

/** Not every change of what there is to hear is told by an event. */
async function lookForPublishers(discovery: Discovery, hub: Hub): Promise<void> {
  const offer = (): string => JSON.stringify([discovery.deviceIds, directoryOf(discovery)]);
  const before = offer();
  await discovery.refresh('publishers');
  if (offer() !== before || hub.isDenied) hub.onDirectory();
}

/** Commands in flight finish while the server takes no new connections; what is left after the grace is settled. */
function endWith(app: FastifyInstance, pool: Pool, endEvents: () => void, graceMs: number): void {
  let drained: Promise<void> | undefined;
  app.addHook('preClose', (done) => {
    drained = pool.close(graceMs);
    done();
  });
  app.addHook('onClose', async () => {
    endEvents();
    await drained;
  });
}

function createPool(
  app: FastifyInstance,
  config: Config,
  options: ConnectionOptions,
  onConnected: () => void,
): Pool {
  const { log } = app;
  const where = formatAddress(options);
  const listener = connectionListener(app, 'commands');
  let isNew = true;
  return new Pool(
    { ...options, size: config.poolSize, maxWaiting: config.maxWaiting },
    {
      onProtocolError: listener.onProtocolError,
      onConnectionState(connection, cause) {
        listener.onConnectionState(connection, cause);
        if (!isNew || connection.state === 'connecting' || connection.state === 'closed') return;
        isNew = false;
        if (!connection.isUp) log.warn(`no studio at ${where} yet: ${cause?.message ?? 'closed'}; trying on`);
      },
      onStudio(connected, cause) {
        if (connected) log.info(`connected to the studio at ${where}`);
        else if (cause !== undefined) log.warn(`lost the studio at ${where}: ${cause.message}`);
        if (connected) onConnected();
      },
      // Nothing is subscribed on these connections.
      onEvent: ({ publisher, topic }) =>
        log.debug({ publisher, topic }, 'event on a connection for commands'),
    },
  );
}

function createDiscovery({ log }: FastifyInstance, pool: Pool): Discovery {
  const nextTrackId = createTrackIds();
  const told = new Set<string>();
  return new Discovery(
    async (name, args) => {
      const command = { Command: name, TrackId: nextTrackId(), Version: 1, ...(args && { Arguments: args }) };
      const request = { command, slow: false, repeatable: true, timeoutMs: OWN_TIMEOUT_MS };
      return (await pool.send(request)).response;
    },
    (name, error) => {
      log[told.has(name) ? 'debug' : 'warn'](
        { command: name, cause: String(error) },
        'the studio does not say what it can do',
      );
      told.add(name);
    },
  );
}

function createExecutor(
  { log, metrics }: FastifyInstance,
  config: Config,
  pool: Pool,
  held: HeldSubscriptions,
  discovery: Discovery,
): Executor {
  const odd = new Set<string>();
  return new Executor({
    senders: { quick: pool, slow: pool, events: held },
    discovery,
    maxTimeoutMs: config.maxTimeout * 1000,
    observer: {
      onCommand: (name, error, durationMs) => metrics.command(name, error, durationMs),
      onOddAnswer(command, reason, trackId) {
        metrics.oddAnswer(command);
        if (odd.has(command)) return;
        odd.add(command);
        log.warn(
          { command, trackId, reason },
          'an answer does not fit the catalog; it is passed on as it is',
        );
      },
    },
  });
}

function measure({ metrics }: FastifyInstance, pool: Pool, source: RcspSource): void {
  metrics.gauge('studio_up', '1 while a connection for commands is up.', [], () => [
    [{}, pool.connected ? 1 : 0],
  ]);
  metrics.gauge('commands_waiting', 'Commands accepted and not answered.', [], () => [[{}, pool.load]]);
  metrics.gauge('connections', 'Connections to the studio.', ['role', 'state'], () => [
    ...pool.connections.map(({ state }) => [{ role: 'commands', state }, 1] as const),
    [{ role: 'events', state: source.connection.state }, 1],
  ]);
}

declare module 'fastify' {
  interface FastifyInstance {
    studio: Studio;
  }
}
