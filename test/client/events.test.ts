import { describe, expect, test, vi } from 'vitest';
import { RcspError } from '../../src/client/index.js';
import type { StudioEvent } from '../../src/client/index.js';
import { startBoth, startGateway, startSimulator, until } from '../support/gateway.js';
import { connect, connected, numberOf } from './connect.js';

describe('a subscription', () => {
  test('a subscription hears what the studio says, until it ends', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio } = connect(gateway.url);
    const heard: StudioEvent[] = [];
    const off = studio.subscribe('Logs/Info', {}, (event) => heard.push(event));
    await off.ready;
    simulator.emit('Logs', 'Info', { LogMsg: 'größer 😀' });
    simulator.emit('Logs', 'Error', { LogMsg: 'not this' });
    await until(() => heard.length === 1);
    expect(heard[0]).toMatchObject({
      channel: 'Logs/Info',
      cursor: expect.stringMatching(/^[0-9a-z]+:\d+$/),
      receivedAt: expect.any(Number),
      event: { Publisher: 'Logs', Topic: 'Info', EventData: { LogMsg: 'größer 😀' } },
    });
    off();
    off();
    await studio.call('Info');
    simulator.emit('Logs', 'Info', { LogMsg: 'too late' });
    await studio.call('Info');
    expect(heard).toHaveLength(1);
  });

  test('a subscription takes wildcards, as the gateway does', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio } = connect(gateway.url);
    const heard: Record<string, string[]> = { 'Logs/*': [], '*/*': [], 'devices/*/DeviceLogs/Error': [] };
    const made = Object.entries(heard).map(([pattern, channels]) =>
      studio.subscribe(pattern, ({ channel }) => channels.push(channel)),
    );
    await Promise.all(made.map(({ ready }) => ready));
    simulator.emit('Logs', 'Info', { LogMsg: '1' });
    simulator.emit('Logs', 'Error', { LogMsg: '2' });
    simulator.emit('DeviceEvents', 'Mapped', { DeviceId: 2 });
    simulator.emit('DeviceLogs', 'Error', { LogMsg: '3' }, 2);
    await until(() => heard['*/*']!.length === 3 && heard['devices/*/DeviceLogs/Error']!.length === 1);
    expect(heard).toEqual({
      'Logs/*': ['Logs/Info', 'Logs/Error'],
      '*/*': ['Logs/Info', 'Logs/Error', 'DeviceEvents/Mapped'],
      'devices/*/DeviceLogs/Error': ['devices/2/DeviceLogs/Error'],
    });
  });

  test('of several that match, each callback hears an event once; one that fails harms none', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio } = connect(gateway.url);
    const first = vi.fn();
    const second = vi.fn();
    const failing = vi.fn(() => {
      throw new Error('of its own making');
    });
    const uncaught = new Promise((resolve) => {
      const known = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.once('uncaughtException', (error) => {
        for (const listener of known) process.on('uncaughtException', listener);
        resolve(error);
      });
    });
    const made = [
      studio.subscribe('Logs/Info', failing),
      studio.subscribe('Logs/*', first),
      studio.subscribe('Logs/Info', first),
      studio.subscribe('*/Info', second),
    ];
    await Promise.all(made.map(({ ready }) => ready));
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => second.mock.calls.length > 0);
    await studio.call('Info');
    for (const callback of [failing, first, second]) expect(callback).toHaveBeenCalledOnce();
    await expect(uncaught).resolves.toMatchObject({ message: 'of its own making' });
  });

  test('the gateway is asked once for a pattern, with the more generous mode; the last one ends it', async () => {
    const { gateway } = await startBoth();
    const { studio } = await connected(gateway.url);
    const [subscriber] = gateway.app.hub.subscribers;
    const modeThere = (): unknown => [...gateway.app.hub.subscribers][0]?.modes.get('Logs/Info');
    expect(subscriber).toBeUndefined();
    const slow = studio.subscribe('Logs/Info', { mode: { maxRateHz: 5 } }, () => undefined);
    await slow.ready;
    expect(modeThere()).toEqual({ maxRateHz: 5 });
    const all = studio.subscribe('Logs/Info', () => undefined);
    await until(() => modeThere() === 'all');
    const latest = studio.subscribe('Logs/Info', { mode: 'latest' }, () => undefined);
    await latest.ready;
    expect(modeThere()).toBe('all');
    all();
    await until(() => modeThere() === 'latest');
    slow();
    latest();
    await until(() => modeThere() === undefined);
  });

  test('that comes and goes within one turn does not reach the gateway', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio } = await connected(gateway.url);
    const heard: number[] = [];
    const hear = (event: StudioEvent): void => void heard.push(numberOf(event));
    const first = studio.subscribe('Logs/Info', hear);
    await first.ready;
    const subscribe = vi.spyOn(gateway.app.hub, 'subscribe');
    const unsubscribe = vi.spyOn(gateway.app.hub, 'unsubscribe');
    first();
    studio.subscribe('Logs/Info', hear);
    await studio.call('Info');
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => heard.length === 1);
    expect(subscribe).not.toHaveBeenCalled();
    expect(unsubscribe).not.toHaveBeenCalled();
  });

  test('who comes back later gets nothing of what was said meanwhile', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio } = await connected(gateway.url);
    const heard: number[] = [];
    const hear = (event: StudioEvent): void => void heard.push(numberOf(event));
    const first = studio.subscribe('Logs/Info', hear);
    await first.ready;
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => heard.length === 1);
    first();
    await studio.call('Info');
    const { hub } = gateway.app;
    simulator.emit('Logs', 'Info', { n: 2 });
    await until(() => hub.channel('studios/studio/Logs/Info')?.journal.cursor.seq === 2);
    await studio.subscribe('Logs/Info', hear).ready;
    simulator.emit('Logs', 'Info', { n: 3 });
    await until(() => heard.length === 2);
    expect(heard).toEqual([1, 3]);
  });

  test('that the gateway refuses rejects, and emits the error', async () => {
    const { gateway } = await startBoth();
    const { studio } = await connected(gateway.url);
    const errors: unknown[] = [];
    studio.on('error', (event) => errors.push(event));
    const bad = studio.subscribe('no channel', () => undefined);
    await expect(bad.ready).rejects.toBeInstanceOf(RcspError);
    await expect(studio.subscribe('no channel', () => undefined).ready).rejects.toMatchObject({
      status: 400,
    });
    expect(errors[0]).toMatchObject({ channel: 'no channel', error: { code: 'Invalid request' } });
    await expect(studio.events('no channel').next()).rejects.toMatchObject({ code: 'Invalid request' });
  });
});

