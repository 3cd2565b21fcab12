import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { DEFAULT_MAX_PAYLOAD_BYTES } from '../upstreams/rcsp/protocol/frame.js';
import type { Command } from '../upstreams/rcsp/protocol/message.js';
import type { Arguments } from './arguments.js';
import type { Studio } from './behaviour.js';
import { execute } from './behaviours.js';
import { Clock, Stopped } from './clock.js';
import { outlineByName } from './command-table.js';
import type { Host } from './studio-connection.js';
import { Connection } from './studio-connection.js';
import { alsoListen } from '../util/also-listen.js';
import { CommandFailure } from './failure.js';
import type { FaultRule } from './faults.js';
import { Faults } from './faults.js';
import { Life } from './life.js';
import { Random } from './random.js';
import { encodeError, encodeEvent, encodeOk } from './reply.js';
import { Storm } from './storm.js';
import { streamName } from './subscription-set.js';
import { World } from './world.js';

export interface SimulatorOptions {
  /** 127.0.0.1 when absent; `localhost` is 127.0.0.1 and, where there is IPv6, ::1 on the same port. */
  readonly host?: string;
  /** 0, a free port, when absent. */
  readonly port?: number;
  /** 4 when absent; further ones repeat the first four's types. */
  readonly devices?: number;
  /** 1 when absent. */
  readonly seed?: number;
  /** The place in the line-up of types at which the devices begin, which tells two studios apart; 1 when absent. */
  readonly first?: number;
  /** Enables spontaneous activity: logs, button presses, devices that connect and disconnect; true when absent. */
  readonly events?: boolean;
  /** Additional numbered `Logs/Info` events per second; none when absent. */
  readonly eventRate?: number;
  /** Simulated seconds per real second for scans, tests, calibrations and updates; 1 when absent. */
  readonly speed?: number;
  readonly faults?: readonly FaultRule[];
  readonly logger?: (line: string) => void;
  readonly maxPayloadBytes?: number;
  /** Called after `GracefulExit` was answered and everything is closed. */
  readonly onExit?: () => void;
}

/** Faults never apply to these commands: otherwise a fault could not be removed. */
const UNTOUCHABLE = 'SimulatorFault';
/** Milliseconds for clients to read their last answers when the server exits. */
const EXIT_MS = 1000;

/**
 * An RCSP server over a simulated studio. `listen` may be called once; `close` ends every socket and timer.
 */
export class Simulator {
  readonly world: World;
  readonly faults: Faults;
  readonly #options: SimulatorOptions;
  /** The clock of commands. */
  readonly #clock: Clock;
  /** The clock of spontaneous activity and faults, in real time. */
  readonly #realClock = new Clock();
  readonly #server: Server;
  /** At ::1, where both are listened at. */
  #second: Server | undefined;
  readonly #connections = new Set<Connection>();
  readonly #commandCounts = new Map<string, number>();
  readonly #studio: Studio;
  readonly #host: Host;
  #connectionsSoFar = 0;
  #startedAt = 0;
  #exiting = false;
  #closed: Promise<void> | undefined;

  constructor(options: SimulatorOptions = {}) {
    this.#options = options;
    this.world = new World(options.devices ?? 4, options.seed ?? 1, options.first);
    this.faults = new Faults(options.faults);
    this.#clock = new Clock(options.speed);
    this.#server = createServer({ allowHalfOpen: true });
    this.#studio = this.#makeStudio();
    this.#host = this.#makeHost();
  }

