import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Hub } from '../../src/events/hub.js';
import { patternsOf } from '../../src/events/protocol.js';
import { GATEWAY_CHANNELS } from '../../src/wire/gateway-channels.js';
import { HubClient, makeHub } from './fakes.js';
import { parseCursor } from '../../src/wire/cursor.js';
import type { Cursor } from '../../src/wire/cursor.js';

const UPSTREAM_CHANNEL = GATEWAY_CHANNELS.upstream;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** Everything that was said so far has gone out. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function listen(hub: Hub, ...channels: string[]): Promise<HubClient> {
  const client = new HubClient(hub);
  await client.subscribe(channels);
  return client;
}

/** Where a client left off, by channel. */
function since(places: Record<string, string>) {
  return ({ name }: { name: string }): Cursor | undefined => parseCursor(places[name] ?? '');
}

describe('a channel', () => {
  test('a channel is opened for its first listener, and closed a while after its last', async () => {
    const { hub, source } = makeHub();
    const [one, two] = [await listen(hub, 'Logs/Info'), await listen(hub, 'Logs/Info')];
    expect(source.asked).toEqual(['open Logs/Info']);
    one.leave();
    vi.advanceTimersByTime(60_000);
    two.leave();
    vi.advanceTimersByTime(4999);
    expect(source.asked).toEqual(['open Logs/Info']);
    vi.advanceTimersByTime(1);
    expect(source.asked).toEqual(['open Logs/Info', 'close Logs/Info']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a channel stays open for one who comes back within the while, and loses nothing', async () => {
    const { hub, source } = makeHub();
    const client = await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    await settled();
    client.leave();
    source.emit('Logs/Info');
    vi.advanceTimersByTime(4000);
    const again = new HubClient(hub);
    await again.subscribe(['Logs/Info'], 'all', since({ 'Logs/Info': 'e1:1' }));
    vi.advanceTimersByTime(60_000);
    source.emit('Logs/Info');
    await settled();
    expect(client.heard).toEqual(['Logs/Info e1:1']);
    expect(again.heard).toEqual(['Logs/Info e1:2', 'Logs/Info e1:3']);
    expect(source.asked).toEqual(['open Logs/Info']);
  });

  test('a channel begins a new epoch when it had been closed', async () => {
    const { hub, source } = makeHub();
    const client = await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    client.leave();
    vi.advanceTimersByTime(5000);
    const again = new HubClient(hub);
    await again.subscribe(['Logs/Info'], 'all', since({ 'Logs/Info': 'e1:1' }));
    source.emit('Logs/Info');
    await settled();
    expect(again.heard).toEqual(['Logs/Info [e1:2..e2:0]', 'Logs/Info e2:1']);
  });

  test('a channel is kept open for somebody who is no client', () => {
    const { hub, source } = makeHub();
    const opened = hub.open('Logs/Info');
    source.emit('Logs/Info');
    expect(hub.channel('Logs/Info')?.journal.size).toBe(1);
    opened.close();
    opened.close();
    vi.advanceTimersByTime(5000);
    expect(source.asked).toEqual(['open Logs/Info', 'close Logs/Info']);
  });
});

describe('a channel that the source refuses', () => {
  test('a channel that the source refuses is told to who asked, and touches no other client', async () => {
    const { hub, source } = makeHub();
    const other = await listen(hub, 'Logs/Info');
    source.refuses.add('Logs/Gossip');
    const asker = new HubClient(hub);
    await expect(asker.subscribe(['Logs/Info', 'Logs/Gossip'])).rejects.toThrow('refused: Logs/Gossip');
    source.emit('Logs/Info');
    await settled();
    expect(asker.sink.story).toEqual([]);
    expect(other.heard).toEqual(['Logs/Info e1:1']);
    expect(other.sink.closed).toEqual([]);
  });

  test('a channel that the source refuses leaves the asker what it had', async () => {
    const { hub, source } = makeHub();
    source.refuses.add('Logs/Gossip');
    const client = await listen(hub, 'Logs/Info');
    await expect(client.subscribe(['Logs/Gossip'])).rejects.toThrow('refused');
    source.emit('Logs/Info');
    await settled();
    expect(client.heard).toEqual(['Logs/Info e1:1']);
  });

  test('a channel that the source refuses is told to those who thought that they had it, and not to those with a wildcard', async () => {
    const onRefused = vi.fn();
    const { hub, source } = makeHub({ onRefused });
    source.offered.add('Logs/Info');
    const named = await listen(hub, 'Logs/Info');
    await listen(hub, 'Logs/*');
    const error = new Error('no longer');
    source.listener.onRefused('Logs/Info', error);
    expect(onRefused).toHaveBeenCalledExactlyOnceWith('Logs/Info', error, [named.subscriber]);
    expect(source.asked.at(-1)).toBe('close Logs/Info');
  });

  test('a channel that the source refuses is asked for again for the next who wants it', async () => {
    const { hub, source } = makeHub();
    source.refuses.add('Logs/Info');
    await expect(listen(hub, 'Logs/Info')).rejects.toThrow('refused');
    source.refuses.clear();
    const client = await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    await settled();
    expect(client.heard).toHaveLength(1);
  });

  test('a channel that the source refuses is asked for again once the source has come to offer it', async () => {
    const onRefused = vi.fn();
    const { hub, source } = makeHub({ onRefused });
    const client = await listen(hub, 'Logs/Info');
    expect(source.isWatched).toBe(false);
    source.refuses.add('Logs/Info');
    source.listener.onRefused('Logs/Info', new Error('no longer'));
    expect(source.isWatched).toBe(true);
    const asked = source.asked.length;
    source.listener.onOffers();
    expect(source.asked).toHaveLength(asked);
    source.offered.add('Logs/Info');
    source.listener.onOffers();
    await settled();
    expect(source.isWatched).toBe(true);
    expect(onRefused, 'told once').toHaveBeenCalledOnce();
    source.refuses.clear();
    // It said no twice, hence not at the next look.
    source.listener.onOffers();
    expect(source.asked.slice(asked)).toEqual(['open Logs/Info']);
    source.listener.onOffers();
    await settled();
    expect(source.asked.slice(asked)).toEqual(['open Logs/Info', 'open Logs/Info']);
    expect(source.isWatched).toBe(false);
    source.listener.onRefused('Logs/Info', new Error('again'));
    expect(onRefused).toHaveBeenCalledTimes(2);
    hub.leave(client.subscriber);
    expect(source.isWatched).toBe(false);
  });

  test('a channel that the source refuses is asked for again for whoever else wants it', async () => {
    const { hub, source } = makeHub();
    const first = await listen(hub, 'Logs/Info');
    source.refuses.add('Logs/Info');
    source.listener.onRefused('Logs/Info', new Error('not now'));
    await expect(listen(hub, 'Logs/Info')).rejects.toThrow('refused');
    source.refuses.clear();
    const second = await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    await settled();
    expect(first.heard.at(-1)).toBe(second.heard.at(-1));
    expect(second.heard).toHaveLength(1);
  });

  test('a channel that the source refuses is given up when the source does not say', async () => {
    const { hub, source } = makeHub();
    source.holdsAnswers = true;
    const asked = listen(hub, 'Logs/Info');
    vi.advanceTimersByTime(10_000);
    await expect(asked).rejects.toMatchObject({ code: 'Timeout' });
    vi.advanceTimersByTime(5000);
    expect(source.asked).toEqual(['open Logs/Info', 'close Logs/Info']);
  });
});

describe('what is said while the source is being asked', () => {
  test('what is said while the source is being asked is not lost', async () => {
    const { hub, source } = makeHub();
    source.holdsAnswers = true;
    const client = new HubClient(hub);
    const asked = client.subscribe(['Logs/Info', 'Logs/Error']);
    source.emit('Logs/Info');
    source.answer();
    source.emit('Logs/Info');
    await asked;
    source.emit('Logs/Info');
    await settled();
    expect(client.sink.story).toEqual(['subscribed', 'Logs/Info e1:1', 'Logs/Info e1:2', 'Logs/Info e1:3']);
    expect(client.sink.messages[0]).toMatchObject({
      channels: [
        { channel: 'Logs/Info', cursors: { 'Logs/Info': 'e1:0' } },
        { channel: 'Logs/Error', cursors: { 'Logs/Error': 'e2:0' } },
      ],
    });
  });

  test('what is said while the source is being asked reaches nobody who has gone meanwhile', async () => {
    const { hub, source } = makeHub();
    source.holdsAnswers = true;
    const client = new HubClient(hub);
    const asked = client.subscribe(['Logs/Info']);
    client.leave();
    source.answer();
    await asked;
    vi.advanceTimersByTime(5000);
    expect(client.sink.story).toEqual([]);
    expect([...hub.subscribers]).toEqual([]);
    expect(source.asked).toEqual(['open Logs/Info', 'close Logs/Info']);
  });
});

describe('a wildcard', () => {
  test('a wildcard takes in what the source comes to offer, and nothing else', async () => {
    const { hub, source } = makeHub();
    source.offered.add('Logs/Info').add('Events/Connected');
    const client = await listen(hub, 'Logs/*');
    source.offered.add('Logs/Error').add('devices/1/Logs/Info');
    source.listener.onOffers();
    for (const name of ['Logs/Info', 'Logs/Error', 'Events/Connected', 'devices/1/Logs/Info'])
      source.emit(name);
    await settled();
    expect(client.heard).toEqual(['Logs/Info e1:1', 'Logs/Error e2:1']);
    expect(source.asked).toEqual(['open Logs/Info', 'open Logs/Error']);
  });

  test('a wildcard follows devices that come, go and come back, and says what may be missing', async () => {
    const { hub, source } = makeHub();
    const channel = 'devices/7/DeviceLogs/Info';
    const client = await listen(hub, 'devices/*/DeviceLogs/*');
    expect(source.asked).toEqual([]);
    source.offered.add(channel);
    source.listener.onOffers();
    source.emit(channel);
    await settled();
    source.offered.clear();
    source.listener.onOffers();
    source.listener.onOffers();
    await settled();
    expect(client.heard).toEqual([`${channel} e1:1`]);
    source.offered.add(channel);
    source.listener.onLost([channel]);
    source.listener.onOffers();
    source.emit(channel);
    await settled();
    expect(client.heard).toEqual([`${channel} e1:1`, `${channel} [e1:2..e2:0]`, `${channel} e2:1`]);
    expect(client.sink.messages.at(-2)).toMatchObject({ op: 'gap', cause: 'upstream-lost' });
    expect(source.asked).toEqual([`open ${channel}`]);
  });

  test('a wildcard replays what its client missed of a channel that is offered only later', async () => {
    const { hub, source } = makeHub();
    const other = await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    source.emit('Logs/Info');
    const client = new HubClient(hub);
    await client.subscribe(['Logs/*'], 'all', since({ 'Logs/Info': 'e1:1' }));
    source.offered.add('Logs/Info');
    source.listener.onOffers();
    await settled();
    expect(client.heard).toEqual(['Logs/Info e1:2']);
    expect(other.heard).toHaveLength(2);
  });

  test("a wildcard does not stand for the gateway's own channels", async () => {
    const { hub } = makeHub();
    hub.publishOwn(UPSTREAM_CHANNEL, { connected: true });
    const client = await listen(hub, '*/*', '*/upstream');
    hub.publishOwn(UPSTREAM_CHANNEL, { connected: false });
    await settled();
    expect(client.heard).toEqual([]);
  });
});

describe('patterns that overlap', () => {
  test('patterns that overlap give each event once', async () => {
    const { hub, source } = makeHub();
    source.offered.add('Logs/Info');
    const client = await listen(hub, 'Logs/*', '*/Info', 'Logs/Info', '*/*');
    await client.subscribe(['Logs/Info']);
    source.emit('Logs/Info');
    await settled();
    expect(client.heard).toEqual(['Logs/Info e1:1']);
  });

  test('patterns that overlap give what the richer wish wants, as long as there is one', async () => {
    const { hub, source } = makeHub();
    source.offered.add('Logs/Info');
    const client = new HubClient(hub);
    await client.subscribe(['*/*'], { maxRateHz: 1 });
    expect(client.subscriber.modes.get('Logs/Info')).toEqual({ maxRateHz: 1 });
    await client.subscribe(['Logs/*'], 'all');
    await client.subscribe(['Logs/Info'], 'latest');
    expect(client.subscriber.modes.get('Logs/Info')).toBe('all');
    for (let i = 0; i < 3; i += 1) source.emit('Logs/Info');
    await settled();
    expect(client.heard).toHaveLength(3);
    hub.unsubscribe(client.subscriber, ['Logs/*']);
    expect(client.subscriber.modes.get('Logs/Info')).toBe('latest');
    hub.unsubscribe(client.subscriber, ['Logs/Info']);
    expect(client.subscriber.modes.get('Logs/Info')).toEqual({ maxRateHz: 1 });
    hub.unsubscribe(client.subscriber, ['*/*', 'Never/Subscribed']);
    expect(client.subscriber.modes.size).toBe(0);
    vi.advanceTimersByTime(5000);
    expect(source.asked).toEqual(['open Logs/Info', 'close Logs/Info']);
  });

  test('patterns that overlap count once each', async () => {
    const { hub } = makeHub();
    const client = await listen(hub, 'Logs/*', 'Logs/Info');
    expect(hub.countWith(client.subscriber, patternsOf(['Logs/*', 'Logs/Error']))).toBe(3);
  });
});

describe('a source that was lost', () => {
  test('a source that was lost gives every listener one gap when it is back, and a new epoch', async () => {
    const { hub, source } = makeHub();
    source.offered.add('Logs/Info');
    const clients = [
      await listen(hub, 'Logs/Info'),
      await listen(hub, 'Logs/*'),
      await listen(hub, 'Logs/Error'),
    ];
    source.emit('Logs/Info');
    source.connect(false);
    source.connect(false);
    await settled();
    expect(clients.map(({ heard }) => heard.length)).toEqual([1, 1, 0]);
    source.connect(true);
    source.emit('Logs/Info');
    source.connect(true);
    await settled();
    for (const { heard } of clients.slice(0, 2)) {
      expect(heard).toEqual([
        'Logs/Info e1:1',
        expect.stringMatching(/^Logs\/Info \[e1:2\.\.e\d:0\]$/),
        expect.stringMatching(/^Logs\/Info e[34]:1$/),
      ]);
    }
    expect(clients[2]!.heard).toEqual([expect.stringMatching(/^Logs\/Error \[e2:1\.\.e[34]:0\]$/)]);
  });

  test('a source that was lost gives the gap to who comes back as well', async () => {
    const { hub, source } = makeHub();
    await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    source.connect(false);
    source.connect(true);
    source.emit('Logs/Info');
    const again = new HubClient(hub);
    await again.subscribe(['Logs/Info'], 'all', since({ 'Logs/Info': 'e1:1' }));
    expect(again.heard).toEqual(['Logs/Info [e1:2..e2:0]', 'Logs/Info e2:1']);
  });

  test('a source that was lost gives nothing of before to who comes anew, also where only the newest is wanted', async () => {
    const { hub, source } = makeHub();
    await listen(hub, 'Logs/Info');
    source.emit('Logs/Info');
    source.connect(false);
    source.connect(true);
    for (const mode of ['all', 'latest', { maxRateHz: 1 }] as const) {
      const client = new HubClient(hub);
      await client.subscribe(['Logs/Info'], mode);
      expect(client.heard).toEqual([]);
    }
  });

  test('a source that was lost may be subscribed to while it is away', async () => {
    const { hub, source } = makeHub();
    source.connect(false);
    source.holdsAnswers = true;
    const client = await listen(hub, 'Logs/Info');
    source.connect(true);
    source.emit('Logs/Info');
    await settled();
    expect(client.heard).toEqual(['Logs/Info e1:1']);
  });
});

describe("the gateway's own channel", () => {
  test("the gateway's own channel always tells how things stand, whatever the client has seen and wants", async () => {
    const { hub } = makeHub();
    hub.publishOwn(UPSTREAM_CHANNEL, { connected: false });
    hub.publishOwn(UPSTREAM_CHANNEL, { connected: true });
    for (const mode of ['all', 'latest', { maxRateHz: 1 }] as const) {
      const client = new HubClient(hub);
      await client.subscribe([UPSTREAM_CHANNEL], mode, since({ [UPSTREAM_CHANNEL]: 'e1:2' }));
      expect(client.heard).toEqual([`${UPSTREAM_CHANNEL} e1:2`]);
      expect(client.sink.messages.at(-1)).toMatchObject({
        event: { Publisher: '$gateway', Topic: 'upstream', EventData: { connected: true } },
      });
    }
  });

  test("the gateway's own channel is the only one with such a name", async () => {
    const { hub, source } = makeHub();
    hub.publishOwn(UPSTREAM_CHANNEL, {});
    for (const name of ['$gateway/other', '$other/upstream', '$gateway/*']) {
      await expect(listen(hub, name)).rejects.toMatchObject({ code: 'Invalid request' });
    }
    expect(source.asked).toEqual([]);
  });
});

describe('a client that comes back', () => {
  test('a client that comes back is replayed no more at once than may be on its way', async () => {
    const { hub, source } = makeHub();
    await listen(hub, 'Logs/Info');
    for (let i = 0; i < 400; i += 1) source.emit('Logs/Info', 'x'.repeat(2000));
    const again = new HubClient(hub);
    again.sink.window = 512 * 1024;
    await again.subscribe(['Logs/Info'], 'all', since({ 'Logs/Info': 'e1:0' }));
    again.subscriber.tell({ op: 'pong' });
    expect(again.sink.pendingBytes).toBeLessThan(600 * 1024);
    Object.assign(again.sink, { isFree: true, pendingBytes: 0, window: Infinity });
    again.subscriber.drain();
    expect(again.sink.closed).toEqual([]);
    expect(again.heard).toEqual([...Array.from({ length: 400 }, (_, i) => `Logs/Info e1:${i + 1}`), 'pong']);
  });

  test('a client that comes back gets everything once by its cursors, however often it comes and goes', async () => {
    const channels = ['A/a', 'A/b', 'B/a'];
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...channels) },
      { weight: 1, arbitrary: fc.constant('reconnect' as const) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { hub, source } = makeHub();
        for (const name of channels) source.offered.add(name);
        const places: Record<string, string> = {};
        const [got, said]: [string[], string[]] = [[], []];
        let client = await listen(hub, '*/*');
        const seqs = new Map<string, number>();
        const reconnect = (): void => {
          client.leave();
          got.push(...client.heard);
          for (const { channel, cursor } of client.sink.messages)
            if (cursor !== undefined) places[channel!] = cursor;
          client = new HubClient(hub);
        };
        for (const name of channels) places[name] = `e${channels.indexOf(name) + 1}:0`;
        for (const each of steps) {
          if (each === 'reconnect') {
            reconnect();
            await client.subscribe(['*/*'], 'all', since(places));
          } else {
            seqs.set(each, (seqs.get(each) ?? 0) + 1);
            said.push(`${each} e${channels.indexOf(each) + 1}:${seqs.get(each)}`);
            source.emit(each);
          }
        }
        await settled();
        reconnect();
        expect(got).toEqual(said);
        hub.close();
      }),
      { numRuns: 50 },
    );
  });
});

