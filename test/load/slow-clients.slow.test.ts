import { expect, onTestFinished, test } from 'vitest';
import { RawClient } from '../support/event-client.js';
import { Problem, startSimulator } from '../support/gateway.js';
import { eventually, LoadedGateway, RawHttp } from '../support/load.js';
import type { Simulator } from '../../src/simulator/simulator.js';

/*
 * Slow on purpose: connections that are held open by next to nothing. The gateway gives a head 10 s and a request
 * 30 s, and looks every 2 s; the bounds here leave it some seconds more.
 */

const HEADS_WITHIN_MS = 15_000;
const BODIES_WITHIN_MS = 35_000;
const PROMPT_MS = 2000;
/** Connections of the tests' own questions, and what the gateway opens meanwhile. */
const SPARE_FILES = 20;
const isLinux = process.platform === 'linux';

const JSON_HEADERS = ['Content-Type: application/json', 'Content-Length: 1000'];

/** Writes one of its bytes each second to every connection, also when the gateway has said its last. */
function drip(clients: readonly RawHttp[], byte: string): void {
  const timer = setInterval(() => {
    for (const { socket } of clients) if (socket.writable) socket.write(byte);
  }, 1000);
  onTestFinished(() => clearInterval(timer));
}

async function slowHeads(gateway: LoadedGateway, count: number): Promise<RawHttp[]> {
  const clients = await RawHttp.connectMany(gateway, count);
  for (const client of clients) client.socket.write(client.head('GET', '/live').slice(0, -2) + 'X-Slow: ');
  drip(clients, 'a');
  return clients;
}

async function slowBodies(gateway: LoadedGateway, count: number): Promise<RawHttp[]> {
  const clients = await RawHttp.connectMany(gateway, count);
  for (const client of clients) {
    client.socket.write(client.head('PUT', '/v1/devices/1/name', JSON_HEADERS) + '{"DeviceName":"');
  }
  drip(clients, 'a');
  return clients;
}

/** Slow and honest: its request is whole after 20 s. */
async function patientCaller(gateway: LoadedGateway): Promise<RawHttp> {
  const client = await RawHttp.connect(gateway);
  const body = '{"DeviceName":"Renamed"}';
  const bytes = Array.from(body, (byte, at) => ({ byte, at: (at + 1) * 800 }));
  client.socket.write(
    client.head('PUT', '/v1/devices/2/name', [
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]),
  );
  const timers = bytes.map(({ byte, at }) => setTimeout(() => client.socket.write(byte), at));
  onTestFinished(() => timers.forEach(clearTimeout));
  return client;
}

interface Others {
  /** Milliseconds that each request took. */
  readonly requests: number[];
  readonly statuses: Set<number>;
  /** Milliseconds between the studio and the listener, of each event. */
  readonly events: number[];
  sent: number;
}

/** A caller and a listener who want something every now and then, until the test ends. */
async function others(gateway: LoadedGateway, simulator: Simulator): Promise<Others> {
  const seen: Others = { requests: [], statuses: new Set(), events: [], sent: 0 };
  const listener = await RawClient.connect(gateway, '/v1/ws/Logs/Info', (text) => {
    const at = /"at":([\d.]+)/.exec(text.toString())?.[1];
    if (at !== undefined) seen.events.push(performance.now() - Number(at));
  });
  onTestFinished(() => void listener.socket.destroy());
  await eventually(() => simulator.subscriptionCount('Logs', 'Info') === 1);
  const timer = setInterval(() => {
    seen.sent += 1;
    simulator.emit('Logs', 'Info', { at: performance.now() });
    const started = performance.now();
    void gateway.get('/v1/devices/1/name').then(
      ({ status }) => {
        seen.statuses.add(status);
        seen.requests.push(performance.now() - started);
      },
      () => seen.statuses.add(0),
    );
  }, 100);
  onTestFinished(() => clearInterval(timer));
  return seen;
}

/**
 * They stop in the middle, hear that they are refused, and finish their request nevertheless: one its head, the
 * other its body.
 */
