import { webSocketFraming } from '../../src/transports/framing.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ChannelEvent } from '../../src/events/channel-event.js';
import { Subscriber } from '../../src/events/subscriber.js';
import { FakeSink, makeEvent } from './fakes.js';
import type { Mode } from '../../src/wire/mode.js';

function open(maxBytes = 1_000_000, modes: Record<string, Mode> = { 'A/a': 'all', 'B/b': 'all' }) {
  const sink = new FakeSink();
  const subscriber = new Subscriber(sink, { maxBytes });
  for (const [channel, mode] of Object.entries(modes)) subscriber.modes.set(channel, mode);
  return { sink, subscriber };
}

function deliver(subscriber: Subscriber, ...events: ChannelEvent[]): Buffer {
  const frames = Buffer.concat(events.map((event) => webSocketFraming.event(event)));
  subscriber.deliver(events, [frames]);
  return frames;
}

describe('a client that keeps up', () => {
  test('a client that keeps up gets the very bytes that others get', () => {
    const { sink, subscriber } = open();
    const frames = deliver(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2));
    expect(sink.writes).toHaveLength(1);
    expect(sink.writes[0]).toBe(frames);
    expect(subscriber.waitingBytes).toBe(0);
  });

  test('a client that keeps up gets messages at once', () => {
    const { sink, subscriber } = open();
    subscriber.tell({ op: 'pong', id: 4 });
    expect(sink.messages).toEqual([{ op: 'pong', id: 4 }]);
  });
});

