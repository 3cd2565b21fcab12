import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RcspClient, RcspError } from '../../src/client/index.js';
import { counting, startBoth, startScripted, until } from '../support/gateway.js';
import { Between, connect, connected } from './connect.js';

/** What a promise fails with, which must be one of ours. */
async function errorOf(promise: Promise<unknown>): Promise<RcspError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RcspError) return error;
  throw new Error(`no RcspError: ${String(error)}`);
}

/** A port that nobody listens on. */
const NOWHERE = 'http://127.0.0.1:9';

describe('a command', () => {
  test('a command is answered; a plain OK is null', async () => {
    const { gateway } = await startBoth();
    const { studio } = connect(gateway.url);
    await expect(studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'Grün' })).resolves.toBeNull();
    await expect(studio.call('GetDeviceName', { DeviceId: 1 })).resolves.toEqual({ DeviceName: 'Grün' });
    await expect(studio.call('ListDevices')).resolves.toHaveProperty('Devices');
  });

  test('a command is rejected with the problem', async () => {
    const { gateway } = await startBoth();
    const { studio } = await connected(gateway.url);
    const missing = await errorOf(studio.call('GetDeviceName', { DeviceId: 99 }));
    expect(missing).toBeInstanceOf(Error);
    expect(missing).toMatchObject({
      name: 'RcspError',
      code: 'Device not found',
      title: 'Device not found',
      status: 404,
      outcome: 'rejected',
      command: 'GetDeviceName',
    });
    expect(missing.message).toBe(missing.detail);
    expect(missing.trackId).toBeTypeOf('string');
    const wrong = await errorOf(studio.call('GetDeviceName', { DeviceId: 'one' } as never));
    expect(wrong).toMatchObject({ code: 'Invalid request', status: 400, errors: [{}] });
    expect(wrong.errors?.[0]?.path).toContain('DeviceId');
    await expect(errorOf(studio.call('NoSuchCommand'))).resolves.toMatchObject({ code: 'Unknown command' });
  });

  test('below a path, as behind a reverse proxy, and with ws:', async () => {
    const asked: string[] = [];
    class Noting extends WebSocket {
      constructor(url: string) {
        asked.push(url);
        super(url);
      }
    }
    for (const url of ['https://127.0.0.1:9/studio', 'wss://127.0.0.1:9/studio/?a#b', new URL(NOWHERE)]) {
      connect(url.toString(), { url, WebSocket: Noting });
    }
    await until(() => asked.length === 3);
    expect(asked).toEqual([
      'wss://127.0.0.1:9/studio/v1/ws',
      'wss://127.0.0.1:9/studio/v1/ws',
      'ws://127.0.0.1:9/v1/ws',
    ]);
  });

  test('many at once: more than the gateway takes of one client', async () => {
    const { gateway } = await startBoth();
    const { studio } = connect(gateway.url);
    const names = Array.from({ length: 200 }, () => studio.call('GetDeviceName', { DeviceId: 1 }));
    expect(new Set((await Promise.all(names)).map(({ DeviceName }) => DeviceName)).size).toBe(1);
  });

  test('a command takes its arguments as they are when it is called', async () => {
    const { gateway } = await startBoth();
    const { studio } = connect(gateway.url);
    const args = { DeviceId: 1, DeviceName: 'before' };
    const done = studio.call('SetDeviceName', args);
    args.DeviceName = 'after';
    await done;
    expect(await studio.call('GetDeviceName', { DeviceId: 1 })).toEqual({ DeviceName: 'before' });
  });

  test('too large for the gateway is not sent, and costs nobody the connection', async () => {
    const { gateway } = await startBoth();
    const { studio, states } = await connected(gateway.url);
    const call = studio.call('SaveUserData', { Tag: 'x', Data: 'ä'.repeat(40_000) } as never);
    await expect(errorOf(call)).resolves.toMatchObject({ code: 'Payload too large', outcome: 'not-sent' });
    await studio.call('Info');
    expect(states.filter(({ state }) => state === 'waiting')).toEqual([]);
  });
});

