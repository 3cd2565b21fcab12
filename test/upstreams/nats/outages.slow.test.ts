import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../../src/config/config.js';
import { EventClient } from '../../support/event-client.js';
import { problemOf, until } from '../../support/gateway.js';
import { HAS_NATS, NatsServer, OLD_NATS_SERVER } from '../../support/nats-server.js';
import { emit, Foreigner, startEdge, startOrigin, stateOf } from '../../support/nats-gateways.js';

const CHANNEL = 'Logs/Info';
const SUBJECT = 'rcsp.v1.stage.ev.Logs.Info';
/** Milliseconds between two events: a hundred a second. */
const PACE_MS = 10;
const BEFORE_MS = 1000;

async function start(settings: Values = {}, path?: string) {
  const server = await NatsServer.start({ path });
  const { origin, simulator, port } = await startOrigin(server.url, { historyEvents: 20_000, ...settings });
  const edge = await startEdge(server.url, { historyEvents: 20_000 });
  const client = await EventClient.connect(edge);
  await client.subscribe([CHANNEL]);
  return { server, origin, simulator, port, edge, client };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Emits a hundred events a second around `disturb`; answers how many there were. */
async function throughout({ simulator, client }: Started, disturb: () => Promise<void>): Promise<number> {
  let n = 0;
  const timer = setInterval(() => emit(simulator, (n += 1)), PACE_MS);
  try {
    await delay(BEFORE_MS);
    await disturb();
    await delay(BEFORE_MS);
  } finally {
    clearInterval(timer);
  }
  emit(simulator, (n += 1));
  await until(() => client.numbers().includes(n));
  return n;
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

async function expectStoredOnce(server: NatsServer, n: number): Promise<void> {
  const foreigner = await Foreigner.connect(server.url);
  const stored = await foreigner.stored(SUBJECT);
  const numbers = stored.map(
    (each) => each.json<{ event: { EventData: { n: number } } }>().event.EventData.n,
  );
  expect(numbers).toEqual(upTo(n));
}

describe.runIf(HAS_NATS)('a hub that', () => {
  test('is killed and comes back loses no event and doubles none', async () => {
    const started = await start();
    const { server, client, edge } = started;
    const n = await throughout(started, async () => {
      await server.kill();
      await until(() => stateOf(edge) === 'stale');
      const reply = await edge.put('/v1/devices/1/name', { DeviceName: 'x' });
      expect(problemOf(reply)).toMatchObject({
        code: 'Studio unreachable',
        status: 503,
        outcome: 'not-sent',
      });
      await delay(2000);
      await server.run();
      await until(() => stateOf(edge) === 'connected');
    });
    expect(client.numbers()).toEqual(upTo(n));
    expect(client.of('gap')).toEqual([]);
    await expectStoredOnce(server, n);
  });

  test('stands still for seconds loses no event and doubles none', async () => {
    const started = await start();
    const { server, client, edge } = started;
    const n = await throughout(started, async () => {
      server.freeze();
      await until(() => stateOf(edge) === 'stale');
      await delay(5000);
      server.thaw();
      await until(() => stateOf(edge) === 'connected');
    });
    expect(client.numbers()).toEqual(upTo(n));
    expect(client.of('gap')).toEqual([]);
    await expectStoredOnce(server, n);
  });

  test('loses its stream gets it back from the history of the origin', async () => {
    const started = await start();
    const { server, client } = started;
    const n = await throughout(started, async () => {
      const foreigner = await Foreigner.connect(server.url);
      await foreigner.deleteStream();
      await delay(3000);
    });
    expect(client.numbers()).toEqual(upTo(n));
    expect(client.of('gap')).toEqual([]);
    await expectStoredOnce(server, n);
  });

  test('loses its stream while nothing is published has it again before the next event', async () => {
    const { server, simulator, client } = await start();
    emit(simulator, 1, 2, 3);
    await until(() => client.numbers().length === 3);
    const foreigner = await Foreigner.connect(server.url);
    await foreigner.deleteStream();
    await until(async () => {
      const stored = await foreigner.stored(SUBJECT).catch(() => []);
      return stored.length === 3;
    });
    emit(simulator, 4);
    await until(() => client.numbers().length === 4);
    expect(client.numbers()).toEqual([1, 2, 3, 4]);
    expect(client.of('gap')).toEqual([]);
  });

  test('was away for longer than history reaches makes a gap', async () => {
    const started = await start({ historyEvents: 50 });
    const { server, client, edge } = started;
    const n = await throughout(started, async () => {
      await server.kill();
      await delay(3000);
      await server.run();
      await until(() => stateOf(edge) === 'connected');
    });
    const gaps = client.of('gap');
    expect(gaps.map(({ cause }) => cause)).toContain('evicted');
    const missing = gaps.reduce((sum, { from, to }) => sum + seq(to) - seq(from) + 1, 0);
    expect(client.numbers().length + missing).toBe(n);
    expect(new Set(client.numbers()).size).toBe(client.numbers().length);
  });

  test.runIf(OLD_NATS_SERVER !== undefined)('is of version 2.9 is enough', async () => {
    const started = await start({}, OLD_NATS_SERVER);
    const { server, client, edge } = started;
    const n = await throughout(started, async () => {
      await server.kill();
      await delay(1000);
      await server.run();
      await until(() => stateOf(edge) === 'connected');
    });
    expect(client.numbers()).toEqual(upTo(n));
    expect((await edge.get('/v1/devices/1/name')).status).toBe(200);
  });
});

function seq(cursor: string): number {
  return Number(cursor.split(':')[1]);
}

describe.runIf(HAS_NATS)('an edge', () => {
  test('reads on when its clients are slow, and tells each what it missed', async () => {
    const { edge, simulator, client } = await start();
    const slow = await EventClient.connect(edge);
    await slow.subscribe([CHANNEL]);
    slow.socket.pause();
    const text = 'x'.repeat(20_000);
    for (let i = 1; i <= 1000; i += 1) {
      simulator.emit('Logs', 'Info', { n: i, text });
      if (i % 50 === 0) await until(() => client.numbers().includes(i));
    }
    expect(client.numbers()).toEqual(upTo(1000));
    slow.socket.resume();
    await until(() => slow.numbers().includes(1000));
    const missing = slow.of('gap').reduce((sum, { from, to }) => sum + seq(to) - seq(from) + 1, 0);
    expect(slow.numbers().length + missing).toBe(1000);
    expect(slow.of('gap').every(({ cause }) => cause === 'slow-client')).toBe(true);
  });

  test('that starts while the hub is away has the studios once it comes', async () => {
    const { server, origin } = await start();
    await server.kill();
    const late = startEdge(server.url, { natsName: 'edge-2' });
    await delay(1000);
    await server.run();
    const edge = await late;
    expect((await edge.get('/v1/devices/1/name')).json).toEqual(
      (await origin.get('/v1/devices/1/name')).json,
    );
  });
});

describe.runIf(HAS_NATS)('an origin whose acknowledgements were lost', () => {
  test('doubles nothing after the window in which the server knows message ids', async () => {
    const started = await start();
    const { server, client, edge } = started;
    const foreigner = await Foreigner.connect(server.url);
    await foreigner.setDuplicateWindow(200);
    const n = await throughout(started, async () => {
      server.freeze();
      await until(() => stateOf(edge) === 'stale');
      await delay(4000);
      server.thaw();
      await until(() => stateOf(edge) === 'connected');
    });
    expect(client.numbers()).toEqual(upTo(n));
    expect(client.of('gap')).toEqual([]);
    await expectStoredOnce(server, n);
  });
});
