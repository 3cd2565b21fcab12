// @module-tag extended
import { describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.js';
import { EventClient, epochOf } from '../support/event-client.js';
import { FaultProxy } from '../support/fault-proxy.js';
import type { Direction } from '../support/fault-proxy.js';
import { counting, problemOf, settled, startGateway, startSimulator, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';

interface Scene {
  readonly simulator: Simulator;
  readonly proxy: FaultProxy;
  readonly gateway: Gateway;
  /** How often a command ran since the scene began. */
  readonly runs: (command: string) => number;
}

/** Two connections for commands, and the one for events, through a proxy that does nothing yet. */
async function scene(): Promise<Scene> {
  const { simulator, port } = await startSimulator();
  const proxy = await FaultProxy.start(port);
  const gateway = await startGateway(proxy.port, { poolSize: 2, logLevel: 'info' });
  await settled(gateway);
  return { simulator, proxy, gateway, runs: counting(simulator) };
}

const READ = 'GetDeviceName';
const WRITE = 'SetDeviceName';

function read({ gateway }: Scene): Promise<Reply> {
  return gateway.get('/v1/devices/1/name');
}

function write({ gateway }: Scene, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  return gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'Suit A' }, headers });
}

/** A client that listens to `Logs/Info`; `emit` waits until the studio has somebody to tell. */
async function listening(): Promise<Scene & { client: EventClient; emit: (n: number) => Promise<void> }> {
  const the = await scene();
  const { simulator, gateway } = the;
  const client = await EventClient.connect(gateway);
  await client.subscribe(['Logs/Info']);
  const emit = async (n: number): Promise<void> => {
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { n, LogMsg: 'something' });
  };
  return { ...the, client, emit };
}

/** Everything is connected again, and commands of both kinds run. */
async function recovered(the: Scene): Promise<void> {
  const { pool, events: source } = the.gateway.rcsp;
  await until(() => pool.connections.every(({ isUp }) => isUp) && source.connected);
  await until(() => the.proxy.connections === 3);
  expect((await write(the)).status).toBe(204);
  expect((await read(the)).json).toEqual({ DeviceName: 'Suit A' });
  expect((await the.gateway.get('/ready')).status).toBe(200);
}

