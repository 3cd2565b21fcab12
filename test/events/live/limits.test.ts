// @module-tag extended
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { EventClient, RawClient, SseClient } from '../../support/event-client.js';
import { startBoth, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import type { Simulator } from '../../../src/simulator/simulator.js';

const QUIET = { logLevel: 'info' };

function clients(gateway: Gateway): number {
  return gateway.app.eventClients.clients.count;
}

/** More than the system's buffers take, at the speed at which `other` reads. */
async function flood(simulator: Simulator, other: EventClient): Promise<void> {
  for (let n = 1; n <= 500; n++) {
    simulator.emit('Logs', 'Info', { n, LogMsg: 'x'.repeat(32_000) });
    if (n % 10 === 0) await until(() => other.messages.length > n);
  }
}

describe('a peer', { tags: ['extended'] }, () => {
  test('that answers no ping is ended, one that answers is not', async () => {
    const { gateway } = await startBoth({ pingInterval: 1 });
    const [dead, living] = [await RawClient.connect(gateway), await RawClient.connect(gateway)];
    dead.answersPings = false;
    await dead.closed;
    expect(dead.pings).toBeGreaterThanOrEqual(1);
    expect(dead.closeCode).toBeUndefined();
    expect(living.socket.destroyed).toBe(false);
    await until(() => clients(gateway) === 1);
  });

  test('that takes nothing is ended with 1013, or cut when it cannot hear it', async () => {
    const { gateway, simulator } = await startBoth({ ...QUIET, stallTimeout: 1, linger: 0 });
    const other = await EventClient.connect(gateway, '/v1/ws/Logs/Info');
    await until(() => other.messages.length === 1);
    const [stalled, deaf] = await Promise.all([
      RawClient.connect(gateway, '/v1/ws/Logs/Info'),
      RawClient.connect(gateway, '/v1/ws/Logs/Info'),
    ]);
    const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
    await until(() => clients(gateway) === 4);
    for (const socket of [stalled.socket, deaf.socket, stream.response]) socket.pause();
    await flood(simulator, other);
    await until(() => gateway.app.eventClients.clients.count < 4 || isClosing(gateway));
    stalled.readOn();
    stream.response.resume();
    await Promise.all([stalled.closed, stream.closed]);
    expect([1013, undefined]).toContain(stalled.closeCode);
    await until(() => clients(gateway) === 1);
    await other.roundTrip();
    expect(other.of('gap')).toEqual([]);
  });

  test('that is well and hears little is not taken for one that takes nothing', async () => {
    const { gateway, simulator } = await startBoth({
      clientBuffer: 16_384,
      stallTimeout: 1,
      pingInterval: 30,
    });
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info']);
    simulator.emit('Logs', 'Info', { n: 1, LogMsg: 'x'.repeat(8000) });
    await until(() => client.numbers().length === 1);
    await client.roundTrip();
    simulator.emit('Logs', 'Info', { n: 2 });
    await sleep(3200);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    await client.roundTrip();
    expect(client.numbers()).toEqual([1, 2]);
  });

  test('whose answers alone are more than may wait is closed with 1013', async () => {
    const { gateway } = await startBoth({ ...QUIET, clientBuffer: 16_384 });
    const client = await RawClient.connect(gateway);
    client.send({ op: 'ping', id: 'x'.repeat(200) });
    // The gateway has to know what arrives: it asks after some kilobytes.
    for (let i = 0; i < 40 && client.pings === 0; i++) {
      client.send({ op: 'ping', id: 'x'.repeat(200) });
      await sleep(5);
    }
    await sleep(20);
    client.stopReading();
    for (let i = 0; i < 400; i++) client.send({ op: 'ping', id: 'x'.repeat(200) });
    await until(() => isClosing(gateway) || clients(gateway) === 0);
    client.readOn();
    await client.closed;
    expect(client.closeCode).toBe(1013);
  });

  test('that vanishes while something waits for it leaves nothing behind', async () => {
    const { gateway, simulator } = await startBoth({ ...QUIET, linger: 0 });
    const client = await RawClient.connect(gateway, '/v1/ws/Logs/Info');
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    client.stopReading();
    for (let n = 1; n <= 200; n++) simulator.emit('Logs', 'Info', { n, LogMsg: 'x'.repeat(32_000) });
    await sleep(50);
    client.socket.resetAndDestroy();
    await until(() => clients(gateway) === 0);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 0);
  });
});

/** Some client has been told goodbye and is still there. */
function isClosing(gateway: Gateway): boolean {
  return [...gateway.app.hub.subscribers].some(({ ended }) => ended);
}

describe('a shutdown', () => {
  test('a shutdown closes WebSockets with 1001 and ends streams, promptly', async () => {
    const { gateway, simulator } = await startBoth();
    const [client, idle] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
    await client.subscribe(['Logs/Info']);
    const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => client.numbers().length === 1 && stream.numbers().length === 1);
    const asked = Date.now();
    const closed = gateway.app.close();
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await idle.closed).toMatchObject({ code: 1001 });
    await stream.closed;
    await closed;
    expect(Date.now() - asked).toBeLessThan(2000);
  });

  test('a shutdown does not wait for who does not answer', async () => {
    const { gateway, simulator } = await startBoth(QUIET);
    const other = await EventClient.connect(gateway, '/v1/ws/Logs/Info');
    const deaf = await RawClient.connect(gateway, '/v1/ws/Logs/Info');
    const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
    await until(() => other.messages.length === 1 && clients(gateway) === 3);
    deaf.stopReading();
    stream.response.pause();
    await flood(simulator, other);
    const asked = Date.now();
    await gateway.app.close();
    expect(Date.now() - asked).toBeLessThan(5000);
    expect(await other.closed).toMatchObject({ code: 1001 });
  });
});

test('a client that subscribes without end is refused before it holds the others up', async () => {
  const { gateway } = await startBoth();
  const client = await EventClient.connect(gateway);
  const channels = Array.from({ length: 20 }, (_, i) => `*/Topic${i}`);
  for (let id = 0; id < 1000; id++) client.send({ op: 'subscribe', id, channels });
  await until(() => client.messages.length === 1000);
  expect(client.of('error').length).toBeGreaterThan(100);
  expect(new Set(client.of('error').map(({ error }) => error.code))).toEqual(new Set(['Too many requests']));
  expect(client.of('subscribed').length).toBeGreaterThanOrEqual(256);
  expect(client.of('subscribed').length + client.of('error').length).toBe(1000);
});

test('a client that sends more than 60 pings in a burst is closed with 1008', async () => {
  const { gateway } = await startBoth();
  const socket = new WebSocket(gateway.url.replace('http', 'ws') + '/v1/ws');
  await once(socket, 'open');
  for (let i = 0; i < 61; i += 1) socket.ping();
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  expect(code).toBe(1008);
  expect(reason.toString()).toBe('more than 60 pings in a second');
});
