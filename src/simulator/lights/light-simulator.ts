/** A light array that does not exist: it speaks pycom with the vendor's timing, an event a connection. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { z } from 'zod';
import { JsonReader, ReaderError } from '../../upstreams/lights/protocol/json-reader.js';
import { UNREACHABLE_MS } from '../../upstreams/lights/protocol/vendor-choices.js';
import { Clock } from '../clock.js';
import { LightFaults } from './light-faults.js';
import type { LightFault } from './light-faults.js';
import { runShell } from './mini-shell.js';
import { SimulatedBoard } from './simulated-board.js';
import type { BoardCall } from './simulated-board.js';

export interface LightSimulatorOptions {
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** 0, which takes a free one, when absent. */
  readonly port?: number;
  /** Tells several apart; 0 when absent. */
  readonly index?: number;
  readonly faults?: readonly LightFault[];
  /** How many simulated milliseconds a real one has; 1 when absent. */
  readonly speed?: number;
}

const MAX_REQUEST_BYTES = 65_536;
const REQUEST_MS = 5000;
/** Simulated milliseconds until a command has ended, and until boardio has answered it. */
const SHELL_MS = 15;
const BOARD_MS = 40;
/** Coordinators known at once; the oldest is forgotten. */
const MAX_COORDINATORS = 16;

const request = z.looseObject({
  id: z.string().max(100),
  name: z.string().max(100),
  ip: z.string().max(100),
  port: z.int().min(1).max(65_535),
  version: z.string().max(100),
  coordinator: z.boolean(),
  type_: z.string().optional(),
  command: z.string().optional(),
});
type Request = z.output<typeof request>;

interface ReplyTo {
  readonly host: string;
  readonly port: number;
}

export class LightSimulator {
  readonly board: SimulatedBoard;
  readonly faults: LightFaults;
  /** Every command that it was sent, oldest first; the newest few hundred. */
  readonly commands: string[] = [];
  heartbeats = 0;
  readonly #options: LightSimulatorOptions;
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  /** When each coordinator was last heard, by its id. */
  readonly #coordinators = new Map<string, number>();
  readonly #index: number;
  #server: Server | undefined;
  #port = 0;

  constructor(options: LightSimulatorOptions = {}) {
    this.#options = options;
    this.#index = options.index ?? 0;
    this.#clock = new Clock(options.speed);
    this.faults = new LightFaults(options.faults);
    this.board = new SimulatedBoard(this.faults);
  }

  get id(): string {
    return (0x81639cd4 + this.#index).toString(16);
  }

  get address(): { host: string; port: number } {
    return { host: this.#options.host ?? '127.0.0.1', port: this.#port };
  }

  /** Rejects when the address cannot be had. Listens again, at the same port, after `pause`. */
  async listen(): Promise<{ host: string; port: number }> {
    const server = createServer((socket) => this.#accept(socket));
    server.listen({ host: this.address.host, port: this.#port || (this.#options.port ?? 0) });
    await once(server, 'listening');
    server.on('error', () => undefined);
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
    return this.address;
  }

  /** Takes no connections until it listens again. */
  async pause(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server === undefined ? undefined : once(server, 'close');
    server?.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async close(): Promise<void> {
    this.#clock.stop();
    await this.pause();
  }

  /** Sends a coordinator an event as it is, byte for byte. */
  async sendRaw(to: ReplyTo, bytes: Buffer | string): Promise<void> {
    const { host: localAddress } = this.#options;
    const socket = connect({ ...to, ...(localAddress !== undefined && { localAddress }) });
    this.#sockets.add(socket);
    socket.once('connect', () => socket.end(bytes));
    socket.setTimeout(REQUEST_MS, () => socket.destroy());
    socket.resume();
    // A coordinator that is gone misses its events, as with the vendor's nodes.
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    this.#sockets.delete(socket);
  }

  send(to: ReplyTo, event: object): Promise<void> {
    const { host: ip, port } = this.address;
    const base = { id: this.id, name: `rigsters-controller-${this.#index + 1}`, ip, port };
    return this.sendRaw(to, JSON.stringify({ ...base, version: '0.14.0', coordinator: false, ...event }));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    const reader = new JsonReader(MAX_REQUEST_BYTES);
    socket.setTimeout(REQUEST_MS, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => this.#sockets.delete(socket));
    const host = socket.remoteAddress ?? '';
    socket.on('data', (chunk) => {
      const bytes = read(reader, chunk);
      if (bytes === undefined) return;
      socket.removeAllListeners('data').resume();
      // pycom closes the connection at once; answers come on another one.
      socket.end();
      if (bytes !== null) this.#onRequest(bytes, host);
    });
  }

  #onRequest(bytes: Buffer, host: string): void {
    const parsed = request.safeParse(parseJson(bytes));
    if (!parsed.success) return;
    const to = { host, port: parsed.data.port };
    if (parsed.data.coordinator) this.#onCoordinator(parsed.data, to);
    const { type_, command } = parsed.data;
    if (type_ === undefined) this.heartbeats += 1;
    if (type_ === 'cmd' && command !== undefined) this.#clock.run(() => this.#onCommand(command, to));
  }

  /** Unit info is sent once, when a coordinator is detected; one that was offline is detected anew. */
  #onCoordinator({ id }: Request, to: ReplyTo): void {
    const lastHeard = this.#coordinators.get(id);
    this.#coordinators.delete(id);
    this.#coordinators.set(id, performance.now());
    const [oldest] = this.#coordinators.keys();
    if (this.#coordinators.size > MAX_COORDINATORS && oldest !== undefined) this.#coordinators.delete(oldest);
    if (lastHeard !== undefined && performance.now() - lastHeard < UNREACHABLE_MS) return;
    void this.send(to, {
      type_: 'unit_info',
      wiringpi_version: '2.61',
      boardio_version: '1.3.0',
      firmware_version: '2.0.4',
      unit_type: 'light_array',
      mcu_type: 'RP2040',
      mac_address: `dc:a6:32:1b:4e:${(0xf0 + (this.#index % 16)).toString(16)}`,
    });
  }

  async #onCommand(command: string, to: ReplyTo): Promise<void> {
    this.commands.push(command);
    if (this.commands.length > 500) this.commands.shift();
    const calls: BoardCall[] = [];
    const { status, stdout, stderr } = runShell(command, {
      run: (name, args) => this.board.run(name, args, calls),
      write: (path, text) => this.board.write(path, text),
    });
    const fault = calls.find((call) => call.fault !== undefined)?.fault;
    if (fault?.kind === 'silent') return;
    await this.#clock.wait(SHELL_MS);
    // Of an ordered delay the milliseconds are real ones.
    if (fault?.kind === 'late') await this.#clock.wait((fault.delayMs ?? 0) * (this.#options.speed ?? 1));
    await this.send(to, { type_: 'output', output: status === 0 ? stdout : stderr });
    if (fault?.kind !== 'mute') for (const call of calls) await this.#follow(call, to);
  }

  async #follow({ says, runMs }: BoardCall, to: ReplyTo): Promise<void> {
    await this.#clock.wait(BOARD_MS);
    await this.send(to, { type_: 'message', message: says });
    if (runMs === undefined) return;
    await this.#clock.wait(runMs);
    await this.send(to, { type_: 'message', message: 'Sequence complete' });
  }
}

/** Undefined while more is to come; null for what is no message. */
function read(reader: JsonReader, chunk: Buffer): Buffer | null | undefined {
  try {
    return reader.push(chunk);
  } catch (error) {
    if (error instanceof ReaderError) return null;
    throw error;
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}