test('what tells a state is heard by whoever comes, as it is now', async () => {
  const { port } = await startSimulator();
  const gateway = await startGateway(port);
  const { studio } = connect(gateway.url);
  const told = (): { states: unknown[]; hear: (event: StudioEvent) => void } => {
    const states: unknown[] = [];
    return { states, hear: ({ event }) => void states.push((event.EventData as { state: string }).state) };
  };
  const first = told();
  studio.subscribe('$gateway/upstream', first.hear);
  await until(() => first.states.at(-1) === 'connected');
  const second = told();
  studio.subscribe('$gateway/upstream', second.hear);
  await until(() => second.states.length > 0);
  expect(second.states).toEqual(['connected']);
});

test('a rate is kept, and ends with the newest', async () => {
  const { gateway, simulator } = await startBoth();
  const { studio } = await connected(gateway.url);
  const heard: number[] = [];
  await studio.subscribe('Logs/Info', { mode: { maxRateHz: 5 } }, (event) => heard.push(numberOf(event)))
    .ready;
  for (let n = 1; n <= 50; n += 1) simulator.emit('Logs', 'Info', { n });
  await until(() => heard.includes(50));
  expect(heard.length).toBeLessThan(5);
});

describe('an iterator', () => {
  test('an iterator gives events in order, and ends with the loop', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio } = await connected(gateway.url);
    const events = studio.events('Logs/*');
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    await studio.call('Info');
    for (let n = 1; n <= 5; n += 1) simulator.emit('Logs', 'Info', { n });
    const heard: number[] = [];
    for await (const event of events) {
      heard.push(numberOf(event));
      if (heard.length === 3) break;
    }
    expect(heard).toEqual([1, 2, 3]);
    await expect(events.next()).resolves.toEqual({ done: true, value: undefined });
    await studio.call('Info');
    await until(() => [...gateway.app.hub.subscribers].every(({ modes }) => modes.size === 0));
  });

  test('an iterator drops the oldest of what nobody takes, and tells what', async () => {
    const { gateway, simulator } = await startBoth();
    const { studio, gaps } = await connected(gateway.url);
    const events = studio.events('Logs/Info', { buffer: 2 });
    const seen: string[] = [];
    await studio.subscribe('Logs/Info', ({ cursor }) => seen.push(cursor)).ready;
    for (let n = 1; n <= 5; n += 1) simulator.emit('Logs', 'Info', { n });
    await until(() => seen.length === 5);
    expect(gaps).toEqual([]);
    expect(numberOf((await events.next()).value!)).toBe(4);
    expect(gaps).toEqual([{ channel: 'Logs/Info', from: seen[0], to: seen[2], cause: 'slow-client' }]);
    expect(numberOf((await events.next()).value!)).toBe(5);
    expect(gaps).toHaveLength(1);
  });
});