describe('time', () => {
  test('the gateway keeps it: no answer in time may have run', async () => {
    const { gateway } = await startScripted(() => ({ GetDeviceName: () => undefined }));
    const { studio } = await connected(gateway.url);
    const call = studio.call('GetDeviceName', { DeviceId: 1 }, { timeoutMs: 100 });
    await expect(errorOf(call)).resolves.toMatchObject({
      code: 'Timeout',
      status: 504,
      outcome: 'no-answer',
    });
  });

  test('without a connection it is over as well, and nothing was sent', async () => {
    const { studio } = connect(NOWHERE);
    const started = performance.now();
    const call = studio.call('GetDeviceName', { DeviceId: 1 }, { timeoutMs: 150 });
    await expect(errorOf(call)).resolves.toMatchObject({
      code: 'Gateway unreachable',
      status: 503,
      outcome: 'not-sent',
      command: 'GetDeviceName',
    });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('what waits is sent once there is a connection, once', async () => {
    const { gateway, simulator } = await startBoth();
    const between = await Between.before(gateway.url);
    between.refuses = true;
    const { studio } = connect(between.url);
    const count = counting(simulator);
    const call = studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'late' }, { timeoutMs: 10_000 });
    await until(() => studio.state === 'waiting');
    between.refuses = false;
    await call;
    expect(count('SetDeviceName')).toBe(1);
  });

  test('a signal gives up, before and after sending', async () => {
    const { gateway, server } = await startScripted(() => ({ GetDeviceName: () => undefined }));
    const { studio } = connect(gateway.url);
    const already = studio.call('Info', null, { signal: AbortSignal.abort() });
    await expect(already).rejects.toMatchObject({ name: 'AbortError' });
    const controller = new AbortController();
    const waiting = studio.call('GetDeviceName', { DeviceId: 1 }, { signal: controller.signal });
    controller.abort(new Error('never mind'));
    await expect(waiting).rejects.toThrow('never mind');
    const second = new AbortController();
    await until(() => studio.state === 'open');
    const sent = studio.call('GetDeviceName', { DeviceId: 2 }, { signal: second.signal });
    await server.received('GetDeviceName');
    second.abort();
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a lost connection', () => {
  test('in flight: no answer; waiting: sent later; neither twice', async () => {
    const { gateway, simulator } = await startBoth();
    const between = await Between.before(gateway.url);
    const { studio } = await connected(between.url);
    simulator.faults.add({ kind: 'late', command: 'SetDeviceName', delayMs: 500, count: 1 });
    const count = counting(simulator);
    const inFlight = errorOf(studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'first' }));
    await until(() => count('SetDeviceName') === 1);
    between.refuses = true;
    between.cut();
    await expect(inFlight).resolves.toMatchObject({
      code: 'Connection lost',
      status: 502,
      outcome: 'no-answer',
      command: 'SetDeviceName',
    });
    expect(studio.state).toBe('waiting');
    const waiting = studio.call('SetDeviceName', { DeviceId: 2, DeviceName: 'second' });
    const tooLate = errorOf(
      studio.call('SetDeviceName', { DeviceId: 3, DeviceName: 'x' }, { timeoutMs: 50 }),
    );
    await expect(tooLate).resolves.toMatchObject({ outcome: 'not-sent' });
    between.refuses = false;
    await waiting;
    expect(count('SetDeviceName')).toBe(2);
  });

  test('that nobody tells of is noticed', async () => {
    const { gateway } = await startBoth();
    const between = await Between.before(gateway.url);
    const { studio, states } = await connected(between.url, { pingIntervalMs: 50, pongTimeoutMs: 100 });
    await until(() => studio.latencyMs !== undefined);
    expect(studio.latencyMs).toBeGreaterThan(0);
    between.swallows = true;
    await until(() => studio.state !== 'open');
    expect(states.find(({ state }) => state === 'waiting')?.cause?.detail).toBe('It gave no sign of life.');
    between.swallows = false;
    await until(() => studio.state === 'open');
    await studio.call('Info');
  });

  test('a device that comes online again is not waited for', async () => {
    const online = new EventTarget();
    const { addEventListener, removeEventListener } = globalThis;
    globalThis.addEventListener = online.addEventListener.bind(online);
    globalThis.removeEventListener = online.removeEventListener.bind(online);
    try {
      const { gateway } = await startBoth();
      const between = await Between.before(gateway.url);
      between.refuses = true;
      const { studio } = connect(between.url, { minBackoffMs: 60_000, maxBackoffMs: 60_000 });
      await until(() => studio.state === 'waiting');
      between.refuses = false;
      online.dispatchEvent(new Event('online'));
      await until(() => studio.state === 'open');
      studio.close();
    } finally {
      Object.assign(globalThis, { addEventListener, removeEventListener });
    }
  });
});

describe('close', () => {
  test('close ends everything, and emits one closed state', async () => {
    const { gateway } = await startScripted(() => ({ GetDeviceName: () => undefined }));
    const before = gateway.app.eventClients.clients.count;
    const { studio, states } = await connected(gateway.url);
    const inFlight = errorOf(studio.call('GetDeviceName', { DeviceId: 1 }));
    const iterator = studio.events('Logs/*');
    const waits = iterator.next();
    studio.close();
    studio.close();
    await expect(inFlight).resolves.toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
    await expect(waits).resolves.toEqual({ done: true, value: undefined });
    await expect(iterator.next()).resolves.toEqual({ done: true, value: undefined });
    await expect(errorOf(studio.call('Info'))).resolves.toMatchObject({
      code: 'Closed',
      outcome: 'not-sent',
    });
    await expect(studio.events('Logs/*').next()).resolves.toEqual({ done: true, value: undefined });
    await expect(studio.subscribe('Logs/*', () => undefined).ready).rejects.toMatchObject({ code: 'Closed' });
    expect(states.filter(({ state }) => state === 'closed')).toHaveLength(1);
    studio.connect();
    studio.token = 'another';
    expect(studio.state).toBe('closed');
    await until(() => gateway.app.eventClients.clients.count === before);
  });

  test('what waits was not sent; no timer is left', async () => {
    const { studio } = connect(NOWHERE);
    const call = errorOf(studio.call('Info'));
    await until(() => studio.state === 'waiting');
    studio.close();
    await expect(call).resolves.toMatchObject({ code: 'Closed', outcome: 'not-sent' });
  });
});

test('without a page it needs a URL, and without a global WebSocket one of those', () => {
  expect(() => new RcspClient({ WebSocket })).toThrow(TypeError);
  if (!('WebSocket' in globalThis)) expect(() => new RcspClient({ url: NOWHERE })).toThrow(/package ws/);
});

test('the states, in their order', async () => {
  const { gateway } = await startBoth();
  const between = await Between.before(gateway.url);
  const { studio, states } = await connected(between.url);
  between.cut();
  await until(() => states.length === 4);
  studio.close();
  expect(states.map(({ state }) => state)).toEqual(['open', 'waiting', 'connecting', 'open', 'closed']);
  const { cause, retryInMs } = states[1]!;
  expect(cause).toBeInstanceOf(RcspError);
  expect(cause).toMatchObject({ code: 'Connection lost' });
  expect(retryInMs).toBeGreaterThanOrEqual(10);
  expect(retryInMs).toBeLessThanOrEqual(20);
});
