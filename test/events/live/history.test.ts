import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventClient, epochOf } from '../../support/event-client.js';
import { problemOf, startBoth, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';

const Page = z.strictObject({
  events: z.array(
    z.looseObject({
      cursor: z.string(),
      event: z.looseObject({ EventData: z.looseObject({ n: z.number() }) }),
    }),
  ),
  cursor: z.string().nullable(),
  gap: z.strictObject({ from: z.string(), to: z.string(), cause: z.string() }).nullable(),
});

async function pageOf(gateway: Gateway, query: string) {
  const reply = await gateway.get(`/v1/history?${query}`);
  expect(reply.headers.get('content-type')).toMatch(/^application\/json/);
  const { events, cursor, gap } = Page.parse(reply.json);
  return { numbers: events.map(({ event }) => event.EventData.n), cursor, gap, events };
}

/** A gateway whose Logs/Info has had so many events. */
async function startWith(count: number, settings: Record<string, unknown> = {}) {
  const { gateway, simulator } = await startBoth(settings);
  const client = await EventClient.connect(gateway);
  const { channels } = await client.subscribe(['Logs/Info']);
  for (let n = 1; n <= count; n++) simulator.emit('Logs', 'Info', { n });
  await until(() => client.numbers().length === count);
  return { gateway, simulator, client, start: channels[0]!.cursors['Logs/Info']! };
}

test('pages lead from one to the next until there is no more', async () => {
  const { gateway, start, client } = await startWith(25);
  const heard: number[] = [];
  let cursor = start;
  for (const size of [10, 10, 5, 0]) {
    const page = await pageOf(gateway, `channel=Logs/Info&since=${cursor}&limit=10`);
    expect(page.numbers).toHaveLength(size);
    expect(page.gap).toBeNull();
    heard.push(...page.numbers);
    cursor = page.cursor!;
  }
  expect(heard).toEqual(client.numbers());
  expect(cursor).toBe(client.of('event').at(-1)!.cursor);
});

test('without a place it is the newest, 100 at most', async () => {
  const { gateway, client } = await startWith(150);
  const page = await pageOf(gateway, 'channel=Logs/Info');
  expect(page.numbers).toEqual(client.numbers().slice(50));
  expect(page.events).toEqual(client.of('event').slice(50));
  expect(page.cursor).toBe(client.of('event').at(-1)!.cursor);
});

test('what is no longer kept is a gap with its exact ends', async () => {
  const { gateway, start } = await startWith(30, { historyEvents: 10 });
  const page = await pageOf(gateway, `channel=Logs/Info&since=${start}&limit=4`);
  const epoch = epochOf(start);
  expect(page.gap).toEqual({ from: `${epoch}:1`, to: `${epoch}:20`, cause: 'evicted' });
  expect(page.numbers).toEqual([21, 22, 23, 24]);
  expect((await pageOf(gateway, `channel=Logs/Info&since=${page.cursor!}`)).gap).toBeNull();
});

test('a new epoch is a gap, and pages lead over it', async () => {
  const { gateway, simulator, client, start } = await startWith(3);
  simulator.dropConnections();
  await until(() => client.of('gap').length === 1);
  await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
  simulator.emit('Logs', 'Info', { n: 4 });
  await until(() => client.numbers().length === 4);
  const heard: number[] = [];
  const gaps: unknown[] = [];
  for (let cursor = start; heard.length < 4;) {
    const page = await pageOf(gateway, `channel=Logs/Info&since=${cursor}`);
    heard.push(...page.numbers);
    if (page.gap !== null) gaps.push(page.gap);
    expect(page.cursor).not.toBe(cursor);
    cursor = page.cursor!;
  }
  expect(heard).toEqual([1, 2, 3, 4]);
  const { from, to, cause } = client.of('gap')[0]!;
  expect(gaps).toEqual([{ from, to, cause }]);
});

test('the newest events come with every gap between and after them', async () => {
  const { gateway, simulator, client } = await startWith(3);
  for (const [lost, n] of [
    [1, 4],
    [2, 5],
  ] as const) {
    simulator.dropConnections();
    await until(() => client.of('gap').length === lost);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { n });
    await until(() => client.numbers().length === n);
  }
  simulator.dropConnections();
  await until(() => client.of('gap').length === 3);
  const told = client.of('gap').map(({ channel, from, to, cause }) => ({ channel, from, to, cause }));
  const { channel: _, ...newest } = told[2]!;
  const all = (await gateway.get('/v1/history?channel=Logs/Info')).json;
  expect(all).toMatchObject({ gap: newest, gaps: told, cursor: newest.to });
  const { events } = Page.pick({ events: true }).loose().parse(all);
  expect(events.map(({ event }) => event.EventData.n)).toEqual([1, 2, 3, 4, 5]);
  const last = (await gateway.get('/v1/history?channel=Logs/Info&limit=1')).json;
  expect(last).toMatchObject({ gap: newest, gaps: told.slice(2) });
});

test('a channel that nobody ever listened to has none', async () => {
  const { gateway } = await startBoth();
  expect((await gateway.get('/v1/history?channel=Logs/Gossip')).json).toEqual({
    events: [],
    cursor: null,
    gap: null,
  });
});

