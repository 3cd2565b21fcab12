/** All light arrays as one upstream: commands, events, and the listener for what they tell. */
import { GatewayError } from '../../errors/errors.js';
import { formatAddress } from '../../util/address.js';
import type { Address } from '../../util/address.js';
import type { Logger } from '../../util/log.js';
import type { Upstream, UpstreamState } from '../upstream.js';
import { CallbackListener } from './callback-listener.js';
import type { CallbackRefusal } from './callback-listener.js';
import { LightNode } from './light-node.js';
import type { LightDescription, NodeReachability } from './light-node.js';
import { LightOperations } from './light-operations.js';
import type { LightOperationsOptions } from './light-operations.js';
import { LightsSource } from './lights-source.js';
import { LightsState } from './lights-state.js';
import type { BaseFields, ReceivedMessage } from './protocol/pycom-message.js';
import { OUR_NAME, OUR_VERSION } from './protocol/vendor-choices.js';
import { NodeScan, ownAddresses } from './node-scan.js';
import { PycomSender } from './pycom-sender.js';

export interface LightsOptions {
  readonly nodes: readonly Address[];
  readonly listen: Address;
  /** Undefined: what nodes told is forgotten when the gateway ends. */
  readonly stateFile?: string | undefined;
  /** Look for further nodes, on this port. */
  readonly scanPort?: number | undefined;
  readonly maxTimeoutMs: number;
  readonly log: Logger;
  readonly onCommand: LightOperationsOptions['onCommand'];
  readonly onRefused: (reason: CallbackRefusal) => void;
  readonly heartbeatMs?: number | undefined;
  readonly unreachableMs?: number | undefined;
}

/** Milliseconds until the listener's address is tried again. */
const RETRY_MS = 5000;

