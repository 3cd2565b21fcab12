// @module-tag extended
import { describe, expect, test } from 'vitest';
import { startBoth, until } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';
import { connect, numberOf } from './connect.js';
import type { Connected } from './connect.js';
import { HttpOnlyProxy } from './http-only-proxy.js';

async function overHttp({ studio, states }: Connected): Promise<void> {
  await until(() => studio.state === 'open');
  expect(states.at(-1)).toMatchObject({ state: 'open', transport: 'http' });
}

describe('RcspClient behind a proxy without WebSockets', () => {
  test('a refused upgrade makes the client use HTTP, and the state event says why', async () => {
    const { gateway, simulator } = await startBoth();
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const made = connect(proxy.url);
    await overHttp(made);
    expect(made.states.at(-1)?.cause).toMatchObject({
      code: 'Connection lost',
      detail: 'The connection ended (1006).',
    });
    expect(await made.studio.call('GetDeviceName', { DeviceId: 1 })).toEqual({ DeviceName: 'Suit' });
    expect(await made.studio.call('SetDeviceName', { DeviceId: 1, DeviceName: 'Müller' })).toBeNull();
    await expect(made.studio.call('GetDeviceName', { DeviceId: 9 })).rejects.toMatchObject({
      code: 'Device not found',
      status: 404,
      outcome: 'rejected',
      command: 'GetDeviceName',
    });
    const heard: number[] = [];
    await made.studio.subscribe('Logs/*', (event) => heard.push(numberOf(event))).ready;
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => heard.length === 1);
    await until(() => made.studio.latencyMs !== undefined);
  });

  test('a swallowed upgrade makes a client with a token use HTTP within 6 s', async () => {
    const tokens = makeTokens({ reader: 'read' });
    const { gateway, simulator } = await startBoth({ tokens: tokens.file });
    const proxy = await HttpOnlyProxy.before(gateway.url, 'swallow');
    const startedAt = performance.now();
    const made = connect(proxy.url, { token: tokens.of.reader });
    const heard: number[] = [];
    const off = made.studio.subscribe('Logs/*', (event) => heard.push(numberOf(event)));
    await overHttp(made);
    expect(performance.now() - startedAt).toBeLessThan(6000);
    expect(made.states.at(-1)?.cause?.detail).toBe('The WebSocket did not open in time.');
    await off.ready;
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => heard.length === 1);
    expect(proxy.paths.join(' ')).not.toContain(tokens.of.reader);
  });

  test('a refused channel does not hold up the others', async () => {
    const tokens = makeTokens({ reader: 'read' });
    const { gateway, simulator } = await startBoth({ tokens: tokens.file });
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const made = connect(proxy.url, { token: tokens.of.reader });
    const heard: number[] = [];
    const refused = made.studio.subscribe('$gateway/audit', () => undefined);
    const first = made.studio.subscribe('Logs/Info', (event) => heard.push(numberOf(event)));
    const second = made.studio.subscribe('Logs/Error', (event) => heard.push(numberOf(event)));
    await expect(refused.ready).rejects.toMatchObject({ code: 'Forbidden', status: 403 });
    await Promise.all([first.ready, second.ready]);
    simulator.emit('Logs', 'Info', { n: 1 });
    simulator.emit('Logs', 'Error', { n: 2 });
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 2]);
  });

  test('events are received once each when subscriptions change and connections break', async () => {
    const { gateway, simulator } = await startBoth();
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const made = connect(proxy.url);
    await overHttp(made);
    const heard: number[] = [];
    await made.studio.subscribe('Logs/Info', (event) => heard.push(numberOf(event))).ready;
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => heard.length === 1);
    const other = made.studio.subscribe('Logs/Error', () => undefined);
    simulator.emit('Logs', 'Info', { n: 2 });
    await other.ready;
    await until(() => heard.length === 2);
    proxy.cut();
    simulator.emit('Logs', 'Info', { n: 3 });
    await until(() => heard.length === 3);
    other();
    simulator.emit('Logs', 'Info', { n: 4 });
    await until(() => heard.length === 4);
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(made.gaps).toEqual([]);
  });

  test('the client returns to a WebSocket once one opens, and misses no event', async () => {
    const { gateway, simulator } = await startBoth();
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const made = connect(proxy.url, { webSocketRetryMs: 50 });
    await overHttp(made);
    const heard: number[] = [];
    await made.studio.subscribe('Logs/Info', (event) => heard.push(numberOf(event))).ready;
    const tries = (): number => proxy.paths.filter((path) => path.startsWith('/v1/ws')).length;
    const before = tries();
    await until(() => tries() >= before + 2);
    let n = 0;
    const emit = setInterval(() => simulator.emit('Logs', 'Info', { n: (n += 1) }), 5);
    try {
      await until(() => heard.length > 3);
      proxy.upgrades = 'pass';
      await until(() => made.states.at(-1)?.transport === 'websocket');
      const then = heard.length;
      await until(() => heard.length > then + 3);
    } finally {
      clearInterval(emit);
    }
    await until(() => heard.length === n);
    expect(heard).toEqual(Array.from({ length: n }, (_, i) => i + 1));
    expect(made.gaps).toEqual([]);
    expect(made.states.map(({ state }) => state).slice(-2)).toEqual(['open', 'open']);
    expect(await made.studio.call('GetDeviceName', { DeviceId: 1 })).toEqual({ DeviceName: 'Suit' });
  });

  test('a gateway that is away makes the client wait, not use HTTP', async () => {
    const { gateway } = await startBoth();
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const made = connect(proxy.url, { pingIntervalMs: 50 });
    await overHttp(made);
    await gateway.app.close();
    await until(() => made.states.filter(({ state }) => state === 'waiting').length > 3);
    expect(made.states.at(-1)?.transport).toBeUndefined();
    await expect(made.studio.call('Info', {}, { timeoutMs: 100 })).rejects.toMatchObject({
      outcome: 'not-sent',
    });
  });
});
