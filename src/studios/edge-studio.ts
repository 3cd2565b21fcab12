import type { AuditEntry } from '../commands/audit.js';
import { Dispatcher } from '../commands/dispatcher.js';
import { FairShare } from '../commands/fair-share.js';
import type { Gate } from '../commands/gate.js';
import type { NatsLink } from '../upstreams/nats/nats-link.js';
import { NatsUpstream } from '../upstreams/nats/nats-upstream.js';
import type { UpstreamState } from '../upstreams/upstream.js';
import type { Logger } from '../util/log.js';
import { GATEWAY_CHANNELS } from '../wire/gateway-channels.js';
import { RemoteJobs } from './remote-jobs.js';
import { RemoteLease } from './remote-lease.js';
import { createGate, isKnownBy } from './studio-services.js';
import type { StudioServices } from './studio-services.js';

/**
 * A studio that is reached over NATS. Tokens, scopes, rates and shares are checked here; lease, jobs and audit are the
 * origin's, which is told who asks.
 */
export class EdgeStudio {
  readonly name: string;
  readonly upstream: NatsUpstream;
  readonly jobs: RemoteJobs;
  readonly gate: Gate;
  readonly dispatcher: Dispatcher;
  readonly #lease: RemoteLease;
  readonly #services: StudioServices;
  readonly #log: Logger;
  /** Milliseconds since 1970. */
  #since = Date.now();

  constructor(services: StudioServices, name: string, link: NatsLink) {
    const { hub, config } = services;
    this.name = name;
    this.#services = services;
    this.#log = services.logOf(name);
    this.upstream = this.#createUpstream(link);
    const { exchange } = this.upstream;
    this.jobs = new RemoteJobs(name, exchange, (job) => hub.publishOwn(GATEWAY_CHANNELS.jobs, job, name));
    this.#lease = new RemoteLease(exchange, (error) =>
      this.#log.warn({ cause: String(error) }, 'the control lease could not be given back'),
    );
    const { lease, jobs, changes, audit } = GATEWAY_CHANNELS;
    for (const channel of [lease, jobs, changes, audit]) hub.addOwn(channel, name);
    this.gate = createGate(services, undefined, (entry) => this.#audit(entry));
    this.dispatcher = new Dispatcher({
      gate: this.gate,
      jobs: this.jobs,
      share: new FairShare(config.maxWaiting),
      describer: this.upstream.discovery,
      execute: (invocation, onEnd) => this.upstream.commands.execute(invocation, onEnd),
      tellsAsker: true,
    });
  }

  /** Undefined where the origin has none. */
  get lease(): RemoteLease | undefined {
    return this.upstream.hasLease ? this.#lease : undefined;
  }

  get since(): number {
    return this.#since;
  }

  start(): void {
    this.#services.hub.addSource(this.upstream.events, this.name);
    this.upstream.start();
  }

  drain(graceMs: number): Promise<void> {
    return this.upstream.drain(graceMs);
  }

  stopEvents(): void {
    this.upstream.stop();
  }

  close(): void {
    this.jobs.close();
    this.#lease.close();
  }

  #createUpstream(link: NatsLink): NatsUpstream {
    const { config, metrics } = this.#services;
    const own = metrics.ofStudio(this.name);
    const upstream = new NatsUpstream({
      id: this.name,
      link,
      maxWaiting: FairShare.totalOf(config.maxWaiting),
      maxTimeoutMs: config.maxTimeout * 1000,
      log: this.#log,
      metrics: own,
      onState: (state) => this.#onState(state, link),
      onOwn: (channel, data) => {
        if (channel === GATEWAY_CHANNELS.jobs) this.jobs.onTold(data);
        if (channel === GATEWAY_CHANNELS.lease) this.#lease.onTold(data);
      },
    });
    own.setKnownCommands(isKnownBy(upstream.discovery));
    return upstream;
  }

  #onState(state: UpstreamState, link: NatsLink): void {
    this.#since = Date.now();
    this.#log.info({ state }, `the studio is ${state}`);
    const data = { state, studio: link.address, name: this.name, simulated: this.upstream.simulated };
    this.#services.hub.publishOwn(GATEWAY_CHANNELS.upstream, data, this.name);
  }

  /** The origin writes the line of what was sent, and tells the change; this one is of what was asked here. */
  #audit(entry: AuditEntry): void {
    const told = { ...entry, studio: this.name };
    this.#log.info({ audit: told, trackId: entry.trackId }, 'audit');
    this.#services.hub.publishOwn(GATEWAY_CHANNELS.audit, told, this.name);
  }
}
