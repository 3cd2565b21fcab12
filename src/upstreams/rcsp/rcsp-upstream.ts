import type { StudioMetrics } from '../../metrics.js';
import { Executor } from '../../catalog/execute.js';
import { updateFwEventData } from '../../catalog/rcsp/publishers.js';
import { RejectedError } from '../../errors/errors.js';
import { formatAddress } from '../../util/address.js';
import type { Address } from '../../util/address.js';
import { redacted } from '../../util/log.js';
import type { Logger } from '../../util/log.js';
import { createTrackIds } from '../../util/track-id.js';
import { within } from '../../util/within.js';
import { Discovery } from '../discovery/discovery.js';
import type { OpenedChannel } from '../source.js';
import type { Upstream, UpstreamState } from '../upstream.js';
import { createProbe } from './command-probes.js';
import type { ConnectionOptions } from './connection.js';
import { ConnectionCount } from './connection-count.js';
import { ConnectionReports, measureConnections } from './connection-reports.js';
import { ListingRecord } from './listing-record.js';
import { HeldSubscriptions } from './held-subscriptions.js';
import { Pool } from './pool.js';
import type { EventMessage } from './protocol/message.js';
import { RcspSource } from './rcsp-source.js';
import { channelOf, deviceNamed } from './streams.js';

export interface RcspUpstreamOptions {
  readonly id: string;
  readonly address: Address;
  /** It is the embedded simulator. */
  readonly simulated: boolean;
  readonly connectTimeoutMs: number;
  readonly maxPayloadBytes: number;
  /** Connections for commands. */
  readonly poolSize: number;
  /** Commands accepted and not answered; one more is refused. */
  readonly maxWaiting: number;
  /** Milliseconds; no command takes longer. */
  readonly maxTimeoutMs: number;
  /** Milliseconds without a byte after which the studio is asked for a sign of life. */
  readonly silenceMs?: number | undefined;
  /** Milliseconds that it then has to answer. */
  readonly probeTimeoutMs?: number | undefined;
  readonly log: Logger;
  readonly metrics: StudioMetrics;
  /** Keeps a channel open, with history, for a user that is no client. */
  readonly keepOpen: (channel: string) => OpenedChannel;
  /** Told on change. */
  readonly onState: (state: UpstreamState) => void;
  readonly onUpdateEvent: (event: UpdateEvent) => void;
}

/** One of `UpdateFwEvents`; it names no device. */
export interface UpdateEvent {
  readonly topic: string;
  readonly percent: number | undefined;
  readonly error: string | undefined;
}

/** Milliseconds for the gateway's own questions to the studio. */
const OWN_TIMEOUT_MS = 5000;
/** Milliseconds that the studio has to take a subscription. */
export const SUBSCRIBE_TIMEOUT_MS = 5000;
/** Milliseconds between two readings of the offers while the source is watched. */
const POLL_MS = 5000;
/** Milliseconds for the subscription that an update is followed by; after that it starts without. */
const LISTEN_MS = 2000;

/** Topics after which the list of devices, or what they can do, may have changed. */
const DEVICE_CHANGES: ReadonlySet<string> = new Set([
  'Connected',
  'Initialized',
  'Disconnected',
  'Destroyed',
  'BootloaderConnected',
  'BootloaderDisconnected',
]);
/** A device may drop its subscriptions without a Disconnected event; resubscribe on Connected. */
const ENDS_SUBSCRIPTIONS: ReadonlySet<string> = new Set(['Connected', 'Disconnected', 'Destroyed']);

const UPDATE_CHANNELS = ['Progress', 'Failure', 'Done'].map((topic) =>
  channelOf({ publisher: 'UpdateFwEvents', topic }),
);

/**
 * A studio: an RCSP server over TCP. It joins the pool for commands, the connection for events, discovery, held
 * subscriptions and the device watch.
 */
export class RcspUpstream implements Upstream {
  readonly kind = 'rcsp' as const;
  readonly pool: Pool;
  readonly discovery: Discovery;
  readonly commands: Executor;
  readonly events: RcspSource;
  /** What discovery has read. */
  readonly listings = new ListingRecord();
  /** How many the studio accepts, for people. */
  readonly connections: ConnectionCount;
  readonly #options: RcspUpstreamOptions;
  #told: boolean | undefined;
  /** Events that named no device; only the first is logged. */
  #unplaced = 0;
  readonly #reports: ConnectionReports;
  #polling: NodeJS.Timeout | undefined;
  #isReading = false;

