/** One light array: its heartbeat, what it told, and its commands. */
import { GatewayError } from '../../errors/errors.js';
import type { Address } from '../../util/address.js';
import { bracketed, formatAddress } from '../../util/address.js';
import { CommandSlot } from './command-slot.js';
import type { ScriptStep } from './command-slot.js';
import type { MarkedOutput } from './light-script.js';
import type { LightsState, LightUnit, NodeState } from './lights-state.js';
import { encodeCommand, encodeHeartbeat } from './protocol/pycom-message.js';
import type { BaseFields, PycomMessage } from './protocol/pycom-message.js';
import { HEARTBEAT_MS, PYCOM_PORT, UNREACHABLE_MS } from './protocol/vendor-choices.js';
import type { Delivery, PycomSender } from './pycom-sender.js';

export type NodeReachability = 'connected' | 'unreachable';

/** As `GET /v1/lights/{node}` shows it. */
export interface LightDescription {
  /** Its name in routes, channels and metrics. */
  readonly node: string;
  readonly id: string | null;
  readonly name: string | null;
  readonly address: string;
  readonly port: number;
  readonly version: string | null;
  readonly state: NodeReachability;
  readonly since: number;
  readonly lastHeardAt: number | null;
  readonly unit: LightUnit | null;
}

export interface LightNodeOptions {
  readonly address: Address;
  readonly sender: PycomSender;
  readonly kept: LightsState;
  /** What every request says of us; undefined while nothing could be answered. */
  readonly baseFields: () => BaseFields | undefined;
  readonly onState: (state: NodeReachability, reason: string) => void;
  readonly heartbeatMs?: number | undefined;
  readonly unreachableMs?: number | undefined;
}

/** `192.168.0.23`, or `192.168.0.23:5001` where the port is not pycom's own. */
export function nodeName({ host, port }: Address): string {
  return port === PYCOM_PORT ? bracketed(host) : formatAddress({ host, port });
}

export class LightNode {
  readonly name: string;
  readonly address: Address;
  readonly slot: CommandSlot;
  readonly #options: LightNodeOptions;
  #state: NodeReachability = 'unreachable';
  #since = Date.now();
  #lastHeardAt: number | null = null;
  /** The IP address at which it was last reached: a name may stand for another one later. */
  #remote: string;
  #isBeating = false;
  #beats: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;

  constructor(options: LightNodeOptions) {
    this.#options = options;
    this.address = options.address;
    this.name = nodeName(options.address);
    this.#remote = options.address.host;
    this.slot = new CommandSlot({
      node: this.name,
      send: (command, signal) => this.#send(command, signal),
    });
  }

  get state(): NodeReachability {
    return this.#state;
  }

  get remote(): string {
    return this.#remote;
  }

  get kept(): NodeState {
    return this.#options.kept.of(this.name);
  }

  get description(): LightDescription {
    const { id, name, version, unit } = this.kept;
    const { host: address, port } = this.address;
    return {
      node: this.name,
      id,
      name,
      address,
      port,
      version,
      state: this.#state,
      since: this.#since,
      lastHeardAt: this.#lastHeardAt,
      unit,
    };
  }

  start(): void {
    this.#beats = setInterval(() => void this.beat(), this.#options.heartbeatMs ?? HEARTBEAT_MS);
    void this.beat();
  }

  /** A heartbeat that is taken from now on changes nothing. */
  stop(): void {
    clearInterval(this.#beats);
    this.#beats = undefined;
    clearTimeout(this.#silence);
    this.slot.close();
  }

  /** One heartbeat; the one before it must have ended. */
  async beat(): Promise<void> {
    const fields = this.#options.baseFields();
    if (fields === undefined || this.#isBeating) return;
    this.#isBeating = true;
    try {
      await this.#deliver(encodeHeartbeat(fields)).taken;
      this.#onTaken();
    } catch {
      // What counts is how long none was taken: see `#onSilence`.
    } finally {
      this.#isBeating = false;
    }
  }

  /** Runs scripts. @throws GatewayError, RejectedError; see `CommandSlot.run` */
  run(steps: readonly ScriptStep[], timeoutMs: number): Promise<MarkedOutput> {
    if (this.#state === 'connected') return this.slot.run(steps, timeoutMs);
    const detail = `${this.name} takes no heartbeat.`;
    return Promise.reject(new GatewayError('Studio unreachable', detail, { outcome: 'not-sent' }));
  }

  onMessage(message: PycomMessage): void {
    this.#lastHeardAt = Date.now();
    this.#remember(message);
    if (message.type_ === 'output') this.slot.onOutput(message.output);
    if (message.type_ === 'message') this.slot.onMessage(message.message);
  }

  /** Another id is another node: what was known of the one before it is no longer true. */
  #remember(message: PycomMessage): void {
    const { id, name, version } = message;
    const { kept } = this;
    const unit = message.type_ === 'unit_info' ? unitOf(message) : kept.id === id ? kept.unit : null;
    const isNews = kept.id !== id || kept.name !== name || kept.version !== version;
    if (isNews || message.type_ === 'unit_info')
      this.#options.kept.change(this.name, { id, name, version, unit });
  }

  #send(command: string, signal: AbortSignal): Promise<string> {
    const fields = this.#options.baseFields();
    if (fields === undefined) return Promise.reject(new Error('the gateway does not listen for its answers'));
    return this.#deliver(encodeCommand(fields, command), signal).sent;
  }

  /** The node may answer before it has closed the connection. */
  #deliver(request: Buffer, signal?: AbortSignal): Delivery {
    const delivery = this.#options.sender.send(this.address, request, signal);
    delivery.sent.then(
      (remote) => (this.#remote = remote),
      () => undefined,
    );
    return delivery;
  }

  #onTaken(): void {
    clearTimeout(this.#silence);
    if (this.#beats === undefined) return;
    this.#silence = setTimeout(() => this.#onSilence(), this.#options.unreachableMs ?? UNREACHABLE_MS);
    if (this.#state === 'unreachable') this.#become('connected', 'it takes heartbeats');
  }

  #onSilence(): void {
    this.#become('unreachable', 'it took no heartbeat for too long');
    this.slot.lose();
  }

  #become(state: NodeReachability, reason: string): void {
    this.#state = state;
    this.#since = Date.now();
    this.#options.onState(state, reason);
  }
}

function unitOf(message: Extract<PycomMessage, { type_: 'unit_info' }>): LightUnit {
  return {
    wiringPiVersion: message.wiringpi_version ?? null,
    boardioVersion: message.boardio_version ?? null,
    firmwareVersion: message.firmware_version ?? null,
    unitType: message.unit_type ?? null,
    mcuType: message.mcu_type ?? null,
    macAddress: message.mac_address ?? null,
  };
}
