// @module-tag extended
import { describe, expect, test } from 'vitest';
import type { RcspClient, StudioEvent } from '../../src/client/index.js';
import type { Gateway } from '../support/gateway.js';
import { settled, startBoth, startGateway, startSimulator, until } from '../support/gateway.js';
import { Between, connected, numberOf } from './connect.js';

interface Listening {
  readonly events: StudioEvent[];
  readonly numbers: () => number[];
}

async function listen(studio: RcspClient, ...patterns: string[]): Promise<Listening> {
  const events: StudioEvent[] = [];
  const hear = (event: StudioEvent): void => void events.push(event);
  await Promise.all(patterns.map((pattern) => studio.subscribe(pattern, hear).ready));
  return { events, numbers: () => events.map(numberOf) };
}

/** So many events of the channel have reached the gateway, in all. */
function arrived(gateway: Gateway, channel: string, seq: number): Promise<void> {
  return until(() => gateway.app.hub.channel(`studios/studio/${channel}`)?.journal.cursor.seq === seq);
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('after a cut of the connection', () => {
  test('nothing is missing and nothing doubled', async () => {
    const { gateway, simulator } = await startBoth();
    const between = await Between.before(gateway.url);
    const { studio, gaps } = await connected(between.url);
    const { numbers } = await listen(studio, 'Logs/*', 'Logs/Info', '*/Info');
    let n = 0;
    const say = (): void => simulator.emit('Logs', n % 2 === 0 ? 'Info' : 'Error', { n: (n += 1) });
    for (let round = 0; round < 5; round += 1) {
      for (let i = 0; i < 10; i += 1) say();
      between.refuses = true;
      between.cut();
      for (let i = 0; i < 10; i += 1) say();
      await until(() => studio.state === 'waiting');
      for (let i = 0; i < 10; i += 1) say();
      await arrived(gateway, 'Logs/Error', n / 2);
      between.refuses = false;
      await until(() => studio.state === 'open');
    }
    await until(() => numbers().length >= n);
    await studio.call('Info');
    expect(numbers()).toEqual(upTo(n));
    expect(gaps).toEqual([]);
  });

  test('cut at any moment of a stream of events', async () => {
    const { gateway, simulator } = await startBoth();
    const between = await Between.before(gateway.url);
    const { studio, gaps } = await connected(between.url);
    const { numbers } = await listen(studio, 'Logs/*');
    let n = 0;
    const saying = setInterval(() => {
      for (let i = 0; i < 3; i += 1) simulator.emit('Logs', 'Info', { n: (n += 1) });
    }, 2);
    try {
      for (let cuts = 1; cuts <= 8; cuts += 1) {
        await until(() => studio.state === 'open');
        await new Promise((resolve) => setTimeout(resolve, 7 * cuts));
        between.cut();
        await until(() => studio.state !== 'open');
      }
    } finally {
      clearInterval(saying);
    }
    await until(() => numbers().length >= n);
    await studio.call('Info');
    expect(numbers()).toEqual(upTo(n));
    expect(gaps).toEqual([]);
    expect(between.accepted).toBeGreaterThan(8);
  });

  test('what history has lost is told as a gap', async () => {
    const { gateway, simulator } = await startBoth({ historyEvents: 5 });
    const between = await Between.before(gateway.url);
    const { studio, gaps } = await connected(between.url);
    const { events, numbers } = await listen(studio, 'Logs/Info');
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => events.length === 1);
    between.refuses = true;
    between.cut();
    for (let n = 2; n <= 20; n += 1) simulator.emit('Logs', 'Info', { n });
    await arrived(gateway, 'Logs/Info', 20);
    between.refuses = false;
    await until(() => events.length === 6);
    expect(numbers()).toEqual([1, 16, 17, 18, 19, 20]);
    const [epoch] = events[0]!.cursor.split(':');
    expect(gaps).toEqual([{ channel: 'Logs/Info', from: `${epoch}:2`, to: `${epoch}:15`, cause: 'evicted' }]);
  });

  test('a state is not told twice', async () => {
    const { gateway } = await startBoth();
    const between = await Between.before(gateway.url);
    const { studio } = await connected(between.url);
    const { events } = await listen(studio, '$gateway/upstream');
    await until(() => events.length === 1);
    between.cut();
    await until(() => studio.state === 'waiting');
    await until(() => studio.state === 'open');
    await listen(studio, 'Logs/Info');
    expect(events).toHaveLength(1);
  });
});

test('after a restart of the gateway: a gap, then events, nothing doubled', async () => {
  const { simulator, port } = await startSimulator();
  const first = await startGateway(port);
  await settled(first);
  const { studio, gaps, states } = await connected(first.url);
  const { events, numbers } = await listen(studio, 'Logs/*', 'Logs/Info');
  for (const n of [1, 2, 3]) simulator.emit('Logs', 'Info', { n });
  await until(() => events.length === 3);
  await first.app.close();
  await until(() => studio.state === 'waiting');
  const second = await startGateway(port, { listen: new URL(first.url).host });
  await until(() => studio.state === 'open');
  await settled(second);
  await until(() => gaps.some(({ channel }) => channel === 'Logs/Info'));
  for (const n of [4, 5]) simulator.emit('Logs', 'Info', { n });
  await until(() => events.length >= 5);
  await studio.call('Info');
  expect(numbers()).toEqual([1, 2, 3, 4, 5]);
  const [epoch] = events[0]!.cursor.split(':');
  const [newEpoch] = events[4]!.cursor.split(':');
  expect(newEpoch).not.toBe(epoch);
  const info = gaps.filter(({ channel }) => channel === 'Logs/Info');
  expect(info[0]).toMatchObject({ from: `${epoch}:4`, cause: 'upstream-lost' });
  expect(info.at(-1)?.to).toBe(`${newEpoch}:0`);
  expect(states.find(({ state }) => state === 'waiting')?.cause?.detail).toContain('shutting down');
});

test('after the studio was away: a gap, then events', async () => {
  const { simulator, port } = await startSimulator();
  const gateway = await startGateway(port);
  await settled(gateway);
  const { studio, gaps } = await connected(gateway.url);
  const { events, numbers } = await listen(studio, 'Logs/Info');
  simulator.emit('Logs', 'Info', { n: 1 });
  await until(() => events.length === 1);
  simulator.dropConnections();
  await until(() => gaps.length === 1);
  await settled(gateway);
  simulator.emit('Logs', 'Info', { n: 2 });
  await until(() => events.length === 2);
  expect(numbers()).toEqual([1, 2]);
  expect(gaps[0]).toMatchObject({ channel: 'Logs/Info', cause: 'upstream-lost' });
});