describe('one cursor for several channels', () => {
  async function resume(hub: Hub, cursor: string, ...channels: string[]): Promise<string[]> {
    const client = new HubClient(hub);
    await client.subscribe(channels, 'all', hub.resumeFrom(parseCursor(cursor)!));
    await settled();
    client.leave();
    return client.heard;
  }

  test('one cursor for several channels gives what came after it in all of them, in the order in which it came', async () => {
    const { hub, source } = makeHub();
    await listen(hub, 'A/a', 'B/b', 'C/c');
    for (const name of ['A/a', 'B/b', 'A/a', 'C/c', 'B/b', 'A/a', 'B/b']) source.emit(name);
    await settled();
    expect(await resume(hub, 'e1:2', 'A/a', 'B/b', 'C/c')).toEqual([
      'C/c e3:1',
      'B/b e2:2',
      'A/a e1:3',
      'B/b e2:3',
    ]);
    expect(await resume(hub, 'e2:3', 'A/a', 'B/b', 'C/c')).toEqual([]);
    expect(await resume(hub, 'e3:1', 'A/a', 'B/b')).toEqual(['B/b e2:2', 'A/a e1:3', 'B/b e2:3']);
  });

  test('one cursor for several channels loses nothing of the others when its own event is no longer kept', async () => {
    const { hub, source } = makeHub({ journal: { maxEvents: 3, maxBytes: 1_000_000 } });
    await listen(hub, 'A/a', 'B/b');
    source.emit('A/a');
    source.emit('B/b');
    for (let i = 0; i < 5; i += 1) source.emit('A/a');
    await settled();
    expect(await resume(hub, 'e1:1', 'A/a', 'B/b')).toEqual([
      'B/b e2:1',
      'A/a [e1:2..e1:3]',
      'A/a e1:4',
      'A/a e1:5',
      'A/a e1:6',
    ]);
  });

  test('one cursor for several channels gives all that is there when nobody remembers it', async () => {
    const { hub, source } = makeHub();
    await listen(hub, 'A/a', 'B/b');
    source.emit('A/a');
    source.emit('B/b');
    await settled();
    expect(await resume(hub, 'zz:9', 'A/a', 'B/b')).toEqual([
      'A/a [zz:10..e1:0]',
      'A/a e1:1',
      'B/b [zz:10..e2:0]',
      'B/b e2:1',
    ]);
  });

  test('one cursor for several channels gives each client everything once, wherever it left off', async () => {
    const channels = ['A/a', 'B/b', 'C/c'];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...channels), { minLength: 1, maxLength: 25 }),
        async (said) => {
          const { hub, source } = makeHub();
          const first = await listen(hub, ...channels);
          for (const each of said) source.emit(each);
          await settled();
          const all = first.heard;
          for (const [i, each] of all.entries()) {
            expect(await resume(hub, each.split(' ')[1]!, ...channels)).toEqual(all.slice(i + 1));
          }
          hub.close();
        },
      ),
      { numRuns: 30 },
    );
  });
});

test('a hub that is closed leaves no timer and no open stream behind', async () => {
  const { hub, source } = makeHub();
  const [one] = [await listen(hub, 'Logs/Info'), await listen(hub, 'Logs/Error')];
  one.leave();
  hub.close();
  expect(source.asked.slice(2)).toEqual(['close Logs/Info', 'close Logs/Error']);
  expect(vi.getTimerCount()).toBe(0);
});
