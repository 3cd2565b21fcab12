import { sseFraming, webSocketFraming } from '../../src/transports/framing.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelEvent } from '../../src/events/channel-event.js';
import { Fanout } from '../../src/events/fanout.js';
import { Subscriber } from '../../src/events/subscriber.js';
import { FakeSink, makeEvent } from './fakes.js';
import type { Mode } from '../../src/wire/mode.js';

class Listener {
  readonly sink = new FakeSink();
  readonly subscriber = new Subscriber(this.sink, { maxBytes: 1_000_000 });

  constructor(fanout: Fanout, channels: readonly string[], mode: Mode = 'all') {
    this.move(fanout, channels, mode);
  }

  move(fanout: Fanout, channels: readonly string[], mode: Mode = 'all'): void {
    fanout.flush();
    this.subscriber.modes.clear();
    for (const channel of channels) this.subscriber.modes.set(channel, mode);
    fanout.place(this.subscriber);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('the way from events to clients', () => {
  test('the way from events to clients is one write for each client and turn, however many events the turn has', async () => {
    const fanout = new Fanout();
    const { sink } = new Listener(fanout, ['A/a', 'B/b']);
    for (let seq = 1; seq <= 100; seq += 1) fanout.publish(makeEvent(seq % 2 ? 'A/a' : 'B/b', seq));
    expect(sink.writes).toHaveLength(0);
    await nextTurn();
    expect(sink.writes).toHaveLength(1);
    expect(sink.story).toEqual(
      Array.from({ length: 100 }, (_, i) => `${(i + 1) % 2 ? 'A/a' : 'B/b'} e:${i + 1}`),
    );
    await nextTurn();
    expect(sink.writes).toHaveLength(1);
  });

  test('the way from events to clients is one piece of bytes for all who listen to the same, in whatever order they asked', () => {
    const fanout = new Fanout();
    const one = new Listener(fanout, ['A/a', 'B/b']);
    const two = new Listener(fanout, ['B/b', 'A/a']);
    for (const seq of [1, 2]) fanout.publish(makeEvent('A/a', seq));
    fanout.flush();
    expect(one.sink.writes).toHaveLength(1);
    expect(two.sink.writes[0]).toBe(one.sink.writes[0]);
  });

  test("the way from events to clients is the event's own frame when the turn had one event, also for those with other channels", () => {
    const fanout = new Fanout();
    const listeners = [['A/a'], ['A/a', 'B/b']].map((channels) => new Listener(fanout, channels));
    const event = makeEvent('A/a', 1);
    fanout.publish(event);
    fanout.flush();
    const [first] = listeners;
    expect(first!.sink.writes[0]).toEqual(webSocketFraming.event(event));
    for (const { sink } of listeners) expect(sink.writes[0]).toBe(first!.sink.writes[0]);
  });

  test('frames an event once for all clients of server-sent events, also for those with other channels', () => {
    const fanout = new Fanout();
    const listeners = [['A/a'], ['A/a', 'B/b']].map((channels) => {
      const sink = Object.assign(new FakeSink(), { framing: sseFraming });
      const subscriber = new Subscriber(sink, { maxBytes: 1000 });
      for (const channel of channels) subscriber.modes.set(channel, 'all');
      fanout.place(subscriber);
      return sink;
    });
    fanout.publish(makeEvent('A/a', 1));
    fanout.flush();
    expect(listeners[0]!.writes[0]!.toString()).toContain('id: e:1\nevent: event\n');
    expect(listeners[1]!.writes[0]).toBe(listeners[0]!.writes[0]);
  });

  test('the way from events to clients leads to those who listen, and to nobody else', () => {
    const fanout = new Fanout();
    const [a, b, both] = [['A/a'], ['B/b'], ['A/a', 'B/b']].map((channels) => new Listener(fanout, channels));
    fanout.publish(makeEvent('A/a', 1));
    fanout.publish(makeEvent('B/b', 1));
    fanout.publish(makeEvent('C/c', 1));
    fanout.flush();
    expect(a!.sink.story).toEqual(['A/a e:1']);
    expect(b!.sink.story).toEqual(['B/b e:1']);
    expect(both!.sink.story).toEqual(['A/a e:1', 'B/b e:1']);
  });

  test('the way from events to clients loses nothing for those who stay, nor for who leaves, when a client leaves in the middle of a turn', () => {
    const fanout = new Fanout();
    const [stays, leaves] = [new Listener(fanout, ['A/a']), new Listener(fanout, ['A/a'])];
    fanout.publish(makeEvent('A/a', 1));
    fanout.remove(leaves.subscriber);
    fanout.publish(makeEvent('A/a', 2));
    fanout.flush();
    expect(stays.sink.story).toEqual(['A/a e:1', 'A/a e:2']);
    expect(leaves.sink.story).toEqual(['A/a e:1']);
  });

  test('the way from events to clients keeps apart channels whose names have line breaks', () => {
    const fanout = new Fanout();
    const one = new Listener(fanout, ['A/a\nB', 'C/c']);
    const two = new Listener(fanout, ['A/a', 'B\nC/c']);
    fanout.publish(makeEvent('A/a', 1));
    fanout.publish(makeEvent('C/c', 1));
    fanout.flush();
    expect(one.sink.story).toEqual(['C/c e:1']);
    expect(two.sink.story).toEqual(['A/a e:1']);
  });

  test('the way from events to clients knows who listens to a channel, at whatever rate', () => {
    const fanout = new Fanout();
    const all = new Listener(fanout, ['A/a']);
    const some = new Listener(fanout, ['A/a'], { maxRateHz: 1 });
    expect(new Set([...fanout.listeners('A/a')].map(([each]) => each))).toEqual(
      new Set([all.subscriber, some.subscriber]),
    );
    fanout.remove(some.subscriber);
    expect([...fanout.listeners('A/a')]).toEqual([[all.subscriber, 'A/a']]);
    expect([...fanout.listeners('B/b')]).toEqual([]);
  });

  test('the way from events to clients gives a client what waited for its time when it comes to want all', () => {
    const fanout = new Fanout();
    const { sink, subscriber } = new Listener(fanout, ['A/a'], { maxRateHz: 0.001 });
    fanout.publish(makeEvent('A/a', 1));
    fanout.publish(makeEvent('A/a', 2));
    expect(sink.story).toEqual(['A/a e:1']);
    subscriber.modes.set('A/a', 'all');
    fanout.place(subscriber);
    fanout.publish(makeEvent('A/a', 3));
    fanout.flush();
    expect(sink.story).toEqual(['A/a e:1', 'A/a e:2', 'A/a e:3']);
    subscriber.end();
  });
});

const CHANNELS = ['A/a', 'A/b', 'B/a', 'B/b'];
const set = fc.subarray(CHANNELS);
const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ publish: fc.constantFrom(...CHANNELS) }) },
  { weight: 3, arbitrary: fc.record({ client: fc.nat(4), channels: set }) },
  { weight: 1, arbitrary: fc.record({ gone: fc.nat(4) }) },
  { weight: 2, arbitrary: fc.constant('turn' as const) },
);

test('each client gets exactly what was said while it listened, in order', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
      const fanout = new Fanout();
      const listeners = Array.from({ length: 5 }, () => new Listener(fanout, []));
      const model = listeners.map(() => ({ channels: new Set<string>(), got: [] as ChannelEvent[] }));
      let seq = 0;
      for (const each of actions) {
        if (each === 'turn') fanout.flush();
        else if ('publish' in each) {
          const event = makeEvent(each.publish, (seq += 1));
          fanout.publish(event);
          for (const { channels, got } of model) if (channels.has(event.channel)) got.push(event);
        } else if ('gone' in each) {
          fanout.remove(listeners[each.gone]!.subscriber);
          model[each.gone]!.channels.clear();
        } else {
          listeners[each.client]!.move(fanout, each.channels);
          model[each.client]!.channels = new Set(each.channels);
        }
      }
      fanout.flush();
      expect(listeners.map(({ sink }) => sink.story)).toEqual(
        model.map(({ got }) => got.map((event) => `${event.channel} e:${event.seq}`)),
      );
    }),
  );
});
