// @module-tag extended
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EventClient, RawClient, SseClient, numberOf, seqOf } from '../../support/event-client.js';
import type { Message } from '../../support/event-client.js';
import { startBoth, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import type { Simulator } from '../../../src/simulator/simulator.js';

/** The log of every event would be the most expensive thing in these tests. */
const QUIET = { logLevel: 'info' };

/**
 * A client that notes what it got of one channel as ranges of places, without parsing what it need not. Everything
 * must come in order and once: anything else is a fault.
 */
class Tally {
  client!: RawClient;
  first = 0;
  /** The last place that was told, as an event or in a gap. */
  last = 0;
  events = 0;
  readonly gaps: (Message & { op: 'gap' })[] = [];
  readonly faults: string[] = [];
  /** The number in the last event. */
  number = 0;

  static async listen(gateway: Gateway, path = '/v1/ws/Logs/Info'): Promise<Tally> {
    const tally = new Tally();
    tally.client = await RawClient.connect(gateway, path, (payload) => tally.#take(payload));
    return tally;
  }

  #take(payload: Buffer): void {
    if (payload.indexOf('{"op":"event"') === 0) return this.#event(payload);
    const message = JSON.parse(payload.toString()) as Message;
    if (message.op === 'subscribed') this.last = seqOf(message.channels[0]!.cursors['Logs/Info']!);
    if (message.op === 'gap') this.#gap(message);
  }

  #event(payload: Buffer): void {
    const at = payload.indexOf(':', payload.indexOf('"cursor":"') + 10) + 1;
    const seq = digits(payload, at);
    if (seq !== this.last + 1) this.faults.push(`event ${seq} after ${this.last}`);
    if (this.events === 0) this.first = seq;
    this.last = seq;
    this.events += 1;
    this.number = digits(payload, payload.indexOf('"n":') + 4);
    if (this.number !== seq) this.faults.push(`event ${this.number} at ${seq}`);
  }

  #gap(gap: Message & { op: 'gap' }): void {
    this.gaps.push(gap);
    if (seqOf(gap.from) !== this.last + 1) this.faults.push(`gap ${gap.from} after ${this.last}`);
    if (seqOf(gap.to) < seqOf(gap.from)) this.faults.push(`gap ${gap.from} to ${gap.to}`);
    this.last = seqOf(gap.to);
  }
}

function digits(bytes: Buffer, at: number): number {
  let value = 0;
  for (let i = at; bytes[i]! >= 0x30 && bytes[i]! <= 0x39; i++) value = value * 10 + bytes[i]! - 0x30;
  return value;
}

/** Numbered events in bursts; `between` runs after each burst. */
async function emit(
  simulator: Simulator,
  from: number,
  to: number,
  burst: number,
  between: (n: number) => Promise<unknown> = () => sleep(1),
): Promise<void> {
  for (let n = from; n <= to; n++) {
    simulator.emit('Logs', 'Info', { n, LogMsg: 'something happened in the studio' });
    if (n % burst === 0) await between(n);
  }
}

test(
  '10,000 events reach 200 clients whole and in order while others join, leave and stall',
  { tags: ['extended'], timeout: 60_000 },
  async () => {
    const { gateway, simulator } = await startBoth({ ...QUIET, clientBuffer: 65_536, historyEvents: 10 });
    const staying = await Promise.all(Array.from({ length: 200 }, () => Tally.listen(gateway)));
    const stalled = await Promise.all(Array.from({ length: 3 }, () => Tally.listen(gateway)));
    await until(() => gateway.app.eventClients.clients.count === 203);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    const joined: Tally[] = [];
    let arrived = 0;
    await emit(simulator, 1, 10_000, 100, async (n) => {
      // The first hundreds arrive everywhere, so that the gateway knows what each client has taken.
      if (n === 1000) await until(() => stalled.every(({ last }) => last === n));
      if (n === 1000) for (const { client } of stalled) client.stopReading();
      if (n % 500 === 0 && n < 10_000) joined.push(await Tally.listen(gateway));
      if (n % 1500 === 0) joined.splice(0, 1)[0]!.client.socket.destroy();
      if (n === 6000) stalled[0]!.client.readOn();
      // Nobody who reads may fall behind for want of time alone: not all machines are quick.
      arrived = n - 300;
      await until(() => staying.every(({ last }) => last >= arrived));
    });
    for (const { client } of stalled) client.readOn();
    const all = [...staying, ...stalled, ...joined];
    await until(() => all.every(({ last }) => last === 10_000));
    for (const { faults } of all) expect(faults).toEqual([]);
    for (const { events, gaps } of staying) expect([events, gaps.length]).toEqual([10_000, 0]);
    for (const { events, gaps } of stalled) {
      const missing = gaps.reduce((sum, { from, to }) => sum + seqOf(to) - seqOf(from) + 1, 0);
      expect(missing).toBeGreaterThan(1000);
      expect(events + missing).toBe(10_000);
      expect(new Set(gaps.map(({ cause }) => cause))).toEqual(new Set(['slow-client']));
    }
    for (const { first, events, gaps } of joined) {
      expect(first).toBeGreaterThan(1);
      expect([gaps.length, events]).toEqual([0, 10_001 - first]);
    }
  },
);

