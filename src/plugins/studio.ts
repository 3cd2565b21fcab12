import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Discovery } from '../catalog/discovery.js';
import { Executor } from '../catalog/execute.js';
import { commandByName } from '../catalog/index.js';
import type { Address, Config } from '../config.js';
import { formatAddress } from '../config.js';
import { HeldSubscriptions } from '../events/held.js';
import { RcspSource } from '../events/rcsp-source.js';
import type { OpenedStream, SourceEvent } from '../events/source.js';
import { streamKey } from '../events/source.js';
import { redacted } from '../log.js';
import type { Connection } from '../rcsp/connection.js';
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
    const { log, metrics } = app;
    const nextTrackId = createTrackIds();
    const connectionOptions = {
      ...address,
      connectTimeoutMs: config.connectTimeout,
      maxPayloadBytes: config.maxPayload,
    };
    const onProtocolError = (kind: string, detail: string): void => {
      metrics.protocolError(kind);
      log.warn({ kind }, `the studio broke RCSP: ${detail}`);
    };
    const onConnectionState = (role: string, connection: Connection, cause: Error | undefined): void => {
      if (cause !== undefined && connection.state === 'waiting') metrics.reconnect(role);
      log.debug({ role, state: connection.state, ...(cause && { cause: cause.message }) }, 'connection');
    };

    const pool = new Pool(
      { ...connectionOptions, size: config.poolSize, maxWaiting: config.maxWaiting },
      {
        onStudio(connected, cause) {
          const where = formatAddress(address);
          if (connected) log.info(`connected to the studio at ${where}`);
          else log.warn(`lost the studio at ${where}: ${cause?.message ?? 'closed'}`);
          if (connected) void discovery.refresh().then(listenToStudio);
        },
        onConnectionState: (connection, cause) => onConnectionState('commands', connection, cause),
        onProtocolError,
        // Nothing is subscribed on these connections; a studio that sends events all the same is told in the log.
        onEvent: ({ publisher, topic }) =>
          log.debug({ publisher, topic }, 'event on a connection for commands'),
      },
    );

    const discovery = new Discovery(
      async (name, args) => {
        const policy = commandByName.get(name)?.policy;
        const { response } = await pool.send({
          command: { Command: name, TrackId: nextTrackId(), Version: 1, ...(args && { Arguments: args }) },
          slow: false,
          repeatable: true,
          timeoutMs: policy?.timeoutMs ?? 5000,
        });
        return response;
      },
      (name, error) =>
        log.warn({ command: name, cause: String(error) }, 'the studio could not be asked what it can do'),
    );

    const source = new RcspSource(
      { ...connectionOptions, timeoutMs: 5000, nextTrackId },
      {
        onEvent,
        onSource: (connected) => log.debug({ connected }, 'events'),
        onConnectionState: (connection, cause) => onConnectionState('events', connection, cause),
        onProtocolError,
      },
    );

    const verbose = log.level === 'debug' || log.level === 'trace';
    function onEvent({ publisher, topic, deviceId, data }: SourceEvent): void {
      metrics.event(publisher, topic);
      if (verbose) log.debug({ publisher, topic, deviceId, data: redacted(data) }, 'event');
      if (publisher === 'DeviceEvents' && DEVICE_CHANGES.has(topic)) void discovery.refresh('devices');
    }

    /** The gateway's own interest: whatever the studio publishes that belongs to no device. */
    const listening = new Map<string, OpenedStream>();
    function listenToStudio(): void {
      for (const { publisher, topics } of discovery.publishers) {
        for (const topic of topics) {
          const stream = { publisher, topic };
          const key = streamKey(stream);
          if (listening.has(key)) continue;
          const opened = source.open(stream);
          listening.set(key, opened);
          opened.ready.catch((error: unknown) => {
            listening.delete(key);
            log.warn({ publisher, topic, cause: String(error) }, 'the studio refused a subscription');
          });
        }
      }
    }

    const odd = new Set<string>();
    const executor = new Executor({
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

function measure({ metrics }: FastifyInstance, pool: Pool, source: RcspSource): void {
  metrics.gauge('rcsp_gateway_studio_up', '1 while a connection for commands is up.', [], () => [
    [{}, pool.connected ? 1 : 0],
  ]);
  metrics.gauge('rcsp_gateway_commands_waiting', 'Commands accepted and not answered.', [], () => [
    [{}, pool.load],
  ]);
  metrics.gauge('rcsp_gateway_connections', 'Connections to the studio.', ['role', 'state'], () => [
    ...pool.connections.map(({ state }) => [{ role: 'commands', state }, 1] as const),
    [{ role: 'events', state: source.connection.state }, 1],
  ]);
}

declare module 'fastify' {
  interface FastifyInstance {
    studio: Studio;
  }
}