describe('a client that is behind', () => {
  test('a client that is behind gets everything in order as soon as it can hear, when it fits', () => {
    const { sink, subscriber } = open();
    sink.isFree = false;
    deliver(subscriber, makeEvent('A/a', 1), makeEvent('B/b', 1));
    subscriber.tell({ op: 'pong' });
    deliver(subscriber, makeEvent('A/a', 2));
    expect(sink.writes).toEqual([]);
    sink.isFree = true;
    deliver(subscriber, makeEvent('A/a', 3));
    expect(sink.writes).toEqual([]);
    subscriber.drain();
    expect(sink.story).toEqual(['A/a e:1', 'B/b e:1', 'pong', 'A/a e:2', 'A/a e:3']);
    expect(subscriber.waitingBytes).toBe(0);
    const frames = deliver(subscriber, makeEvent('A/a', 4));
    expect(sink.writes.at(-1)).toBe(frames);
  });

  test('a client that is behind misses the oldest events beyond its bound, and is told which by one gap a channel', () => {
    const { size } = makeEvent('A/a', 1, { size: 100 });
    const { sink, subscriber } = open(4 * size + 10);
    sink.isFree = false;
    for (const seq of [1, 2, 3, 4, 5]) {
      deliver(subscriber, makeEvent('A/a', seq, { size: 100 }), makeEvent('B/b', seq, { size: 100 }));
      expect(subscriber.waitingBytes).toBeLessThanOrEqual(4 * size + 10);
    }
    sink.isFree = true;
    subscriber.drain();
    expect(sink.story).toEqual([
      'A/a [e:1..e:3]',
      'B/b [e:1..e:3]',
      'A/a e:4',
      'B/b e:4',
      'A/a e:5',
      'B/b e:5',
    ]);
    expect(sink.messages[0]).toEqual({
      op: 'gap',
      channel: 'A/a',
      from: 'e:1',
      to: 'e:3',
      cause: 'slow-client',
    });
  });

  test('a client that is behind is told of what it missed while it was catching up, too', () => {
    const { size } = makeEvent('A/a', 1, { size: 70_000 });
    const { sink, subscriber } = open(2 * size);
    sink.isFree = false;
    for (const seq of [1, 2, 3]) deliver(subscriber, makeEvent('A/a', seq, { size: 70_000 }));
    sink.isFree = true;
    sink.window = 1;
    subscriber.drain();
    expect(sink.story).toEqual(['A/a [e:1..e:1]', 'A/a e:2']);
    deliver(subscriber, makeEvent('A/a', 4, { size: 70_000 }));
    Object.assign(sink, { isFree: true, pendingBytes: 0, window: Infinity });
    subscriber.drain();
    expect(sink.story.slice(2)).toEqual(['A/a [e:3..e:3]', 'A/a e:4']);
  });

  test('a client that is behind has what its connection holds counted towards its bound', () => {
    const { size } = makeEvent('A/a', 1);
    const { sink, subscriber } = open(4 * size);
    Object.assign(sink, { isFree: false, pendingBytes: 3 * size });
    deliver(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2));
    expect(subscriber.waitingBytes).toBe(size);
    Object.assign(sink, { isFree: true, pendingBytes: 0 });
    subscriber.drain();
    expect(sink.story).toEqual(['A/a [e:1..e:1]', 'A/a e:2']);
  });

  test('a client that is behind gets the newest behind a burst that is larger than its bound', () => {
    const { size } = makeEvent('A/a', 1);
    const { sink, subscriber } = open(9 * size);
    Object.assign(sink, { isFree: false, pendingBytes: 100 * size });
    for (let seq = 1; seq <= 50; seq += 1) deliver(subscriber, makeEvent('A/a', seq));
    expect(subscriber.waitingBytes).toBeLessThanOrEqual(9 * size * 0.25);
    Object.assign(sink, { isFree: true, pendingBytes: 0 });
    subscriber.drain();
    expect(sink.story).toEqual(['A/a [e:1..e:48]', 'A/a e:49', 'A/a e:50']);
  });

  test('a client that is behind gets the newest whatever its size', () => {
    const { sink, subscriber } = open(1000, { 'A/a': 'all', 'B/b': 'latest' });
    sink.isFree = false;
    deliver(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2, { size: 5000 }));
    deliver(subscriber, makeEvent('B/b', 1, { size: 5000 }));
    sink.isFree = true;
    subscriber.drain();
    expect(sink.story).toEqual(['A/a [e:1..e:2]', 'B/b e:1']);
  });

  test('a client that is behind loses events rather than an answer', () => {
    const { sink, subscriber } = open(1000);
    sink.isFree = false;
    deliver(subscriber, makeEvent('A/a', 1, { size: 500 }));
    subscriber.tell({ op: 'response', text: 'x'.repeat(700) });
    expect(sink.closed).toEqual([]);
    sink.isFree = true;
    subscriber.drain();
    expect(sink.story).toEqual(['A/a [e:1..e:1]', 'response']);
  });

  test('a client that is behind is closed with 1013 when answers alone do not fit', () => {
    const { sink, subscriber } = open(1000);
    sink.isFree = false;
    for (let id = 0; id < 10; id += 1) subscriber.tell({ op: 'response', id, text: 'x'.repeat(200) });
    expect(sink.closed).toEqual([{ code: 1013, reason: 'too slow: answers do not fit' }]);
    expect(subscriber.ended).toBe(true);
    expect(subscriber.waitingBytes).toBe(0);
    sink.isFree = true;
    subscriber.drain();
    subscriber.tell({ op: 'pong' });
    deliver(subscriber, makeEvent('A/a', 1));
    expect(sink.writes).toEqual([]);
  });

  test('a client that is behind gets the newest of each channel of which it wants only that, and no gap', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': 'latest', 'B/b': 'latest' });
    sink.isFree = false;
    for (let seq = 1; seq <= 1000; seq += 1) {
      deliver(subscriber, makeEvent('A/a', seq), makeEvent('B/b', seq));
    }
    sink.isFree = true;
    subscriber.drain();
    expect(sink.story).toEqual(['A/a e:1000', 'B/b e:1000']);
  });

  test('a client that is behind is written to no further than its connection is free', () => {
    const { sink, subscriber } = open();
    sink.isFree = false;
    for (let seq = 1; seq <= 20; seq += 1) deliver(subscriber, makeEvent('A/a', seq, { size: 20_000 }));
    Object.assign(sink, { isFree: true, window: 100_000 });
    subscriber.drain();
    expect(sink.pendingBytes).toBeLessThan(200_000);
    expect(subscriber.waitingBytes).toBeGreaterThan(200_000);
    Object.assign(sink, { isFree: true, pendingBytes: 0, window: Infinity });
    subscriber.drain();
    expect(sink.story).toEqual(Array.from({ length: 20 }, (_, i) => `A/a e:${i + 1}`));
  });
});

describe('a client that is closed', () => {
  test('a client that is closed is closed once', () => {
    const { sink, subscriber } = open();
    subscriber.close(1001, 'bye');
    subscriber.close(1013, 'again');
    expect(sink.closed).toEqual([{ code: 1001, reason: 'bye' }]);
  });
});