describe('a client that stops reading for a while', () => {
  test(
    'a client that stops reading for a while is told exactly what it missed of each channel, and the others miss nothing',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth({ ...QUIET, clientBuffer: 32_768, historyEvents: 10 });
      const slow = await RawClient.connect(gateway);
      const got = slow.collect();
      slow.send({ op: 'subscribe', id: 1, channels: ['Logs/Info', 'Logs/Error'] });
      const other = await EventClient.connect(gateway);
      await other.subscribe(['Logs/Info', 'Logs/Error']);
      await until(() => got.length === 1);
      const count = (): number => got.filter(({ op }) => op === 'event').length;
      const emitBoth = async (from: number, to: number): Promise<void> => {
        for (let n = from; n <= to; n++) {
          simulator.emit('Logs', n % 3 === 0 ? 'Error' : 'Info', { n, LogMsg: 'x'.repeat(100) });
          if (n % 50 === 0) await until(() => other.of('event').length >= n - 50);
        }
      };
      await emitBoth(1, 300);
      await until(() => count() === 300 && slow.pings > 0);
      slow.stopReading();
      await emitBoth(301, 3000);
      slow.send({ op: 'ping', id: 'still here' });
      slow.readOn();
      await until(() => got.some(({ op }) => op === 'pong'));
      await emitBoth(3001, 3100);
      await until(() => other.of('event').length === 3100);
      await until(() => got.some((each) => each.op === 'event' && numberOf(each) === 3100));
      expect(other.numbers()).toEqual(Array.from({ length: 3100 }, (_, i) => i + 1));
      expect(other.of('gap')).toEqual([]);
      for (const channel of ['Logs/Info', 'Logs/Error']) {
        const places = other.eventsOf(channel).map(({ cursor }) => cursor);
        const told = got.flatMap((each) => {
          if (each.op === 'event' && each.channel === channel) return [each.cursor];
          if (each.op !== 'gap' || each.channel !== channel) return [];
          expect(each.cause).toBe('slow-client');
          return places.slice(places.indexOf(each.from), places.indexOf(each.to) + 1);
        });
        expect(told).toEqual(places);
        expect(got.filter((each) => each.op === 'gap' && each.channel === channel)).toHaveLength(1);
      }
      // What was on its way and what waited, both within the bound.
      expect(got.filter((each) => each.op === 'event').length).toBeLessThan(400 + (2 * 32_768) / 200);
    },
  );

  test('and listens by server-sent events is told so, too', async () => {
    const { gateway, simulator } = await startBoth({ ...QUIET, historyEvents: 10 });
    const [slow, other] = [
      await SseClient.open(gateway, '/v1/events/Logs/Info'),
      await EventClient.connect(gateway),
    ];
    await other.subscribe(['Logs/Info']);
    slow.response.pause();
    // More than the system's buffers of both ends take.
    for (let n = 1; n <= 640; n++) {
      simulator.emit('Logs', 'Info', { n, LogMsg: 'x'.repeat(32_000) });
      if (n % 10 === 0) await until(() => other.messages.length > n);
    }
    slow.response.resume();
    await until(() => slow.of('event').some((each) => numberOf(each) === 640));
    const places = other.of('event').map(({ cursor }) => cursor);
    const told = slow.events.flatMap(({ type, lastEventId, data }) => {
      if (type === 'event') return [lastEventId];
      const gap = JSON.parse(data) as Message & { op: 'gap' };
      return places.slice(places.indexOf(gap.from), places.indexOf(gap.to) + 1);
    });
    expect(slow.of('gap')).toHaveLength(1);
    expect(told).toEqual(places);
    expect(other.of('gap')).toEqual([]);
  });
});

