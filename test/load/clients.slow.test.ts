import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { RawClient } from '../support/event-client.js';
import { startSimulator } from '../support/gateway.js';
import { eventually, inBatches, LoadedGateway, requireOpenFiles } from '../support/load.js';
import type { Simulator } from '../../src/simulator/simulator.js';

const CHANNEL = 'Logs/Info';
/** What a process opens beside its clients, and connections of the tests' own questions. */
const SPARE_FILES = 10;
const MIB = 1024 * 1024;
const isLinux = process.platform === 'linux';

/** A listener that counts what it hears and looks no further. */
async function counter(gateway: LoadedGateway): Promise<{ client: RawClient; heard: number }> {
  const counted = { client: undefined as unknown as RawClient, heard: 0 };
  counted.client = await RawClient.connect(gateway, `/v1/ws/${CHANNEL}`, () => (counted.heard += 1));
  return counted;
}

/** Events with ever higher numbers, until the test ends or `stop` is called. */
function stream(simulator: Simulator, intervalMs: number): { readonly sent: number; stop: () => void } {
  const state = { sent: 0, stop: () => clearInterval(timer) };
  const timer = setInterval(() => simulator.emit('Logs', 'Info', { n: state.sent++ }), intervalMs);
  onTestFinished(state.stop);
  return state;
}

test('5,000 idle clients all hear an event, cost little, and leave nothing behind', async ({ skip }) => {
  requireOpenFiles(6000, skip);
  const { simulator, port } = await startSimulator();
  const gateway = await LoadedGateway.start(port);
  const filesBefore = isLinux ? await gateway.openFiles() : 0;

  const counters = await inBatches(5000, () => counter(gateway));
  // `subscribed` is the first thing that each hears, the event the second.
  await eventually(() => counters.every(({ heard }) => heard === 1));
  expect(await gateway.gauge('event_clients')).toBe(5000);
  simulator.emit('Logs', 'Info', { LogMsg: 'to everybody' });
  await eventually(() => counters.every(({ heard }) => heard === 2));

  const started = performance.now();
  expect((await gateway.get('/v1/devices/1/name')).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(3000);
  if (isLinux) expect(await gateway.residentBytes()).toBeLessThan(400 * MIB);

  for (const { client } of counters) client.socket.destroy();
  await eventually(async () => (await gateway.gauge('event_clients')) === 0);
  if (isLinux) await eventually(async () => (await gateway.openFiles()) <= filesBefore + SPARE_FILES);
  expect(gateway.errors).toEqual([]);
}, 60_000);

const SUBSCRIBE = { op: 'subscribe', id: 1, channels: [CHANNEL] };

/** Listens until it hears anything, then closes as the standard says. */
async function politeVisit(gateway: LoadedGateway): Promise<void> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/ws`);
  onTestFinished(() => socket.terminate());
  const heard = once(socket, 'message');
  await once(socket, 'open');
  socket.send(JSON.stringify(SUBSCRIBE));
  await heard;
  socket.close(1000);
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(1000);
}

/** Listens until it hears anything, then is gone. */
async function rudeVisit(gateway: LoadedGateway): Promise<void> {
  let hear = (): void => undefined;
  const heard = new Promise<void>((resolve) => (hear = resolve));
  const client = await RawClient.connect(gateway, '/v1/ws', () => hear());
  client.send(SUBSCRIBE);
  await heard;
  client.socket.destroy();
  await client.closed;
}

test('500 clients that come and go every second disturb nobody', async ({ skip }) => {
  requireOpenFiles(3000, skip);
  const { simulator, port } = await startSimulator();
  const gateway = await LoadedGateway.start(port);
  const steady = await RawClient.connect(gateway);
  const messages = steady.collect();
  steady.send(SUBSCRIBE);
  await eventually(() => messages.length === 1);

  const events = stream(simulator, 10);
  const visits: Promise<void>[] = [];
  while (visits.length < 2500) {
    for (let i = 0; i < 5; i += 1) visits.push(politeVisit(gateway), rudeVisit(gateway));
    await delay(20);
  }
  await Promise.all(visits);
  events.stop();

  const numbers = (): unknown[] =>
    messages.flatMap((each) => (each.op === 'event' ? [(each.event['EventData'] as { n: unknown }).n] : []));
  await eventually(() => numbers().length >= events.sent);
  expect(numbers()).toEqual(Array.from({ length: events.sent }, (_, n) => n));
  expect(messages.filter(({ op }) => op !== 'event' && op !== 'subscribed')).toEqual([]);
  await eventually(async () => (await gateway.gauge('event_clients')) === 1);
  steady.socket.destroy();
  await eventually(async () => (await gateway.gauge('event_clients')) === 0);
  expect(gateway.errors).toEqual([]);
}, 60_000);
