import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EventClient, numberOf } from '../../support/event-client.js';
import { until } from '../../support/gateway.js';
import { startEdge, stateOf } from '../../support/nats-gateways.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import { HAS_NAMESPACES, NetworkNamespace } from '../../support/network-namespace.js';
import { expectTruth, startRecordedOrigin, write, Writes } from '../../support/recorded-writes.js';

/** Milliseconds between two events: a hundred a second. */
const PACE_MS = 10;
const WRITE_MS = 100;
/** Milliseconds in which an edge has to say that its studio is away, on a busy machine. */
const NOTICED_MS = 5000;

/** A hub that the origin and the edge reach by a cable each. */
async function start() {
  const network = new NetworkNamespace();
  const [ofOrigin, ofEdge] = [network.cable(), network.cable()];
  const server = await NatsServer.start({ network: { name: network.name, address: ofEdge.address } });
  const history = { historyEvents: 20_000 };
  const { origin, studio } = await startRecordedOrigin(server.urlAt(ofOrigin.address), history);
  const edge = await startEdge(server.urlAt(ofEdge.address), history);
  const client = await EventClient.connect(edge);
  await client.subscribe(['Logs/Info']);
  return { ofOrigin, ofEdge, origin, studio, edge, client };
}

type Started = Awaited<ReturnType<typeof start>>;

/** Emits events and sends writes around `disturb`; nothing may be lost, doubled, or told wrongly. */
async function throughout({ studio, edge, client }: Started, disturb: () => Promise<void>): Promise<Writes> {
  let n = 0;
  const timer = setInterval(() => studio.emit((n += 1)), PACE_MS);
  const writes = new Writes([edge], WRITE_MS);
  try {
    await until(() => n > 50 && writes.count('ok') > 3);
    await disturb();
    const before = n;
    await until(() => n > before + 50);
  } finally {
    clearInterval(timer);
    await writes.end();
  }
  await until(() => isLast(client, n));
  expect(client.numbers()).toEqual(Array.from({ length: n }, (_, i) => i + 1));
  expect(client.of('gap')).toEqual([]);
  expectTruth(writes.told, studio.names);
  return writes;
}

function isLast({ messages }: EventClient, n: number): boolean {
  const last = messages.at(-1);
  return last?.op === 'event' && numberOf(last) === n;
}

async function timed(condition: () => boolean): Promise<number> {
  const startedAt = performance.now();
  await until(condition);
  return performance.now() - startedAt;
}

/** Not every second one goes to a connection that is no more. */
async function expectCommands({ edge, studio }: Started): Promise<void> {
  const names = Array.from({ length: 12 }, (_, i) => `after-${i}`);
  expect(await Promise.all(names.map((name) => write(edge, name)))).toEqual(names.map(() => 'ok'));
  expect(studio.names.filter((name) => name.startsWith('after-')).sort()).toEqual(names.sort());
}

describe.runIf(HAS_NATS && HAS_NAMESPACES)('a network that loses what is sent', () => {
  test('between hub and origin: the edge reports it, and events go on after it', async () => {
    const started = await start();
    const { ofOrigin, edge, studio } = started;
    const writes = await throughout(started, async () => {
      ofOrigin.cut();
      expect(await timed(() => stateOf(edge) === 'disconnected')).toBeLessThan(NOTICED_MS);
      expect(await write(edge, 'while-away')).toBe('not-sent');
      await delay(8000);
      ofOrigin.mend();
      await until(async () => (await write(edge, `tried-${performance.now()}`)) === 'ok');
      await expectCommands(started);
    });
    expect(studio.names).not.toContain('while-away');
    expect(stateOf(edge)).toBe('connected');
    expect(writes.count('no-answer')).toBeGreaterThan(0);
    expect(writes.count('not-sent')).toBeGreaterThan(20);
  });

  test('between hub and edge: the edge is stale, and events go on after it', async () => {
    const started = await start();
    const { ofEdge, edge, studio } = started;
    const writes = await throughout(started, async () => {
      ofEdge.cut();
      expect(await timed(() => stateOf(edge) === 'stale')).toBeLessThan(NOTICED_MS);
      expect(await write(edge, 'while-stale')).toBe('not-sent');
      await delay(8000);
      ofEdge.mend();
      await until(async () => (await write(edge, `tried-${performance.now()}`)) === 'ok');
      await expectCommands(started);
    });
    expect(studio.names).not.toContain('while-stale');
    expect(writes.count('no-answer')).toBeGreaterThan(0);
    expect(writes.count('not-sent')).toBeGreaterThan(20);
  });

  test('for a moment, so that no connection ends', async () => {
    const started = await start();
    const { ofEdge, ofOrigin, edge } = started;
    await throughout(started, async () => {
      ofEdge.cut();
      ofOrigin.cut();
      await delay(1200);
      ofOrigin.mend();
      ofEdge.mend();
      await delay(1000);
      await until(() => stateOf(edge) === 'connected');
    });
  });
});
