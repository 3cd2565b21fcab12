import { Executor } from '../../catalog/execute.js';
import { RejectedError } from '../../errors/errors.js';
import type { StudioMetrics } from '../../metrics.js';
import type { Logger } from '../../util/log.js';
import { GATEWAY_CHANNELS } from '../../wire/gateway-channels.js';
import { Discovery } from '../discovery/discovery.js';
import type { PlacedEvent } from '../source.js';
import type { Upstream, UpstreamState } from '../upstream.js';
import { EdgeCommands } from './edge-commands.js';
import { EdgeSource } from './edge-source.js';
import type { StudioMeta } from './meta.js';
import type { NatsLink } from './nats-link.js';
import { LISTEN_COMMAND } from './listen-exchange.js';
import { OriginWatch } from './origin-watch.js';
import { createTrackIds } from '../../util/track-id.js';
import { z } from 'zod';

export interface NatsUpstreamOptions {
  readonly id: string;
  readonly link: NatsLink;
  readonly maxWaiting: number;
  /** Milliseconds; no command takes longer. */
  readonly maxTimeoutMs: number;
  readonly log: Logger;
  readonly metrics: StudioMetrics;
  /** Told on change. */
  readonly onState: (state: UpstreamState) => void;
  /** What the gateway of the origin tells: jobs, lease, changes. */
  readonly onOwn: (channel: string, data: unknown) => void;
}

/** Milliseconds for the origin, and its studio, to take a channel. */
const LISTEN_MS = 6000;

const GatewayEvent = z.object({ EventData: z.unknown() });
const UpstreamEvent = z.object({ state: z.enum(['connecting', 'connected', 'disconnected']) });

/** A studio that is reached over NATS: its events come from the stream, its commands go to its origin. */
export class NatsUpstream implements Upstream {
  readonly kind = 'nats';
  readonly id: string;
  readonly events: EdgeSource;
  readonly exchange: EdgeCommands;
  readonly commands: Executor;
  readonly discovery: Discovery;
  readonly #options: NatsUpstreamOptions;
  readonly #watch: OriginWatch;
  readonly #nextTrackId = createTrackIds();
  #meta: StudioMeta | undefined;
  /** As the origin last told. */
  #told: UpstreamState = 'connecting';
  #isCurrent = false;
  #hasBeenCurrent = false;
  #state: UpstreamState = 'connecting';
  readonly #faults = new Set<string>();

  constructor(options: NatsUpstreamOptions) {
    this.#options = options;
    this.id = options.id;
    this.discovery = this.#createDiscovery();
    this.exchange = new EdgeCommands({
      studio: options.id,
      link: options.link,
      isStale: () => !this.#isCurrent,
      isOriginSilent: () => this.#watch.isSilent,
      maxWaiting: options.maxWaiting,
    });
    this.events = new EdgeSource(
      options.id,
      () => this.discovery.offers,
      (channel) => this.#listen(channel),
    );
    this.commands = this.#createExecutor();
    this.#watch = new OriginWatch({ studio: options.id, link: options.link, onChange: () => this.#update() });
  }

  get state(): UpstreamState {
    return this.#state;
  }

  get simulated(): boolean {
    return this.#meta?.simulated ?? false;
  }

  /** Where it is reached, for people. */
  get address(): string {
    return this.#options.link.address;
  }

  /** Whether writes need the control lease of the origin. */
  get hasLease(): boolean {
    return this.#meta?.hasLease ?? false;
  }

  /** An origin has told of it, ever. */
  get isKnown(): boolean {
    return this.#meta !== undefined;
  }

  start(): void {
    this.#options.onState(this.#state);
    this.#watch.start();
  }

  drain(graceMs: number): Promise<void> {
    return this.exchange.drain(graceMs);
  }

  stop(): void {
    this.#watch.stop();
  }

  onEvent(channel: string, placed: PlacedEvent): void {
    if (channel.startsWith('$')) return this.#onOwn(channel, placed);
    this.events.onEvent(channel, placed);
    const [publisher = '', topic = ''] = channel.split('/').slice(-2);
    this.#options.metrics.event(publisher, topic);
  }