export class LightsUpstream implements Upstream {
  readonly id = 'lights';
  readonly kind = 'lights';
  readonly commands: LightOperations;
  readonly events: LightsSource;
  readonly #options: LightsOptions;
  readonly #nodes = new Map<string, LightNode>();
  readonly #sender = new PycomSender();
  readonly #kept: LightsState;
  readonly #listener: CallbackListener;
  readonly #scan: NodeScan | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: LightsOptions) {
    this.#options = options;
    this.#kept = new LightsState(options.stateFile, (what, error) =>
      options.log.warn({ cause: error.message }, `light arrays: ${what}`),
    );
    this.events = new LightsSource((node) => stateEvent(this.find(node)));
    this.commands = new LightOperations({ ...options, kept: this.#kept, nodeOf: (name) => this.find(name) });
    this.#listener = new CallbackListener({
      address: options.listen,
      isKnown: (remote) => this.#at(remote).length > 0 || this.#scan?.isCandidate(remote) === true,
      onMessage: (remote, received) => this.#onMessage(remote, received),
      onRefused: (reason, remote) => {
        options.log.debug({ reason, remote }, 'light arrays: a connection was refused');
        options.onRefused(reason);
      },
    });
    this.#scan = options.scanPort === undefined ? undefined : this.#createScan(options.scanPort);
    for (const address of options.nodes) this.#add(address);
  }

  get state(): UpstreamState {
    const isAnyUp = [...this.#nodes.values()].some(({ state }) => state === 'connected');
    return isAnyUp ? 'connected' : 'disconnected';
  }

  get nodes(): readonly LightNode[] {
    return [...this.#nodes.values()];
  }

  get descriptions(): readonly LightDescription[] {
    return this.nodes.map(({ description }) => description);
  }

  /** The port of the listener; undefined while it has none. */
  get port(): number | undefined {
    return this.#listener.port;
  }

  /** By its name, its address with the port, or its id. @throws GatewayError `Not found` */
  find(text: string): LightNode {
    const found =
      this.#nodes.get(text) ??
      this.nodes.find(({ address, kept }) => formatAddress(address) === text || kept.id === text);
    if (found !== undefined) return found;
    const known = this.nodes.map(({ name }) => name).join(', ') || 'none, see --lights';
    throw new GatewayError(
      'Not found',
      `There is no light array ${JSON.stringify(text)}. There is: ${known}.`,
      {
        outcome: 'not-sent',
      },
    );
  }

  start(): void {
    if (this.#nodes.size > 0 || this.#scan !== undefined) void this.#listen();
  }

  /** What is left after the grace time gets no answer. */
  async drain(graceMs: number): Promise<void> {
    await this.commands.drain(graceMs);
    for (const { slot } of this.nodes) slot.close();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#scan?.stop();
    for (const node of this.nodes) node.stop();
    this.#listener.close();
    this.#sender.close();
  }

  /** Without the listener no node could answer: heartbeats begin with it. */
  async #listen(): Promise<void> {
    const { log, listen } = this.#options;
    try {
      await this.#listener.listen();
    } catch (error) {
      if (this.#isStopped) return;
      const { message } = error as Error;
      log.error(`--lights-listen ${formatAddress(listen)} cannot be: ${message}; trying again`);
      this.#retry = setTimeout(() => void this.#listen(), RETRY_MS);
      return;
    }
    if (this.#isStopped) return this.#listener.close();
    const port = this.#listener.port ?? 0;
    log.info(`listening for light arrays on ${formatAddress({ host: listen.host, port })}`);
    // A node may know us by our id: it lasts from the first heartbeat.
    this.#kept.save();
    for (const node of this.nodes) node.start();
    this.#scan?.start();
  }

  #createScan(port: number): NodeScan {
    return new NodeScan({
      port,
      sender: this.#sender,
      listen: this.#options.listen.host,
      isKnown: (remote) => this.#at(remote).length > 0,
      baseFields: () => this.#baseFields(),
      onFound: (address, said) => {
        const node = this.#add(address);
        this.#options.log.info({ node: node.name }, 'light array found');
        for (const each of said) this.#onMessage(address.host, each);
        node.start();
      },
    });
  }

  #add(address: Address): LightNode {
    const node: LightNode = new LightNode({
      address,
      sender: this.#sender,
      kept: this.#kept,
      baseFields: () => this.#baseFields(),
      onState: (state, reason) => this.#onState(node, state, reason),
      heartbeatMs: this.#options.heartbeatMs,
      unreachableMs: this.#options.unreachableMs,
    });
    this.#nodes.set(node.name, node);
    this.events.addNode(node.name);
    return node;
  }

  #baseFields(): BaseFields | undefined {
    const { port } = this.#listener;
    if (port === undefined) return undefined;
    const id = this.#kept.coordinatorId;
    return {
      id,
      name: OUR_NAME,
      ip: ownAddress(this.#options.listen),
      port,
      version: OUR_VERSION,
      coordinator: true,
    };
  }

  #onState(node: LightNode, state: NodeReachability, reason: string): void {
    const { log } = this.#options;
    log[state === 'connected' ? 'info' : 'warn']({ node: node.name, state }, `light array: ${reason}`);
    if (state === 'unreachable') this.events.lose(node.name);
    this.events.tellState(node.name);
  }

  #onMessage(remote: string, { message, bytes }: ReceivedMessage): boolean {
    const node = this.#sentBy(remote, message);
    if (node === undefined) return this.#scan?.onMessage(remote, { message, bytes }) === true;
    node.onMessage(message);
    if (message.type_ === 'output') this.events.emit(node.name, 'Output', bytes);
    if (message.type_ === 'message') this.events.emit(node.name, 'Message', bytes);
    if (message.type_ === 'unit_info') this.events.emit(node.name, 'UnitInfo', bytes);
    return true;
  }

  /** Several nodes at one address, as behind a simulator, are told apart by the port that they listen on. */
  #sentBy(remote: string, { port, id }: ReceivedMessage['message']): LightNode | undefined {
    const there = this.#at(remote);
    if (there.length === 1) return there[0];
    return there.find(({ address }) => address.port === port) ?? there.find(({ kept }) => kept.id === id);
  }

  #at(remote: string): readonly LightNode[] {
    return this.nodes.filter(({ remote: own }) => own === remote);
  }
}

function stateEvent({ description: { node, state, since } }: LightNode): object {
  return { node, state, since };
}

/** Nodes answer to the address that they see; this one is only told. */
function ownAddress({ host }: Address): string {
  return ownAddresses(host)[0] ?? '127.0.0.1';
}