  /** How often each command ran; a command that a fault refused did not run. */
  get commandCounts(): ReadonlyMap<string, number> {
    return this.#commandCounts;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Rejects when the address is not available. */
  async listen(): Promise<{ host: string; port: number }> {
    const { host: named = '127.0.0.1', port = 0, events = true, eventRate = 0 } = this.#options;
    const host = named === 'localhost' ? '127.0.0.1' : named;
    this.#server.on('connection', (socket) => this.#accept(socket));
    const listening = once(this.#server, 'listening');
    this.#server.listen(port, host);
    await listening;
    this.#server.on('error', (error) => this.#log(`server: ${error.message}`));
    this.#startedAt = performance.now();
    if (events) new Life(this.#studio, this.#realClock, new Random((this.#options.seed ?? 1) + 1)).start();
    if (eventRate > 0) this.#storm(eventRate);
    const address = this.#server.address();
    const bound = typeof address === 'object' && address !== null ? address.port : port;
    if (named === 'localhost') this.#second = await alsoListen(this.#server, { host: '::1', port: bound });
    this.#log(`listening on ${host}:${bound}`);
    return { host, port: bound };
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Destroys every connection; clients may reconnect. */
  dropConnections(): void {
    for (const connection of this.#connections) void connection.cut();
  }

  /** Sends an event to every subscribed connection. `deviceId` is for device topics, and is added to the data. */
  emit(publisher: string, topic: string, data: Arguments, deviceId?: number): void {
    const stream = streamName(publisher, topic, deviceId);
    const whole = deviceId === undefined ? data : { DeviceId: deviceId, ...data };
    let frame: Buffer | undefined;
    for (const connection of this.#connections) {
      if (!connection.subscriptions.has(stream)) continue;
      frame ??= encodeEvent(publisher, topic, whole);
      connection.event(frame);
    }
  }

  /** Returns how many connections are subscribed. */
  subscriptionCount(publisher: string, topic: string, deviceId?: number): number {
    const stream = streamName(publisher, topic, deviceId);
    return [...this.#connections].filter(({ subscriptions }) => subscriptions.has(stream)).length;
  }

  #makeStudio(): Studio {
    const upTimeSecs = (): number => Math.floor((performance.now() - this.#startedAt) / 1000);
    return {
      world: this.world,
      clock: this.#clock,
      faults: this.faults,
      get upTimeSecs() {
        return upTimeSecs();
      },
      emit: (publisher, topic, data, deviceId) => this.emit(publisher, topic, data, deviceId),
      subscribedDevices: (publisher, topic) =>
        [...this.world.devices.keys()].filter((id) => this.subscriptionCount(publisher, topic, id) > 0),
      exit: () => {
        this.#exiting = true;
      },
    };
  }

  #makeHost(): Host {
    return {
      maxPayloadBytes: this.#options.maxPayloadBytes ?? DEFAULT_MAX_PAYLOAD_BYTES,
      clock: this.#realClock,
      takeFault: (command) => (command === UNTOUCHABLE ? undefined : this.faults.take(command)),
      answer: (command, connection) => this.#answer(command, connection),
      settled: () => {
        if (this.#exiting) void this.#exit();
      },
    };
  }

  #accept(socket: Socket): void {
    const connection = new Connection(++this.#connectionsSoFar, socket, this.#host);
    this.#connections.add(connection);
    this.#log(`client ${connection.id} connected`);
    connection.start(() => {
      this.#connections.delete(connection);
      this.#log(`client ${connection.id} left`);
    });
  }

  async #answer(command: Command, { id, subscriptions }: Connection): Promise<Buffer> {
    const { Command, Version, Arguments = {} } = command;
    if (outlineByName.has(Command)) this.#count(Command);
    try {
      const call = { studio: this.#studio, version: Version, arguments: Arguments, subscriptions };
      const frame = encodeOk(command, await execute(Command, call));
      this.#log(`client ${id}: ${Command}: Ok`);
      return frame;
    } catch (error) {
      if (error instanceof Stopped) throw error;
      const { code, message } = failureOf(error);
      this.#log(`client ${id}: ${Command}: ${code}: ${message}`);
      return encodeError(command, code, message);
    }
  }

  #count(command: string): void {
    this.#commandCounts.set(command, (this.#commandCounts.get(command) ?? 0) + 1);
  }

  #storm(perSecond: number): void {
    const publish = (count: number): void => this.emit('Logs', 'Info', { LogMsg: `storm ${count}` });
    new Storm(perSecond, publish).start(this.#realClock);
  }

  async #exit(): Promise<void> {
    this.#exiting = false;
    this.#server.close();
    this.#second?.close();
    const finished = Promise.all([...this.#connections].map((connection) => connection.finish()));
    await Promise.race([finished, this.#realClock.wait(EXIT_MS)]).catch(() => undefined);
    await this.close();
    this.#options.onExit?.();
  }

  async #close(): Promise<void> {
    this.#clock.stop();
    this.#realClock.stop();
    const closed = Promise.all([this.#server, this.#second].map(ended));
    await Promise.all([...this.#connections].map((connection) => connection.cut()));
    await closed;
    this.#log('closed');
  }

  /** Keeps an entry on one line: a command's name may contain line breaks. */
  #log(line: string): void {
    this.#options.logger?.(line.replaceAll(/\s+/g, ' ').slice(0, 300));
  }
}

/** Resolves when the server has ended, at once when there is none. */
function ended(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
}

/** Turns an unexpected error of a behaviour into an RCSP error. */
function failureOf(error: unknown): { code: string; message: string } {
  if (error instanceof CommandFailure) return error;
  return { code: 'Runtime error', message: error instanceof Error ? error.message : 'the command failed' };
}