describe('a command is answered', () => {
  test('a command is answered when command and answer travel one byte at a time', async () => {
    const the = await scene();
    the.proxy.inject('throttle', { to: 'studio', on: WRITE, bytes: 1 });
    the.proxy.inject('throttle', { to: 'gateway', on: READ, bytes: 1 });
    expect((await write(the)).status).toBe(204);
    expect((await read(the)).json).toEqual({ DeviceName: 'Suit A' });
    expect([the.runs(WRITE), the.runs(READ), the.proxy.count.throttle]).toEqual([1, 1, 2]);
  });

  test('a delayed answer and the answers behind it arrive in order', async () => {
    const the = await scene();
    the.proxy.inject('delay', { to: 'gateway', on: WRITE, ms: 150 });
    const started = performance.now();
    const replies = await Promise.all([
      write(the),
      ...[1, 2, 3, 4].map((id) => the.gateway.get(`/v1/devices/${id}/frame-rate`)),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([204, 200, 200, 200, 200]);
    expect(performance.now() - started).toBeGreaterThan(140);
    expect([the.runs(WRITE), the.runs('GetFrameRate'), the.proxy.struck]).toEqual([1, 4, 1]);
  });
});

describe.each(['cut', 'reset'] as const)('when the connection is %s instead of an answer', (kind) => {
  test('a read is repeated once on another connection and answered', async () => {
    const the = await scene();
    the.proxy.inject(kind, { to: 'gateway', on: READ });
    expect((await read(the)).status).toBe(200);
    expect([the.runs(READ), the.proxy.count[kind]]).toEqual([2, 1]);
    await recovered(the);
  });

  test('a read that loses its second connection is not sent a third time', async () => {
    const the = await scene();
    for (let i = 0; i < 2; i++) the.proxy.inject(kind, { to: 'gateway', on: READ });
    const reply = await read(the);
    expect(problemOf(reply)).toMatchObject({ status: 502, code: 'Connection lost', outcome: 'no-answer' });
    expect(the.runs(READ)).toBe(2);
    await recovered(the);
  });

  test('a write runs once and ends with outcome no-answer', async () => {
    const the = await scene();
    the.proxy.inject(kind, { to: 'gateway', on: WRITE });
    const reply = await write(the);
    expect(problemOf(reply)).toMatchObject({
      status: 502,
      code: 'Connection lost',
      outcome: 'no-answer',
      command: WRITE,
    });
    expect(the.runs(WRITE)).toBe(1);
    await recovered(the);
    expect(the.runs(WRITE)).toBe(2);
  });
});

test('a write cut on its way to the studio does not run and ends with outcome no-answer', async () => {
  const the = await scene();
  the.proxy.inject('cut', { to: 'studio', on: WRITE });
  const reply = await write(the);
  expect(problemOf(reply)).toMatchObject({ status: 502, code: 'Connection lost', outcome: 'no-answer' });
  expect(the.runs(WRITE)).toBe(0);
  await recovered(the);
});

describe('a corrupt frame is a protocol error', () => {
  test.each([
    ['the header of an answer', 'gateway', 'header', 1],
    ['the payload of an answer', 'gateway', 'payload', 1],
    ['the header of a command', 'studio', 'header', 0],
  ] as const)('when it is %s', async (_, to: Direction, part, runs) => {
    const the = await scene();
    the.proxy.inject('corrupt', { to, on: WRITE, part });
    const reply = await write(the);
    expect(problemOf(reply)).toMatchObject({ status: 502, code: 'Protocol error', outcome: 'no-answer' });
    expect(the.runs(WRITE)).toBe(runs);
    await recovered(the);
  });
});

describe('a connection that is half open', () => {
  test.each([
    ['loses commands', 'studio', 0],
    ['loses answers', 'gateway', 1],
  ] as const)('and %s costs one timeout; the next command takes another one', async (_, to, runs) => {
    const the = await scene();
    the.proxy.inject('half-open', { to, on: WRITE, ms: 60_000 });
    const reply = await write(the, { prefer: 'wait=1' });
    expect(problemOf(reply)).toMatchObject({ status: 504, code: 'Timeout', outcome: 'no-answer' });
    expect(the.runs(WRITE)).toBe(runs);
    const started = performance.now();
    expect((await read(the)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(900);
    // Silent for another second, it is replaced: nothing but the gateway ends it.
    await recovered(the);
  });

  test('a connection that is half open listeners get a gap for the events that a half-open connection lost', async () => {
    const { proxy, client, emit } = await listening();
    await emit(1);
    proxy.inject('half-open', { to: 'gateway', on: '"n":2', ms: 60_000 });
    await emit(2);
    await until(() => proxy.count['half-open'] === 1);
    proxy.calm();
    await until(() => client.of('gap').length > 0);
    await emit(3);
    await until(() => client.numbers().length === 2);
    expect(client.numbers()).toEqual([1, 3]);
    const [before, after] = client.of('event').map(({ cursor }) => epochOf(cursor));
    expect(before).not.toBe(after);
    const lost = { channel: 'Logs/Info', cause: 'upstream-lost', from: `${before}:2`, to: `${after}:0` };
    expect(client.of('gap')).toEqual([{ op: 'gap', ...lost }]);
  });
});

describe('an unreadable frame on the connection for events', () => {
  test('an unreadable event frame becomes a gap', async () => {
    const { proxy, client, emit } = await listening();
    await emit(1);
    proxy.inject('corrupt', { to: 'gateway', on: '"n":2', part: 'payload' });
    await emit(2);
    await until(() => proxy.count.corrupt === 1);
    await emit(3);
    await until(() => client.numbers().includes(3));
    expect(client.numbers()).toEqual([1, 3]);
    expect(client.of('gap')).toHaveLength(1);
  });

  test('an unreadable subscription answer does not block the channel', async () => {
    const { proxy, gateway, simulator } = await listening();
    proxy.inject('corrupt', { to: 'gateway', on: '"Error"', part: 'payload' });
    const first = await EventClient.connect(gateway);
    first.send({ op: 'subscribe', channels: ['Logs/Error'] });
    await until(() => proxy.count.corrupt === 1);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/Error']);
    await until(() => simulator.subscriptionCount('Logs', 'Error') === 1);
    simulator.emit('Logs', 'Error', { n: 1, LogMsg: 'something' });
    await until(() => second.numbers('Logs/Error').length === 1);
  });
});

describe('a studio that refuses connections', () => {
  test('commands end as Studio unreachable and are not sent', async () => {
    const the = await scene();
    the.proxy.refusesAll = true;
    the.proxy.resetAll();
    await until(() => !the.gateway.rcsp.pool.connected);
    const reply = await write(the);
    expect(problemOf(reply)).toMatchObject({ status: 503, code: 'Studio unreachable', outcome: 'not-sent' });
    expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
    expect([the.runs(WRITE), the.proxy.connections]).toEqual([0, 0]);
    await until(() => the.proxy.count.refuse >= 3);
    the.proxy.calm();
    await recovered(the);
  });

  test('a studio that refuses once is tried again', async () => {
    const the = await scene();
    expect(the.proxy.inject('refuse')).toBe(true);
    await until(() => the.proxy.count.refuse === 1);
    await recovered(the);
  });
});
