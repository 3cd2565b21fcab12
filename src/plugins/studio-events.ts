/** The studio's events, on their way to the hub: what of them the log, the metrics and the gateway itself see. */
import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Discovery, Publisher } from '../upstreams/rcsp/discovery.js';
import type { Config } from '../config/config.js';
import { formatAddress } from '../config/config.js';
import { Hub, UPSTREAM_CHANNEL } from '../events/hub.js';
import { deviceNamed, RcspSource } from '../upstreams/rcsp/rcsp-source.js';
import type { RcspSourceListener } from '../upstreams/rcsp/rcsp-source.js';
import type { EventStream, SourceEvent } from '../upstreams/source.js';
import { GatewayError, RejectedError } from '../errors/errors.js';
import { redacted } from '../util/log.js';
import type { ConnectionOptions } from '../upstreams/rcsp/connection.js';
import { createTrackIds } from '../util/track-id.js';
import { problemOf } from '../errors/problem-of.js';
import type { Studio } from './studio.js';

/** Milliseconds that the studio has to take a subscription. */
const SUBSCRIBE_TIMEOUT_MS = 5000;

/** Topics after which the list of devices, or what they can do, may be another; the gateway listens to them itself. */
const DEVICE_CHANGES: ReadonlySet<string> = new Set([
  'Connected',
  'Initialized',
  'Disconnected',
  'Destroyed',
  'BootloaderConnected',
  'BootloaderDisconnected',
]);

/** A device that comes may have been away without a word. */
const ENDS_SUBSCRIPTIONS: ReadonlySet<string> = new Set(['Connected', 'Disconnected', 'Destroyed']);

export function createEvents(
  app: FastifyInstance,
  config: Config,
  options: ConnectionOptions,
  discovery: Discovery,
  onDevicesChanged: () => void,
): Pick<Studio, 'source' | 'hub' | 'watchEvents'> {
  const watchers = [(event: SourceEvent) => followDevices(hub, event, onDevicesChanged)];
  let unplaced = 0;
  const listener = connectionListener(app, 'events');
  const upstream = new Upstream(formatAddress(options), config.simulate);
  const source = new RcspSource(
    { ...options, timeoutMs: SUBSCRIBE_TIMEOUT_MS, nextTrackId: createTrackIds() },
    {
      onProtocolError: listener.onProtocolError,
      onConnectionState: listener.onConnectionState,
      onEvent(event) {
        logEvent(app, event);
        hub.onEvent(event);
        for (const watch of watchers) watch(event);
      },
      onRefused: (stream, error) => hub.onRefused(stream, error),
      onLost(streams) {
        if (streams !== undefined && (unplaced += 1) === 1)
          app.log.warn({ streams }, 'an event does not say of which device it is; it is told as a gap');
        hub.onLost(streams);
      },
      onSource(connected) {
        hub.onSource(connected);
        upstream.tell(hub, connected);
      },
    },
  );
  const hub = createHub(app, config, source, discovery);
  upstream.tell(hub, false);
  listenForDevices(app, hub);
  return { source, hub, watchEvents: (watcher) => void watchers.push(watcher) };
}

function followDevices(
  hub: Hub,
  { publisher, topic, data }: SourceEvent,
  onDevicesChanged: () => void,
): void {
  if (publisher !== 'DeviceEvents' || !DEVICE_CHANGES.has(topic)) return;
  const deviceId = ENDS_SUBSCRIPTIONS.has(topic) ? deviceNamed(data) : undefined;
  if (deviceId !== undefined) hub.onDevice(deviceId);
  onDevicesChanged();
}

/** The channel that tells how the connection to the studio stands. */
class Upstream {
  readonly #studio: string;
  readonly #simulated: boolean;
  #told: boolean | undefined;

  constructor(studio: string, simulated: boolean) {
    this.#studio = studio;
    this.#simulated = simulated;
  }

  /** Told on change: an attempt that fails again is no news. */
  tell(hub: Hub, connected: boolean): void {
    if (connected === this.#told) return;
    this.#told = connected;
    const state = connected ? 'connected' : 'disconnected';
    hub.publishOwn(UPSTREAM_CHANNEL, { state, studio: this.#studio, simulated: this.#simulated });
  }
}

function listenForDevices({ log }: FastifyInstance, hub: Hub): void {
  for (const topic of DEVICE_CHANGES) {
    hub.open({ publisher: 'DeviceEvents', topic }).ready.catch((error: unknown) => {
      if (!(error instanceof RejectedError)) return; // the gateway ends before the studio came
      log.warn({ topic, cause: String(error) }, 'the studio does not tell when devices come and go');
    });
  }
}

function createHub(app: FastifyInstance, config: Config, source: RcspSource, discovery: Discovery): Hub {
  const epoch = randomBytes(3).readUIntBE(0, 3).toString(36);
  let epochs = 0;
  return new Hub({
    source,
    journal: { maxEvents: config.historyEvents, maxBytes: config.historyBytes },
    lingerMs: config.linger * 1000,
    nextEpoch: () => `${epoch}${(epochs += 1).toString(36)}`,
    readyTimeoutMs: SUBSCRIBE_TIMEOUT_MS,
    directory: () => directoryOf(discovery),
    isGone: ({ deviceId }) => deviceId !== undefined && !discovery.deviceIds.includes(deviceId),
    onRefused(channel, error, listeners) {
      app.log.warn({ channel, cause: error.message }, 'the studio refused a subscription');
      const why = error instanceof RejectedError ? error : new GatewayError('Protocol error', error.message);
      for (const each of listeners) each.tell({ op: 'error', id: null, error: problemOf(why) });
    },
  });
}

/** Every stream that the studio lists, its devices' included. */
export function directoryOf({ publishers, devicePublishers }: Discovery): readonly EventStream[] {
  const streams = (of: readonly Publisher[], deviceId?: number): EventStream[] =>
    of.flatMap(({ publisher, topics }) => topics.map((topic) => ({ publisher, topic, deviceId })));
  return [...streams(publishers), ...Array.from(devicePublishers, ([id, own]) => streams(own, id)).flat()];
}

/** What both kinds of connections have to tell. A breach of the protocol is told once a kind. */
export function connectionListener(
  { log, metrics }: FastifyInstance,
  role: 'commands' | 'events',
): Pick<RcspSourceListener, 'onConnectionState' | 'onProtocolError'> {
  const told = new Set<string>();
  return {
    onConnectionState: (connection, cause) => {
      if (cause !== undefined && connection.state === 'waiting') metrics.connectionLost(role);
      log.debug({ role, state: connection.state, cause: cause?.message }, 'connection');
    },
    onProtocolError: (kind, detail) => {
      metrics.protocolError(kind);
      log[told.has(kind) ? 'debug' : 'warn']({ role, kind }, `the studio broke RCSP: ${detail}`);
      told.add(kind);
    },
  };
}

function logEvent(
  { log, metrics }: FastifyInstance,
  { publisher, topic, deviceId, data }: SourceEvent,
): void {
  metrics.event(publisher, topic);
  if (log.level !== 'debug' && log.level !== 'trace') return;
  log.debug({ publisher, topic, deviceId, data: redacted(data) }, 'event');
}
