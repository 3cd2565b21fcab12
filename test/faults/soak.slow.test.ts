import net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { Random } from '../../src/simulator/random.js';
import { EventClient, SseClient, epochOf, numberOf, seqOf } from '../support/event-client.js';
import type { Message } from '../support/event-client.js';
import { FAULT_KINDS, FaultProxy } from '../support/fault-proxy.js';
import { settled, startGateway, startSimulator, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { Caller } from './caller.js';
import type { Outcome } from './caller.js';

/** `FAULT_SEED=7 npx vitest run test/faults` tells another story. */
const SEED = Number(process.env['FAULT_SEED'] ?? 20_261);
const FAULTS = 200;
const WARM_UP_FAULTS = 30;
/** With every fault. */
const COMMANDS = 8;
const EVENTS = 60;

const POOL_SIZE = 8;
/** Faults wait while fewer are up, or nothing would be left that could pass. */
const MIN_CONNECTIONS = 4;
const MAX_IN_FLIGHT = 32;

/** How often a write may have run, by what was said of it. */
const TRUE_RUNS: Readonly<Record<Outcome, readonly number[]>> = {
  done: [1],
  'not-sent': [0],
  'no-answer': [0, 1],
  rejected: [0],
};

/** `k3f:41` → `k3f:42` */
function after(place: string): string {
  return `${epochOf(place)}:${seqOf(place) + 1}`;
}

/**
 * What is wrong with what a listener was told of one channel, whose events are numbered: every event comes once, in
 * order, at the place after the one before; and where a number is missing, a gap reports it.
 */
function storyFaults(messages: readonly Message[]): string[] {
  const faults: string[] = [];
  let last = 0;
  let place: string | undefined;
  let isGap = false;
  for (const each of messages) {
    if (each.op !== 'event' && each.op !== 'gap') continue;
    const from = each.op === 'event' ? each.cursor : each.from;
    if (place !== undefined && from !== after(place)) faults.push(`${each.op} at ${from} after ${place}`);
    place = each.op === 'event' ? each.cursor : each.to;
    isGap ||= each.op === 'gap';
    if (each.op === 'gap') continue;
    const n = Number(numberOf(each));
    if (n <= last || (n > last + 1 && !isGap)) faults.push(`event ${n} after ${last}`);
    last = n;
    isGap = false;
  }
  return faults;
}

/** A connection that was refused again and again is tried after ten seconds only. */
async function eventually(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 25_000, interval: 5 });
}

/** Simulator, proxy and gateway, and who uses them. */
class Soak {
  readonly #random = new Random(SEED + 1);
  readonly simulator: Simulator;
  readonly proxy: FaultProxy;
  readonly gateway: Gateway;
  readonly caller: Caller;
  readonly listener: EventClient;
  readonly stream: SseClient;
  readonly #ran: () => readonly number[];
  emitted = 0;

  constructor(parts: Pick<Soak, 'simulator' | 'proxy' | 'gateway' | 'listener' | 'stream'>, caller: Caller) {
    ({
      simulator: this.simulator,
      proxy: this.proxy,
      gateway: this.gateway,
      listener: this.listener,
      stream: this.stream,
    } = parts);
    this.caller = caller;
    const { mock } = vi.spyOn(this.simulator.world.tags, 'set');
    this.#ran = () => mock.calls.map(([tag]) => tag);
  }

  static async start(): Promise<Soak> {
    const { simulator, port } = await startSimulator();
    const proxy = await FaultProxy.start(port, { seed: SEED });
    const gateway = await startGateway(proxy.port, { poolSize: POOL_SIZE, logLevel: 'info' });
    await settled(gateway);
    const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
    const listener = await EventClient.connect(gateway);
    await listener.subscribe(['Logs/Info']);
    const caller = new Caller(gateway, await EventClient.connect(gateway), simulator, SEED);
    const soak = new Soak({ simulator, proxy, gateway, listener, stream }, caller);
    caller.write();
    await until(() => caller.inFlight === 0);
    return soak;
  }