  onMeta(meta: StudioMeta): void {
    const isAnother = meta.epoch !== this.#meta?.epoch;
    this.#meta = meta;
    this.#told = meta.state;
    this.events.onPlaces(meta.cursors);
    this.#watch.poll();
    void this.discovery.refresh().then(() => {
      this.events.onListings();
      if (isAnother) this.events.onOrigin();
    });
    this.#update();
  }

  onLoaded(): void {
    this.events.onLoaded();
  }

  /** Whether events come from the stream, if there are any. */
  onFeed(isCurrent: boolean): void {
    this.#isCurrent = isCurrent;
    this.#hasBeenCurrent ||= isCurrent;
    this.events.connected = isCurrent;
    this.#update();
  }

  async #listen(channel: string): Promise<void> {
    await this.exchange.exchange({
      name: LISTEN_COMMAND,
      argumentsJson: JSON.stringify({ channel }),
      timeoutMs: LISTEN_MS,
      trackId: this.#nextTrackId(),
      asker: { subject: 'gateway', scope: 'read' },
    });
  }

  #onOwn(channel: string, placed: PlacedEvent): void {
    const data = GatewayEvent.safeParse(JSON.parse(placed.event.toString())).data?.EventData;
    // Each gateway tells the state of its own way to the studio.
    if (channel === GATEWAY_CHANNELS.upstream) {
      this.#told = UpstreamEvent.safeParse(data).data?.state ?? this.#told;
      return this.#update();
    }
    this.events.onEvent(channel, placed);
    this.#options.onOwn(channel, data);
  }

  #update(): void {
    const state = this.#stateNow();
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #stateNow(): UpstreamState {
    if (!this.#isCurrent) return this.#hasBeenCurrent ? 'stale' : 'connecting';
    if (this.#watch.isPresent === undefined) return this.#meta === undefined ? 'connecting' : this.#state;
    return this.#watch.isPresent ? this.#told : 'disconnected';
  }

  /** The origin has asked the studio: its answers are in what it tells. */
  #createDiscovery(): Discovery {
    const { log } = this.#options;
    const once = (key: string, tell: () => void): void => {
      if (this.#faults.has(key)) return;
      this.#faults.add(key);
      tell();
    };
    return new Discovery({
      ask: (name, args) => {
        const told = listingOf(this.#meta, name, args?.['DeviceId']);
        if (told != null) return Promise.resolve(told);
        return Promise.reject(new RejectedError('Unknown command', `The origin does not tell ${name}.`));
      },
      onFault: (name, error) =>
        once(name, () => log.debug({ command: name, cause: String(error) }, 'a listing is missing')),
      onCut: (what, limit) =>
        once(what, () => log.warn({ what, limit }, `the studio lists more than ${limit} ${what}`)),
    });
  }

  #createExecutor(): Executor {
    const { log, metrics, maxTimeoutMs } = this.#options;
    const { exchange, discovery } = this;
    return new Executor({
      senders: { quick: exchange, slow: exchange, events: exchange },
      discovery,
      maxTimeoutMs,
      observer: {
        onCommand: (name, error, durationMs) => metrics.command(name, error, durationMs),
        onSchemaMismatch: (command, reason, trackId) => {
          metrics.oddAnswer(command);
          log.debug({ command, trackId, reason }, 'an answer does not fit the catalog; it is passed on');
        },
      },
    });
  }
}

function listingOf(meta: StudioMeta | undefined, name: string, deviceId: unknown): unknown {
  if (meta === undefined) return undefined;
  const { devices, ...own } = meta.catalogue;
  if (deviceId === undefined) return new Map<string, unknown>(Object.entries(own)).get(name);
  return new Map<string, unknown>(
    Object.entries(devices[typeof deviceId === 'number' ? String(deviceId) : ''] ?? {}),
  ).get(name);
}
