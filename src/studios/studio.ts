import type { CommandEnd, CommandInvocation } from '../catalog/execute.js';
import type { AuditEntry } from '../commands/audit.js';
import { Dispatcher } from '../commands/dispatcher.js';
import { FairShare } from '../commands/fair-share.js';
import type { Gate } from '../commands/gate.js';
import { ControlLease } from '../commands/lease.js';
import { Jobs } from '../jobs/jobs.js';
import { RcspUpstream } from '../upstreams/rcsp/rcsp-upstream.js';
import type { UpstreamState } from '../upstreams/upstream.js';
import { formatAddress } from '../util/address.js';
import type { Address } from '../util/address.js';
import type { Logger } from '../util/log.js';
import { GATEWAY_CHANNELS } from '../wire/gateway-channels.js';
import { createGate, isKnownBy } from './studio-services.js';
import type { StudioServices } from './studio-services.js';

/** Where a studio is. */
export interface StudioPlace {
  readonly name: string;
  readonly address: Address;
  /** It is an embedded simulator. */
  readonly simulated: boolean;
}

/**
 * A studio and everything that is its own: its connections, the way of commands to it, its jobs and its control lease.
 * Nothing here is shared with another studio, so that none can use up what another needs.
 */
export class Studio {
  readonly name: string;
  readonly upstream: RcspUpstream;
  readonly jobs: Jobs;
  /** Undefined unless the gateway has leases. */
  readonly lease: ControlLease | undefined;
  readonly gate: Gate;
  readonly dispatcher: Dispatcher;
  readonly #services: StudioServices;
  readonly #log: Logger;
  /** Milliseconds since 1970. */
  #since = Date.now();

  constructor(services: StudioServices, place: StudioPlace) {
    const { name } = place;
    const { hub, config } = services;
    this.name = name;
    this.#services = services;
    this.#log = services.logOf(name);
    this.upstream = this.#createUpstream(place);
    this.jobs = new Jobs({
      studio: name,
      listen: () => this.upstream.listenForUpdates(),
      onChange: (job) => hub.publishOwn(GATEWAY_CHANNELS.jobs, job, name),
    });
    this.lease = config.controlLease ? this.#createLease() : undefined;
    for (const channel of [GATEWAY_CHANNELS.audit, GATEWAY_CHANNELS.changes, GATEWAY_CHANNELS.jobs])
      hub.addOwn(channel, name);
    this.gate = createGate(services, this.lease, (entry) => this.#audit(entry));
    this.dispatcher = new Dispatcher({
      gate: this.gate,
      jobs: this.jobs,
      share: new FairShare(config.maxWaiting),
      describer: this.upstream.discovery,
      execute: (invocation: CommandInvocation, onEnd: CommandEnd) =>
        this.upstream.commands.execute(invocation, onEnd),
    });
  }

  /** Since when the state of its connection is what it is, in milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  start(): void {
    this.#services.hub.addSource(this.upstream.events, this.name);
    this.upstream.start();
  }

  /** Takes no new commands; resolves when those in flight are settled, after `graceMs` at the latest. */
  drain(graceMs: number): Promise<void> {
    return this.upstream.drain(graceMs);
  }

  /** Ends the connection for events. */
  stopEvents(): void {
    this.upstream.stop();
  }

  /** Ends the timers of jobs and lease. */
  close(): void {
    this.jobs.close();
    this.lease?.close();
  }

  #createUpstream({ name, address, simulated }: StudioPlace): RcspUpstream {
    const { config, hub, metrics } = this.#services;
    const own = metrics.ofStudio(name);
    const upstream = new RcspUpstream({
      id: name,
      address,
      simulated,
      connectTimeoutMs: config.connectTimeout,
      maxPayloadBytes: config.maxPayload,
      poolSize: config.poolSize,
      maxWaiting: FairShare.totalOf(config.maxWaiting),
      maxTimeoutMs: config.maxTimeout * 1000,
      log: this.#log,
      metrics: own,
      keepOpen: (channel) => hub.open(channel, name),
      onState: (state) => this.#onState(state, address, simulated),
      onUpdateEvent: (event) => this.jobs.onEvent(event),
    });
    own.setKnownCommands(isKnownBy(upstream.discovery));
    return upstream;
  }

  #onState(state: UpstreamState, address: Address, simulated: boolean): void {
    this.#since = Date.now();
    const { hub } = this.#services;
    const data = { state, studio: formatAddress(address), name: this.name, simulated };
    hub.publishOwn(GATEWAY_CHANNELS.upstream, data, this.name);
  }

  #audit(entry: AuditEntry): void {
    const { hub } = this.#services;
    // Light arrays are no part of a studio.
    const told = entry.node === undefined ? { ...entry, studio: this.name } : entry;
    this.#log.info({ audit: told, trackId: entry.trackId }, 'audit');
    hub.publishOwn(GATEWAY_CHANNELS.audit, told, this.name);
    if (entry.outcome !== 'ok' || entry.node !== undefined) return;
    const { command, deviceId, at } = entry;
    hub.publishOwn(GATEWAY_CHANNELS.changes, { command, studio: this.name, deviceId, at }, this.name);
  }

  #createLease(): ControlLease {
    const { config, hub, isStillAuthorized } = this.#services;
    const tell = (change: object): void =>
      hub.publishOwn(GATEWAY_CHANNELS.lease, { ...change, studio: this.name }, this.name);
    const lease = new ControlLease({
      durationMs: config.leaseTime * 1000,
      isStillAuthorized,
      onChange: (change) => {
        if (change.change !== 'renewed') this.#log.info({ lease: change }, 'control lease');
        tell(change);
      },
    });
    tell({ change: 'released', ...lease.state, previous: null });
    return lease;
  }
}