  constructor(options: RcspUpstreamOptions) {
    this.#options = options;
    const { address, connectTimeoutMs, maxPayloadBytes } = options;
    const connection: ConnectionOptions = { ...address, connectTimeoutMs, maxPayloadBytes };
    this.#reports = new ConnectionReports(options.log, options.metrics, formatAddress(address));
    this.events = this.#createSource(connection);
    this.pool = this.#createPool(connection);
    this.connections = new ConnectionCount(options.log, this.events.connection, this.pool.connections);
    this.discovery = this.#createDiscovery();
    this.commands = this.#createExecutor();
    measureConnections(options.metrics, this.pool, this.events.connection);
  }

  get id(): string {
    return this.#options.id;
  }

  get address(): Address {
    return this.#options.address;
  }

  get simulated(): boolean {
    return this.#options.simulated;
  }

  get state(): UpstreamState {
    if (this.pool.connected) return 'connected';
    const { state } = this.events.connection;
    return state === 'connecting' || state === 'idle' ? 'connecting' : 'disconnected';
  }

  /**
   * The events' connection comes first: a studio may accept only a few. It decides what `$gateway/upstream` tells: its
   * loss is what listeners notice.
   */
  start(): void {
    this.#tell(false);
    this.#watchDevices();
    this.events.start();
    this.pool.start();
  }

  drain(graceMs: number): Promise<void> {
    this.connections.stop();
    return this.pool.close(graceMs);
  }

  stop(): void {
    clearInterval(this.#polling);
    this.events.stop();
  }

  /** Opens the channels that tell how a firmware update goes; the returned function closes them. */
  async listenForUpdates(): Promise<() => void> {
    const opened = UPDATE_CHANNELS.map((channel) => this.#options.keepOpen(channel));
    const ready = Promise.allSettled(opened.map((each) => each.ready));
    // A studio that does not publish these may still update.
    if (this.events.connected) await within(ready, LISTEN_MS, () => new Error('late')).catch(() => undefined);
    return () => {
      for (const each of opened) each.close();
    };
  }

  #createPool(connection: ConnectionOptions): Pool {
    const { log, poolSize, maxWaiting, silenceMs, probeTimeoutMs } = this.#options;
    const observer = this.#reports.of('commands');
    const where = formatAddress(connection);
    const nextTrackId = createTrackIds();
    return new Pool(
      {
        ...connection,
        size: poolSize,
        maxWaiting,
        spare: this.events.connection,
        mayConnect: () => this.events.isTrusted,
        isDoubted: () => this.events.isDoubted,
        createProbe: (onEnd) => createProbe(nextTrackId(), onEnd, probeTimeoutMs),
        silenceMs,
      },
      {
        onProtocolError: observer.onProtocolError,
        onRepaired: observer.onRepaired,
        onConnectionState: (each, cause) => {
          observer.onConnectionState(each, cause);
          this.connections.update();
        },
        onStudio: (connected, cause) => {
          if (connected) log.info(`connected to the studio at ${where}`);
          else if (cause !== undefined) log.warn(`lost the studio at ${where}: ${cause.message}`);
          if (connected) void this.#refresh('all');
        },
        // Nothing is subscribed on these connections.
        onEvent: ({ publisher, topic }) =>
          log.debug({ publisher, topic }, 'event on a connection for commands'),
      },
    );
  }

  #createSource(connection: ConnectionOptions): RcspSource {
    const { id, log, silenceMs, probeTimeoutMs } = this.#options;
    return new RcspSource(
      {
        ...connection,
        id,
        timeoutMs: SUBSCRIBE_TIMEOUT_MS,
        nextTrackId: createTrackIds(),
        silenceMs,
        probeTimeoutMs,
      },
      {
        ...this.#reports.of('events'),
        onConnected: (connected, cause) => {
          this.#tell(connected);
          this.pool.onSpare(cause);
          this.connections.update();
        },
        onProgress: () => this.pool.onSpare(undefined),
        onEvent: (event, deviceId) => this.#onEvent(event, deviceId),
        onUnplaced: (channels) => {
          this.#unplaced += 1;
          if (this.#unplaced === 1)
            log.warn({ channels }, 'an event does not say of which device it is; it is reported as a gap');
        },
        onWatch: (isWatched) => this.#poll(isWatched),
      },
    );
  }

  #createDiscovery(): Discovery {
    const { log } = this.#options;
    const nextTrackId = createTrackIds();
    const told = new Set<string>();
    return new Discovery({
      ask: async (name, args) => {
        const command = {
          Command: name,
          TrackId: nextTrackId(),
          Version: 1,
          ...(args && { Arguments: args }),
        };
        const request = { command, slow: false, repeatable: true, timeoutMs: OWN_TIMEOUT_MS };
        const { response } = await this.pool.send(request);
        this.listings.set(name, args?.['DeviceId'], response);
        return response;
      },
      onFault: (name, error) => {
        const level = told.has(name) ? 'debug' : 'warn';
        log[level]({ command: name, cause: String(error) }, 'the studio does not say what it can do');
        told.add(name);
      },
      onCut: (what, limit) => {
        if (told.has(what)) return;
        told.add(what);
        log.warn({ what, limit }, `the studio lists more than ${limit} ${what}; the others are left out`);
      },
    });
  }