async function latecomers(gateway: LoadedGateway): Promise<RawHttp[]> {
  const [early, late] = await Promise.all([RawHttp.connect(gateway), RawHttp.connect(gateway)]);
  early.socket.write(early.head('PUT', '/v1/devices/3/name', JSON_HEADERS).slice(0, -2));
  late.socket.write(late.head('PUT', '/v1/devices/4/name', JSON_HEADERS));
  const body = '{"DeviceName":"Late"}'.padEnd(1000);
  early.socket.once('end', () => early.socket.write(`\r\n${body}`));
  late.socket.once('end', () => late.socket.write(body));
  return [early, late];
}

const lives = (clients: readonly RawHttp[]): number[] =>
  clients.map(({ openedAt, endedAt = Infinity }) => endedAt - openedAt);

/** The problem that was answered, or nothing at all. */
function expectRefusal({ replies }: RawHttp): void {
  expect(replies.length).toBeLessThanOrEqual(1);
  for (const { status, head, body } of replies) {
    expect(status).toBe(408);
    expect(head).toContain('content-type: application/problem+json');
    expect(Problem.partial({ trackId: true }).parse(JSON.parse(body)).status).toBe(408);
  }
}

async function expectEnd(clients: readonly RawHttp[], withinMs: number): Promise<void> {
  const openedAt = Math.min(...clients.map((each) => each.openedAt));
  const left = openedAt + withinMs + 1000 - performance.now();
  await eventually(() => Math.max(...lives(clients)) < Infinity, left).catch(() => undefined);
  expect.soft(Math.max(...lives(clients))).toBeLessThan(withinMs);
  clients.forEach(expectRefusal);
}

test('deliberately slow connections are closed in time and do not delay other clients', async () => {
  const { simulator, port } = await startSimulator();
  const gateway = await LoadedGateway.start(port);
  const seen = await others(gateway, simulator);
  await eventually(() => seen.requests.length > 2);
  const filesBefore = isLinux ? await gateway.openFiles() : 0;

  const [heads, silent] = await Promise.all([slowHeads(gateway, 200), RawHttp.connectMany(gateway, 50)]);
  const [bodies, patient] = await Promise.all([slowBodies(gateway, 200), patientCaller(gateway)]);
  const late = await latecomers(gateway);

  await expectEnd([...heads, ...silent], HEADS_WITHIN_MS);
  await eventually(() => patient.replies.length === 1, 25_000);
  expect(patient.replies[0]?.status).toBe(204);
  await expectEnd([...bodies, ...late], BODIES_WITHIN_MS);

  expect([...seen.statuses]).toEqual([200]);
  expect(Math.max(...seen.requests)).toBeLessThan(PROMPT_MS);
  expect(Math.max(...seen.events)).toBeLessThan(PROMPT_MS);
  await eventually(() => seen.events.length >= seen.sent - 1);
  expect(gateway.errors).toEqual([]);
  // What was refused as not sent was not sent.
  await eventually(() => late.every(({ socket }) => socket.bytesWritten > 1000)).catch(() => undefined);
  await gateway.get('/v1/devices/3/name');
  expect.soft(simulator.commandCounts.get('SetDeviceName')).toBe(1);
  // Nor does one that never hangs up itself keep a place.
  const kept = async (): Promise<number> => (isLinux ? (await gateway.openFiles()) - filesBefore : 0);
  await eventually(async () => (await kept()) <= SPARE_FILES, 3000).catch(() => undefined);
  expect.soft(await kept()).toBeLessThanOrEqual(SPARE_FILES);
}, 75_000);

test.runIf(isLinux)(
  'a refused client that does not hang up is closed and frees its slot',
  async () => {
    const { port } = await startSimulator();
    const gateway = await LoadedGateway.start(port);
    const filesBefore = await gateway.openFiles();
    const clients = await RawHttp.connectMany(gateway, 50);
    for (const { socket } of clients) socket.write('this is no HTTP\r\n\r\n');
    await eventually(() => clients.every(({ endedAt }) => endedAt !== undefined));
    expect(clients.map(({ replies }) => replies[0]?.status)).toEqual(clients.map(() => 400));
    const kept = async (): Promise<number> => (await gateway.openFiles()) - filesBefore;
    await eventually(async () => (await kept()) <= SPARE_FILES, 5000).catch(() => undefined);
    expect(await kept()).toBeLessThanOrEqual(SPARE_FILES);
  },
  30_000,
);