describe('a client that wants the newest only when it is behind', () => {
  test('a client that wants the newest only when it is behind is known as such, and not when it wants all of anything', () => {
    expect(open(1, { 'A/a': 'latest', 'B/b': { maxRateHz: 1 } }).subscriber.wantsNewest).toBe(true);
    expect(open(1, { 'A/a': 'latest', 'B/b': 'all' }).subscriber.wantsNewest).toBe(false);
    expect(open(1, {}).subscriber.wantsNewest).toBe(false);
  });
});

describe('a client that wants so many events a second', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  const offer = (subscriber: Subscriber, ...events: ChannelEvent[]): void => {
    for (const event of events) subscriber.offer(event, performance.now());
  };

  test('a client that wants so many events a second gets the first at once and at most that many, and the newest at last', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 5 } });
    const times: number[] = [];
    const write = sink.write.bind(sink);
    sink.write = (bytes) => {
      times.push(performance.now());
      write(bytes);
    };
    for (let seq = 1; seq <= 1000; seq += 1) {
      offer(subscriber, makeEvent('A/a', seq));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(1000);
    expect(sink.story).toHaveLength(6);
    expect(sink.story[0]).toBe('A/a e:1');
    expect(sink.story.at(-1)).toBe('A/a e:1000');
    for (const [i, time] of times.entries()) {
      if (i > 0) expect(time - times[i - 1]!).toBeGreaterThanOrEqual(200);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a client that wants so many events a second gets each channel at its own rate', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 0.1 }, 'B/b': { maxRateHz: 10 } });
    offer(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2), makeEvent('B/b', 1), makeEvent('B/b', 2));
    vi.advanceTimersByTime(110);
    expect(sink.story).toEqual(['A/a e:1', 'B/b e:1', 'B/b e:2']);
    vi.advanceTimersByTime(10_000);
    expect(sink.story.at(-1)).toBe('A/a e:2');
  });

  test('a client that wants so many events a second gets the newest only, when its connection is not free either', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 10 } });
    sink.isFree = false;
    for (let seq = 1; seq <= 100; seq += 1) {
      offer(subscriber, makeEvent('A/a', seq));
      vi.advanceTimersByTime(20);
    }
    vi.advanceTimersByTime(1000);
    sink.isFree = true;
    subscriber.drain();
    expect(sink.story).toEqual(['A/a e:100']);
  });

  test('a client that wants so many events a second hears what waits for its time before a gap that comes after it', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 1 } });
    offer(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2));
    subscriber.tellGap('A/a', { from: 'e:3', to: 'f:0', cause: 'upstream-lost' });
    vi.advanceTimersByTime(5000);
    expect(sink.story).toEqual(['A/a e:1', 'A/a e:2', 'A/a [e:3..f:0]']);
  });

  test('a client that wants so many events a second gets what waits for its time at once when it comes to want all', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 1 } });
    offer(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2));
    subscriber.modes.set('A/a', 'all');
    subscriber.settle();
    deliver(subscriber, makeEvent('A/a', 3));
    vi.advanceTimersByTime(5000);
    expect(sink.story).toEqual(['A/a e:1', 'A/a e:2', 'A/a e:3']);
  });

  test('a client that wants so many events a second gets nothing of what waited when it no longer listens, nor later when it listens again', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 1 } });
    offer(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2));
    subscriber.modes.delete('A/a');
    subscriber.settle();
    subscriber.modes.set('A/a', { maxRateHz: 1 });
    subscriber.settle();
    vi.advanceTimersByTime(5000);
    expect(sink.story).toEqual(['A/a e:1']);
  });

  test('a client that wants so many events a second leaves no timer behind when it ends', () => {
    const { sink, subscriber } = open(1_000_000, { 'A/a': { maxRateHz: 1 } });
    offer(subscriber, makeEvent('A/a', 1), makeEvent('A/a', 2));
    expect(vi.getTimerCount()).toBe(1);
    subscriber.end();
    expect(vi.getTimerCount()).toBe(0);
    offer(subscriber, makeEvent('A/a', 3));
    expect(vi.getTimerCount()).toBe(0);
    expect(sink.story).toEqual(['A/a e:1']);
  });
});