describe('in mode latest', () => {
  const CHANNELS = ['Logs/Info', 'Logs/Warning', 'Logs/Error'];

  test('a client that stops reading gets few old events and then the newest of each channel', async () => {
    const { gateway, simulator } = await startBoth(QUIET);
    const client = await RawClient.connect(gateway);
    const got = client.collect();
    client.send({ op: 'subscribe', id: 1, channels: CHANNELS, mode: 'latest' });
    const other = await EventClient.connect(gateway);
    await other.subscribe(['Logs/Info']);
    await until(() => got.length === 1);
    const emitAll = async (from: number, to: number): Promise<void> => {
      for (let n = from; n <= to; n++) {
        for (const topic of ['Info', 'Warning', 'Error']) {
          simulator.emit('Logs', topic, { n, LogMsg: 'x'.repeat(100) });
        }
        if (n % 50 === 0) await until(() => other.of('event').length >= n - 50);
      }
    };
    await emitAll(1, 100);
    await until(() => got.some((each) => each.op === 'event' && numberOf(each) === 100) && client.pings > 0);
    client.stopReading();
    const before = got.length;
    await emitAll(101, 5000);
    await until(() => other.of('event').length === 5000);
    client.readOn();
    const newest = (channel: string): unknown => {
      const last = got.findLast((each) => each.op === 'event' && each.channel === channel);
      return last?.op === 'event' ? numberOf(last) : undefined;
    };
    await until(() => CHANNELS.every((channel) => newest(channel) === 5000));
    expect(got.length - before).toBeLessThan(14_700 / 20);
    expect(got.filter(({ op }) => op === 'gap')).toEqual([]);
    // Of each channel a single event waited where it could be replaced.
    const stale = got
      .slice(before)
      .flatMap((each) => (each.op === 'event' ? [numberOf(each) as number] : []));
    expect(stale.filter((n) => n > 400)).toEqual([5000, 5000, 5000]);
  });

  test('a client that keeps up gets everything', async () => {
    const { gateway, simulator } = await startBoth(QUIET);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info'], { mode: 'latest' });
    for (let n = 1; n <= 200; n++) {
      simulator.emit('Logs', 'Info', { n });
      if (n % 10 === 0) await until(() => client.numbers().includes(n));
    }
    expect(client.numbers()).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  test('whoever comes to it from mode all is answered at once', async () => {
    const { gateway, simulator } = await startBoth(QUIET);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info']);
    // Enough for the gateway to ask what has arrived, and then some more.
    for (let n = 1; n <= 46; n++) {
      simulator.emit('Logs', 'Info', { n, LogMsg: 'x'.repeat(5000) });
      await until(() => client.numbers().includes(n));
    }
    const asked = Date.now();
    await client.subscribe(['Logs/Info'], { mode: 'latest' });
    await client.roundTrip();
    simulator.emit('Logs', 'Info', { n: 47 });
    await until(() => client.numbers().includes(47));
    expect(Date.now() - asked).toBeLessThan(700);
  });
});

test('maxRateHz gives so many a second, the last one always', async () => {
  const { gateway, simulator } = await startBoth(QUIET);
  const [slow, all] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
  await slow.subscribe(['Logs/Info'], { mode: { maxRateHz: 10 } });
  await all.subscribe(['Logs/Info']);
  const start = Date.now();
  for (let n = 1; n <= 200; n++) {
    simulator.emit('Logs', 'Info', { n });
    await sleep(5);
  }
  await until(() => slow.numbers().at(-1) === 200);
  const seconds = (Date.now() - start) / 1000;
  const got = slow.numbers() as number[];
  expect(all.numbers()).toHaveLength(200);
  expect(got[0]).toBe(1);
  expect(got.length).toBeGreaterThanOrEqual(5);
  expect(got.length).toBeLessThanOrEqual(seconds * 10 + 2);
  expect(got).toEqual([...got].sort((a, b) => a - b));
  expect(slow.of('gap')).toEqual([]);
});
