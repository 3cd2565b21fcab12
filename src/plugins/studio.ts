import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Discovery } from '../catalog/discovery.js';
import { Executor } from '../catalog/execute.js';
import type { Address, Config } from '../config.js';
import { formatAddress } from '../config.js';
import { HeldSubscriptions } from '../events/held.js';
import { RcspSource } from '../events/rcsp-source.js';
import type { OpenedStream, SourceEvent } from '../events/source.js';
import { streamKey } from '../events/source.js';
import { redacted } from '../log.js';
import type { Connection, ConnectionOptions } from '../rcsp/connection.js';
import { Pool } from '../rcsp/pool.js';
import { createTrackIds } from '../rcsp/track-id.js';

/** What the routes have of the studio. */
export interface Studio {
  readonly address: Address;
  readonly simulated: boolean;
  readonly pool: Pool;
  readonly source: RcspSource;
  readonly discovery: Discovery;
  readonly executor: Executor;
}

export interface StudioOptions {
  readonly config: Config;
  /** Where the studio is: the configured one, or the simulator. */
  readonly address: Address;
}

/** Milliseconds for the gateway's own questions to the studio. */
const OWN_TIMEOUT_MS = 5000;

/** Topics after which the list of devices, or what they can do, may be another. */
const DEVICE_CHANGES = new Set([
  'Connected',
  'Initialized',
  'Disconnected',
  'Destroyed',
  'BootloaderConnected',
  'BootloaderDisconnected',
]);

/** Connects to the studio, learns what it can do, and hands its events to the log and the metrics. */
export const studio = fp<StudioOptions>(
  (app: FastifyInstance, { config, address }: StudioOptions) => {
    const connectionOptions: ConnectionOptions = {
      ...address,
      connectTimeoutMs: config.connectTimeout,
      maxPayloadBytes: config.maxPayload,
    };
    const pool = createPool(app, config, connectionOptions, () => void discovery.refresh().then(follow));
    const discovery = createDiscovery(app, pool);
    const source = createSource(app, connectionOptions, (event) => {
      logEvent(app, event);
      if (event.publisher === 'DeviceEvents' && DEVICE_CHANGES.has(event.topic))
        void discovery.refresh('devices');
    });
    const follow = followPublishers(app, source, discovery);
    const executor = createExecutor(app, config, pool, source, discovery);
    measure(app, pool, source);
    app.decorate('studio', { address, simulated: config.simulate, pool, source, discovery, executor });
    app.addHook('onReady', (done) => {
      pool.start();
      source.start();
      done();
    });
    app.addHook('onClose', async () => {
      source.stop();
      await pool.close(config.grace * 1000);
    });
  },
  { name: 'studio', dependencies: ['metrics'] },
);

/** What both kinds of connections have to tell. */
function connectionListener({ log, metrics }: FastifyInstance, role: 'commands' | 'events') {
  return {
    onConnectionState(connection: Connection, cause: Error | undefined): void {
      if (cause !== undefined && connection.state === 'waiting') metrics.connectionLost(role);
      log.debug({ role, state: connection.state, cause: cause?.message }, 'connection');
    },
    onProtocolError(kind: string, detail: string): void {
      metrics.protocolError(kind);
      log.warn({ role, kind }, `the studio broke RCSP: ${detail}`);
    },
  };
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
      ...listener,
      onConnectionState(connection, cause) {
        listener.onConnectionState(connection, cause);
        if (!isNew || connection.state === 'connecting') return;
        isNew = false;
        if (!connection.isUp) log.warn(`no studio at ${where} yet: ${cause?.message ?? 'closed'}; trying on`);
      },
      onStudio(connected, cause) {
        if (connected) log.info(`connected to the studio at ${where}`);
        else log.warn(`lost the studio at ${where}: ${cause?.message ?? 'closed'}`);
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
  return new Discovery(
    async (name, args) => {
      const command = { Command: name, TrackId: nextTrackId(), Version: 1, ...(args && { Arguments: args }) };
      const request = { command, slow: false, repeatable: true, timeoutMs: OWN_TIMEOUT_MS };
      return (await pool.send(request)).response;
    },
    (name, error) =>
      log.warn({ command: name, cause: String(error) }, 'the studio does not say what it can do'),
  );
}

function createSource(
  app: FastifyInstance,
  options: ConnectionOptions,
  onEvent: (event: SourceEvent) => void,
): RcspSource {
  return new RcspSource(
    { ...options, timeoutMs: OWN_TIMEOUT_MS, nextTrackId: createTrackIds() },
    {
      ...connectionListener(app, 'events'),
      onEvent,
      onSource: (connected) => app.log.debug({ connected }, 'events'),
    },
  );
}

function logEvent(
  { log, metrics }: FastifyInstance,
  { publisher, topic, deviceId, data }: SourceEvent,
): void {
  metrics.event(publisher, topic);
  if (log.level !== 'debug' && log.level !== 'trace') return;
  log.debug({ publisher, topic, deviceId, data: redacted(data) }, 'event');
}

/** The gateway's own interest: whatever the studio publishes that belongs to no device. */
function followPublishers({ log }: FastifyInstance, source: RcspSource, discovery: Discovery): () => void {
  const followed = new Map<string, OpenedStream>();
  return () => {
    const streams = discovery.publishers.flatMap(({ publisher, topics }) =>
      topics.map((topic) => ({ publisher, topic })),
    );
    for (const stream of streams) {
      const key = streamKey(stream);
      if (followed.has(key)) continue;
      const opened = source.open(stream);
      followed.set(key, opened);
      opened.ready.catch((error: unknown) => {
        followed.delete(key);
        log.warn({ ...stream, cause: String(error) }, 'no subscription');
      });
    }
  };
}

function createExecutor(
  { log, metrics }: FastifyInstance,
  config: Config,
  pool: Pool,
  source: RcspSource,
  discovery: Discovery,
): Executor {
  const odd = new Set<string>();
  return new Executor({
    senders: { quick: pool, slow: pool, events: new HeldSubscriptions(source) },
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
