import { describe, expect, test } from 'vitest';
import { EventClient, SseClient, epochOf } from '../../support/event-client.js';
import { startBoth, until } from '../../support/gateway.js';
import type { Simulator } from '../../../src/simulator/simulator.js';

function emit(simulator: Simulator, topic: string, ...numbers: number[]): void {
  for (const n of numbers) simulator.emit('Logs', topic, { n });
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

describe('a client that comes back with `since`', () => {
  test('a client that comes back with `since` gets what it missed, nothing twice, and goes on', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await EventClient.connect(gateway);
    await first.subscribe(['Logs/Info', 'Logs/Error']);
    for (const n of range(1, 50)) emit(simulator, n % 2 === 0 ? 'Info' : 'Error', n);
    await until(() => first.numbers().length === 50);
    first.socket.terminate();
    const since = Object.fromEntries(first.of('event').map(({ channel, cursor }) => [channel, cursor]));
    for (const n of range(51, 100)) emit(simulator, n % 2 === 0 ? 'Info' : 'Error', n);
    const second = await EventClient.connect(gateway);
    // Also while more is coming.
    const subscribed = second.subscribe(['Logs/Info', 'Logs/Error'], { since });
    for (const n of range(101, 150)) emit(simulator, n % 2 === 0 ? 'Info' : 'Error', n);
    await subscribed;
    await until(() => second.numbers().length >= 100);
    await second.roundTrip();
    expect(second.of('gap')).toEqual([]);
    expect(second.numbers('Logs/Info')).toEqual(range(51, 150).filter((n) => n % 2 === 0));
    expect(second.numbers('Logs/Error')).toEqual(range(51, 150).filter((n) => n % 2 === 1));
  });

  test('by a wildcard resumes each of its channels', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await EventClient.connect(gateway);
    await first.subscribe(['Logs/Info', 'Logs/Error']);
    emit(simulator, 'Info', 1);
    emit(simulator, 'Error', 2);
    await until(() => first.numbers().length === 2);
    const since = Object.fromEntries(first.of('event').map(({ channel, cursor }) => [channel, cursor]));
    first.socket.terminate();
    emit(simulator, 'Info', 3);
    emit(simulator, 'Error', 4);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/*'], { since });
    await until(() => second.numbers().length >= 2);
    expect(second.numbers('Logs/Info')).toEqual([3]);
    expect(second.numbers('Logs/Error')).toEqual([4]);
  });

  test('a client that comes back with `since` is told exactly what history no longer has', async () => {
    const { gateway, simulator } = await startBoth({ historyEvents: 10 });
    const first = await EventClient.connect(gateway);
    const { channels } = await first.subscribe(['Logs/Info']);
    const since = channels[0]!.cursors;
    const epoch = epochOf(since['Logs/Info']!);
    emit(simulator, 'Info', ...range(1, 30));
    await until(() => first.numbers().length === 30);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/Info'], { since });
    await until(() => second.numbers().length === 10);
    expect(second.messages.slice(1).map(({ op }) => op)).toEqual(['gap', ...range(1, 10).map(() => 'event')]);
    expect(second.of('gap')).toEqual([
      { op: 'gap', channel: 'Logs/Info', from: `${epoch}:1`, to: `${epoch}:20`, cause: 'evicted' },
    ]);
    expect(second.numbers()).toEqual(range(21, 30));
  });

  test('in mode latest gets the newest alone', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await EventClient.connect(gateway);
    const { channels } = await first.subscribe(['Logs/Info']);
    emit(simulator, 'Info', ...range(1, 30));
    await until(() => first.numbers().length === 30);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/Info'], { since: channels[0]!.cursors, mode: 'latest' });
    await second.roundTrip();
    expect(second.numbers()).toEqual([30]);
  });

  test('with a cursor of another life gets what there is, after a gap', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await EventClient.connect(gateway);
    await first.subscribe(['Logs/Info']);
    emit(simulator, 'Info', 1, 2);
    await until(() => first.numbers().length === 2);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/Info'], { since: { 'Logs/Info': 'zzz:7' } });
    await until(() => second.numbers().length === 2);
    expect(second.messages.slice(1)).toMatchObject([
      { op: 'gap', from: 'zzz:8', cause: 'upstream-lost' },
      { op: 'event' },
      { op: 'event' },
    ]);
  });

  test('with a cursor of a channel that it does not ask for is just subscribed', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info'], { since: { 'Logs/Error': 'zzz:7', __proto__: null } });
    emit(simulator, 'Info', 1);
    await until(() => client.numbers().length === 1);
    expect(client.of('gap')).toEqual([]);
  });
});

describe('Last-Event-ID', () => {
  test('of one channel replays what was missed, and nothing twice', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await SseClient.open(gateway, '/v1/events/Logs/Info');
    emit(simulator, 'Info', 1, 2, 3);
    await until(() => first.numbers().length === 3);
    first.close();
    emit(simulator, 'Info', 4, 5);
    const second = await SseClient.open(gateway, '/v1/events/Logs/Info', {
      'last-event-id': first.lastEventId,
    });
    await until(() => second.numbers().length >= 2);
    emit(simulator, 'Info', 6);
    await until(() => second.numbers().includes(6));
    expect(second.numbers()).toEqual([4, 5, 6]);
    expect(second.of('gap')).toEqual([]);
  });

  test('of one channel tells what history no longer has', async () => {
    const { gateway, simulator } = await startBoth({ historyEvents: 10 });
    const first = await SseClient.open(gateway, '/v1/events/Logs/Info');
    emit(simulator, 'Info', 1);
    await until(() => first.numbers().length === 1);
    first.close();
    emit(simulator, 'Info', ...range(2, 30));
    const epoch = epochOf(first.lastEventId);
    await until(() => gateway.app.hub.channel('studios/studio/Logs/Info')?.journal.newest?.seq === 30);
    const second = await SseClient.open(gateway, '/v1/events/Logs/Info', {
      'last-event-id': first.lastEventId,
    });
    await until(() => second.numbers().length === 10);
    expect(second.events.map(({ type }) => type)).toEqual(['gap', ...range(1, 10).map(() => 'event')]);
    expect(second.of('gap')).toMatchObject([{ from: `${epoch}:2`, to: `${epoch}:20`, cause: 'evicted' }]);
  });

  test('of several channels replays each of them, also the second and third time', async () => {
    const { gateway, simulator } = await startBoth();
    const path = '/v1/events?channel=Logs/Info&channel=Logs/Error&channel=Logs/Warning';
    const heard: unknown[] = [];
    let client = await SseClient.open(gateway, path);
    let next = 1;
    const mixed = (count: number): void => {
      for (const n of range(next, next + count - 1)) {
        // The last ones of a round are not all of the channel that is replayed last.
        emit(simulator, (['Error', 'Warning', 'Info'] as const)[n % 3]!, n);
      }
      next += count;
    };
    mixed(10);
    for (let round = 1; round <= 4; round++) {
      await until(() => client.numbers().length >= next - 1 - heard.length);
      heard.push(...client.numbers());
      const { lastEventId } = client;
      client.close();
      if (round < 3) mixed(10);
      client = await SseClient.open(gateway, path, { 'last-event-id': lastEventId });
    }
    emit(simulator, 'Info', next);
    await until(() => client.numbers().includes(next));
    heard.push(...client.numbers());
    expect([...heard].sort((a, b) => Number(a) - Number(b))).toEqual(range(1, next));
  });

  test('of a connection cut in the midst of a replay loses nothing of the other channels', async () => {
    const { gateway, simulator } = await startBoth();
    const path = '/v1/events?channel=Logs/Info&channel=Logs/Error';
    const first = await SseClient.open(gateway, path);
    for (const n of range(1, 20)) emit(simulator, n % 2 === 0 ? 'Info' : 'Error', n);
    await until(() => first.numbers().length === 20);
    // As if only the first so many messages had arrived of a replay.
    const [start] = first.events;
    const replayed = await SseClient.open(gateway, path, { 'last-event-id': start!.lastEventId });
    await until(() => replayed.numbers().length === 19);
    for (const cut of [3, 9, 10, 15]) {
      const rest = await SseClient.open(gateway, path, {
        'last-event-id': replayed.events[cut - 1]!.lastEventId,
      });
      await until(() => rest.numbers().length >= 19 - cut);
      expect([...replayed.numbers().slice(0, cut), ...rest.numbers()].sort()).toEqual(range(2, 20).sort());
    }
  });

  test('of several channels loses nothing silently when its own event is no longer kept', async () => {
    const { gateway, simulator } = await startBoth({ historyEvents: 10 });
    const path = '/v1/events?channel=Logs/Info&channel=Logs/Error';
    const first = await SseClient.open(gateway, path);
    emit(simulator, 'Info', 1);
    await until(() => first.numbers().length === 1);
    first.close();
    emit(simulator, 'Error', 2, 3);
    emit(simulator, 'Info', ...range(4, 33));
    await until(() => gateway.app.hub.channel('studios/studio/Logs/Info')?.journal.newest?.seq === 31);
    const second = await SseClient.open(gateway, path, { 'last-event-id': first.lastEventId });
    await until(() => second.numbers('Logs/Info').length === 10);
    expect(second.of('gap')).toMatchObject([{ channel: 'Logs/Info', cause: 'evicted' }]);
    expect(second.numbers('Logs/Error')).toEqual([2, 3]);
  });

  test("and the gateway's own channel do not bring back what was heard", async () => {
    const { gateway, simulator } = await startBoth();
    const path = '/v1/events?channel=Logs/Info&channel=$gateway/upstream';
    const first = await SseClient.open(gateway, path);
    emit(simulator, 'Info', 1, 2);
    await until(() => first.numbers('Logs/Info').length === 2);
    first.close();
    const second = await SseClient.open(gateway, path, { 'last-event-id': first.lastEventId });
    await until(() => second.events.length >= 1);
    expect(second.events.map(({ type }) => type)).toEqual(['upstream']);
    second.close();
    // What an EventSource would send now.
    const third = await SseClient.open(gateway, path, {
      'last-event-id': second.lastEventId === '' ? first.lastEventId : second.lastEventId,
    });
    emit(simulator, 'Info', 3);
    await until(() => third.numbers('Logs/Info').includes(3));
    expect(third.numbers('Logs/Info')).toEqual([3]);
  });

  test('that is no cursor is ignored', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await SseClient.open(gateway, '/v1/events/Logs/Info', { 'last-event-id': 'yesterday' });
    emit(simulator, 'Info', 1);
    await until(() => client.numbers().length === 1);
    expect(client.events.map(({ type }) => type)).toEqual(['event']);
  });
});