  /** Until so many more faults have struck. */
  async suffer(faults: number): Promise<void> {
    const { proxy, caller } = this;
    for (const end = proxy.struck + faults; proxy.struck < end;) {
      await eventually(
        () => proxy.connections >= MIN_CONNECTIONS && caller.inFlight <= MAX_IN_FLIGHT - COMMANDS,
      );
      proxy.inject(this.#random.pick(FAULT_KINDS));
      for (let i = 0; i < COMMANDS; i++) caller.launch();
      const struck = proxy.struck;
      this.emit(EVENTS / 2);
      // The other half meets what the fault has left.
      await until(() => proxy.struck > struck || caller.inFlight === 0);
      this.emit(EVENTS / 2);
    }
    await until(() => caller.inFlight === 0);
  }

  emit(count: number): void {
    for (let i = 0; i < count; i++) {
      this.simulator.emit('Logs', 'Info', { n: (this.emitted += 1), LogMsg: 'something happened' });
    }
  }

  /** No more faults: everything works again, and everybody has heard all there is to hear. */
  async recover(): Promise<void> {
    const { proxy, simulator, caller } = this;
    const { pool, events: source } = this.gateway.app.studios.default.upstream;
    proxy.calm();
    await eventually(() => pool.connections.every(({ isUp }) => isUp) && source.connected);
    await eventually(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    const done = caller.outcomes.get('done') ?? 0;
    for (let i = 0; i < COMMANDS; i++) caller.launch();
    await until(() => caller.inFlight === 0);
    expect(caller.outcomes.get('done')).toBe(done + COMMANDS);
    this.emit(1);
    const last = `"n":${this.emitted},`;
    await until(() => this.listener.texts.at(-1)?.includes(last) === true);
    await until(() => this.stream.events.at(-1)?.data.includes(last) === true);
  }

  /** Writes of which something else was said than what happened. */
  get lies(): readonly string[] {
    const runs = new Map<number, number>();
    for (const tag of this.#ran()) runs.set(tag, (runs.get(tag) ?? 0) + 1);
    return [...this.caller.writes].flatMap(([tag, outcome]) => {
      const count = runs.get(tag) ?? 0;
      return TRUE_RUNS[outcome].includes(count) ? [] : [`${outcome}, and ran ${count} times`];
    });
  }

  async end(): Promise<void> {
    await this.gateway.app.close();
    await this.proxy.close();
    await this.simulator.close();
  }
}

/** What is still open; `until` has timers of its own. */
function open(kind: 'TCP' | 'Timeout'): number {
  return process.getActiveResourcesInfo().filter((each) => each.startsWith(kind)).length;
}

/** Which ones, for the eyes of whom it concerns. */
function openSockets(): string[] {
  const { _getActiveHandles: handles } = process as unknown as { _getActiveHandles: () => unknown[] };
  return handles.call(process).flatMap((each) => {
    if (!(each instanceof net.Socket) || each.remotePort === undefined) return [];
    return [
      `${each.localPort} to ${each.remotePort}, ${each.readyState}, ${each.bytesRead} read, ${each.bytesWritten} written`,
    ];
  });
}

function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function collectWarnings(): readonly string[] {
  const names: string[] = [];
  const note = ({ name }: Error): void => void names.push(name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  return names;
}

test(`the gateway tells the truth through ${FAULTS} faults and leaves nothing behind (seed ${SEED})`, async () => {
  const [sockets, timers] = [open('TCP'), open('Timeout')];
  const warnings = collectWarnings();
  const soak = await Soak.start();
  const { caller, proxy, listener, stream, gateway } = soak;
  await soak.suffer(WARM_UP_FAULTS);
  const early = heldBytes();
  const [commands, events] = [caller.ended, soak.emitted];
  await soak.suffer(FAULTS);
  await soak.recover();

  expect(caller.faults).toEqual([]);
  expect(caller.repeatedAnswers).toEqual([]);
  expect(soak.lies).toEqual([]);
  for (const messages of [listener.messages, stream.messages]) expect(storyFaults(messages)).toEqual([]);
  expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);

  // It was a soak: enough happened, of every kind, and most of it went well all the same.
  expect(caller.ended - commands).toBeGreaterThanOrEqual(1000);
  expect(soak.emitted - events).toBeGreaterThanOrEqual(10_000);
  for (const kind of FAULT_KINDS) expect(proxy.count[kind], kind).toBeGreaterThan(5);
  expect(caller.outcomes.get('done')).toBeGreaterThan(caller.ended / 2);
  expect(caller.outcomes.get('no-answer')).toBeGreaterThan(10);
  expect(listener.of('event').length).toBeGreaterThan(soak.emitted / 20);
  expect(listener.of('gap').length).toBeGreaterThan(5);

  listener.messages.length = listener.texts.length = 0;
  expect((heldBytes() - early) / 2 ** 20).toBeLessThan(30);
  await soak.end();
  await eventually(() => open('TCP') <= sockets).catch(() => expect(openSockets()).toEqual([]));
  expect(open('Timeout')).toBeLessThanOrEqual(timers);
  expect(warnings).not.toContain('MaxListenersExceededWarning');
}, 90_000);