  #createExecutor(): Executor {
    const { log, metrics, keepOpen, maxTimeoutMs } = this.#options;
    const { pool, events, discovery } = this;
    const held = new HeldSubscriptions({
      open: keepOpen,
      get connected() {
        return events.connected;
      },
    });
    const odd = new Set<string>();
    return new Executor({
      senders: { quick: pool, slow: pool, events: held },
      discovery,
      maxTimeoutMs,
      observer: {
        onCommand: (name, error, durationMs) => metrics.command(name, error, durationMs),
        onSchemaMismatch(command, reason, trackId) {
          metrics.oddAnswer(command);
          if (odd.has(command)) return;
          odd.add(command);
          log.warn(
            { command, trackId, reason },
            'an answer does not fit the catalog; it is passed on unchanged',
          );
        },
      },
    });
  }

  /** Told on change: an attempt that fails again is no news. */
  #tell(connected: boolean): void {
    if (connected === this.#told) return;
    this.#told = connected;
    this.#options.onState(connected ? 'connected' : 'disconnected');
  }

  #onEvent({ publisher, topic, data }: EventMessage, deviceId: number | undefined): void {
    const { log, metrics, onUpdateEvent } = this.#options;
    metrics.event(publisher, topic);
    if (log.level === 'debug' || log.level === 'trace') {
      log.debug({ publisher, topic, deviceId, data: redacted(data) }, 'event');
    }
    if (publisher === 'DeviceEvents' && DEVICE_CHANGES.has(topic)) this.#onDeviceEvent(topic, data);
    if (publisher === 'UpdateFwEvents' && deviceId === undefined) {
      const told = updateFwEventData.safeParse(data).data;
      onUpdateEvent({
        topic,
        percent: told?.PercentComplete ?? undefined,
        error: told?.ErrorMsg ?? undefined,
      });
    }
  }

  #onDeviceEvent(topic: string, data: unknown): void {
    const deviceId = ENDS_SUBSCRIPTIONS.has(topic) ? deviceNamed(data) : undefined;
    if (deviceId !== undefined) this.events.onDevice(deviceId, topic === 'Connected');
    void this.#refresh('devices');
  }

  /** Listens to the topics that tell when devices come and go. */
  #watchDevices(): void {
    const { log, keepOpen } = this.#options;
    for (const topic of DEVICE_CHANGES) {
      keepOpen(channelOf({ publisher: 'DeviceEvents', topic })).ready.catch((error: unknown) => {
        if (!(error instanceof RejectedError)) return; // the gateway ends before the studio came
        log.warn({ topic, cause: String(error) }, 'the studio does not tell when devices come and go');
      });
    }
  }

  async #refresh(what: 'all' | 'devices' | 'publishers'): Promise<void> {
    await this.discovery.refresh(what);
    this.#publishOffers();
  }

  #publishOffers(): void {
    this.events.onListings(this.discovery.offers, this.discovery.listedDevices);
  }

  /** Not every change of the offers is told by an event: read them while somebody waits for more. */
  #poll(isWatched: boolean): void {
    clearInterval(this.#polling);
    this.#polling = undefined;
    if (!isWatched) return;
    this.#polling = setInterval(() => {
      // A studio that takes longer to answer is not asked more.
      if (this.#isReading || !this.pool.connected) return;
      this.#isReading = true;
      void this.#refresh('publishers').finally(() => (this.#isReading = false));
    }, POLL_MS);
  }
}