test("the gateway's own channel has one, too", async () => {
  const { gateway } = await startBoth();
  const { json } = await gateway.get('/v1/history?channel=$gateway/upstream&limit=1');
  expect(json).toMatchObject({ events: [{ event: { EventData: { state: 'connected' } } }] });
});

test.each([
  'channel=Logs/*',
  'channel=Logs',
  '',
  'channel=Logs/Info&since=now',
  'channel=Logs/Info&limit=0',
  'channel=Logs/Info&limit=1001',
  'channel=Logs/Info&limit=x',
])('?%s is refused', async (query) => {
  const { gateway } = await startBoth();
  expect(problemOf(await gateway.get(`/v1/history?${query}`)).code).toBe('Invalid request');
});

const MergedPage = z.strictObject({
  events: z.array(
    z.looseObject({
      channel: z.string(),
      event: z.looseObject({ EventData: z.looseObject({ n: z.number() }) }),
    }),
  ),
  cursor: z.null(),
  gap: z.null(),
  cursors: z.record(z.string(), z.string().nullable()),
  gaps: z.array(z.strictObject({ channel: z.string(), from: z.string(), to: z.string(), cause: z.string() })),
});

async function mergedPageOf(gateway: Gateway, query: string) {
  const { events, cursors, gaps } = MergedPage.parse((await gateway.get(`/v1/history?${query}`)).json);
  return { numbers: events.map(({ event }) => event.EventData.n), cursors, gaps };
}

const BOTH = 'channel=Logs/Info&channel=Logs/Error';

/** A gateway of which Logs/Info had the odd numbers, and Logs/Error the even ones. */
async function startWithTwo(count: number, settings: Record<string, unknown> = {}) {
  const { gateway, simulator } = await startBoth(settings);
  const client = await EventClient.connect(gateway);
  const { channels } = await client.subscribe(['Logs/Info', 'Logs/Error']);
  for (let n = 1; n <= count; n++) simulator.emit('Logs', n % 2 === 1 ? 'Info' : 'Error', { n });
  await until(() => client.numbers().length === count);
  const start = channels.flatMap(({ cursors }) => Object.values(cursors)).map((each) => `&since=${each}`);
  return { gateway, simulator, client, start: start.join('') };
}

describe('several channels', () => {
  test('give their newest events in the order of arrival, and the cursor of each', async () => {
    const { gateway, client } = await startWithTwo(8);
    const newestOf = (name: string): string =>
      client.of('event').findLast(({ channel }) => channel === name)!.cursor;
    expect(await mergedPageOf(gateway, `${BOTH}&channel=Logs/Gossip&limit=5`)).toEqual({
      numbers: [4, 5, 6, 7, 8],
      cursors: {
        'Logs/Info': newestOf('Logs/Info'),
        'Logs/Error': newestOf('Logs/Error'),
        'Logs/Gossip': null,
      },
      gaps: [],
    });
  });

  test('lead from page to page by the cursor of each', async () => {
    const { gateway, start } = await startWithTwo(8);
    const heard: number[][] = [];
    let since = start;
    for (let page = 0; page < 4; page += 1) {
      const { numbers, cursors } = await mergedPageOf(gateway, `${BOTH}${since}&limit=3`);
      heard.push(numbers);
      since = `&since=${cursors['Logs/Info']!}&since=${cursors['Logs/Error']!}`;
    }
    expect(heard).toEqual([[1, 2, 3], [4, 5, 6], [7, 8], []]);
  });

  test('tell the gaps of each once, over all pages', async () => {
    const { gateway, simulator, client, start } = await startWithTwo(4);
    simulator.dropConnections();
    await until(() => client.of('gap').length === 2);
    await until(() => simulator.subscriptionCount('Logs', 'Error') === 1);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { n: 5 });
    await until(() => client.numbers().length === 5);
    const told = client.of('gap').map(({ channel, from, to, cause }) => ({ channel, from, to, cause }));
    const heard: number[] = [];
    const gaps: unknown[] = [];
    let since = start;
    for (let page = 0; page < 4; page += 1) {
      const { numbers, cursors, gaps: some } = await mergedPageOf(gateway, `${BOTH}${since}&limit=2`);
      heard.push(...numbers);
      gaps.push(...some);
      since = `&since=${cursors['Logs/Info']!}&since=${cursors['Logs/Error']!}`;
    }
    expect(heard).toEqual([1, 2, 3, 4, 5]);
    expect(gaps).toHaveLength(2);
    expect(gaps).toEqual(expect.arrayContaining(told));
    expect((await mergedPageOf(gateway, BOTH)).gaps).toEqual(expect.arrayContaining(told));
  });

  test('named twice are one, as is answered for one', async () => {
    const { gateway } = await startWith(3);
    expect((await pageOf(gateway, 'channel=Logs/Info&channel=Logs/Info')).numbers).toEqual([1, 2, 3]);
  });

  test.each([`${BOTH}&since=a:1`, `${BOTH}&channel=Logs/*`, 'channel=Logs/Info&since=a:1&since=a:2'])(
    '?%s is refused',
    async (query) => {
      const { gateway } = await startBoth();
      expect(problemOf(await gateway.get(`/v1/history?${query}`)).code).toBe('Invalid request');
    },
  );
});
