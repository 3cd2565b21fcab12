import { webSocketFraming } from '../../src/transports/framing.js';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelEvent } from '../../src/events/channel-event.js';
import { Outbox } from '../../src/events/outbox.js';
import { makeEvent, readFrames, tell } from './fakes.js';

function control(name: string): Buffer {
  return Buffer.from([0x81, name.length + 9, ...Buffer.from(`{"op":"${name}"}`)]);
}

/** Bytes that are in use indeed. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

function drain(outbox: Outbox): string[] {
  return readFrames(Buffer.concat(outbox.take(Infinity, webSocketFraming))).map(tell);
}

function gapsOf(outbox: Outbox): string[] {
  return outbox.takeGaps().map(({ channel, from, to, cause }) => `${channel} [${from}..${to}] ${cause}`);
}

describe('an outbox', () => {
  test('an outbox keeps the order of controls and events', () => {
    const outbox = new Outbox();
    outbox.pushEvent(makeEvent('A/a', 1), false);
    outbox.pushControl(control('pong'));
    outbox.pushEvent(makeEvent('B/b', 1), false);
    outbox.pushEvent(makeEvent('A/a', 2), true);
    outbox.pushControl(control('done'));
    expect(drain(outbox)).toEqual(['A/a e:1', 'pong', 'B/b e:1', 'A/a e:2', 'done']);
    expect(outbox.isEmpty).toBe(true);
    expect(outbox.bytes).toBe(0);
  });

  test('an outbox gives as many frames as fit, and one that does not fit alone', () => {
    const outbox = new Outbox();
    for (let seq = 1; seq <= 3; seq += 1) outbox.pushEvent(makeEvent('A/a', seq, { size: 1000 }), false);
    expect(outbox.take(10, webSocketFraming)).toHaveLength(1);
    expect(outbox.take(1200, webSocketFraming)).toHaveLength(2);
    expect(outbox.take(1200, webSocketFraming)).toEqual([]);
  });

  test('an outbox drops the oldest event, whatever its channel, and no control', () => {
    const outbox = new Outbox();
    outbox.pushControl(control('pong'));
    outbox.pushEvent(makeEvent('A/a', 1), false);
    outbox.pushEvent(makeEvent('B/b', 1), false);
    outbox.pushEvent(makeEvent('A/a', 2), false);
    expect([outbox.dropOldest(), outbox.dropOldest()]).toEqual([true, true]);
    expect(drain(outbox)).toEqual(['pong', 'A/a e:2']);
    expect(outbox.dropOldest()).toBe(false);
  });

  test('an outbox tells what it dropped once, one gap a channel', () => {
    const outbox = new Outbox();
    for (const seq of [3, 4, 5]) {
      outbox.pushEvent(makeEvent('A/a', seq), false);
      outbox.pushEvent(makeEvent('B/b', seq + 10), false);
    }
    for (let i = 0; i < 5; i += 1) outbox.dropOldest();
    expect(gapsOf(outbox)).toEqual(['A/a [e:3..e:5] slow-client', 'B/b [e:13..e:14] slow-client']);
    expect(gapsOf(outbox)).toEqual([]);
    outbox.dropOldest();
    expect(outbox.isEmpty).toBe(false);
    expect(gapsOf(outbox)).toEqual(['B/b [e:15..e:15] slow-client']);
    expect(outbox.isEmpty).toBe(true);
  });

  test('an outbox keeps only the newest of a channel where only that is wanted, without a gap', () => {
    const outbox = new Outbox();
    for (let seq = 1; seq <= 50; seq += 1) outbox.pushEvent(makeEvent('A/a', seq), true);
    expect(outbox.bytes).toBe(makeEvent('A/a', 50).size);
    expect(gapsOf(outbox)).toEqual([]);
    expect(drain(outbox)).toEqual(['A/a e:50']);
  });

  test('an outbox lets the newest event overtake nothing that was said before it', () => {
    const outbox = new Outbox();
    outbox.pushEvent(makeEvent('A/a', 1), true);
    outbox.pushEvent(makeEvent('B/b', 1), true);
    outbox.pushControl(control('subscribed'));
    outbox.pushEvent(makeEvent('A/a', 2), true);
    expect(drain(outbox)).toEqual(['B/b e:1', 'subscribed', 'A/a e:2']);
  });

  test('an outbox keeps the order of a channel of which all was wanted for a while', () => {
    const outbox = new Outbox();
    outbox.pushEvent(makeEvent('A/a', 1), true);
    outbox.pushEvent(makeEvent('A/a', 2), false);
    outbox.pushEvent(makeEvent('A/a', 3), true);
    expect(drain(outbox)).toEqual(['A/a e:1', 'A/a e:2', 'A/a e:3']);
  });

  test('an outbox needs no more room for a million newest events behind one that waits', () => {
    const outbox = new Outbox();
    outbox.pushEvent(makeEvent('B/b', 1), false);
    const newest = [makeEvent('A/a', 1), makeEvent('A/a', 2)];
    const before = heapUsed();
    for (let i = 0; i < 1_000_000; i += 1) outbox.pushEvent(newest[i % 2]!, true);
    expect(heapUsed() - before).toBeLessThan(4 * 1024 * 1024);
    expect(drain(outbox)).toEqual(['B/b e:1', 'A/a e:2']);
  });
});

type Item = { readonly control: Buffer } | { readonly event: ChannelEvent; readonly onlyNewest: boolean };

/** The same in an array. */
class Model {
  items: Item[] = [];
  gaps = new Map<string, number[]>();

  push(item: Item): void {
    if ('event' in item && item.onlyNewest) {
      const last = this.items.findLast(
        (each) => 'event' in each && each.event.channel === item.event.channel,
      );
      if (last !== undefined && 'event' in last && last.onlyNewest) {
        this.items = this.items.filter((each) => each !== last);
      }
    }
    this.items.push(item);
  }

  drop(): boolean {
    const oldest = this.items.find((each) => 'event' in each);
    if (oldest === undefined || !('event' in oldest)) return false;
    this.items = this.items.filter((each) => each !== oldest);
    const { channel, seq } = oldest.event;
    this.gaps.set(channel, [...(this.gaps.get(channel) ?? []), seq]);
    return true;
  }

  get bytes(): number {
    return this.items.reduce(
      (sum, each) => sum + ('event' in each ? each.event.size : each.control.length),
      0,
    );
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      push: fc.constantFrom('A/a', 'B/b', 'C/c'),
      onlyNewest: fc.boolean(),
      size: fc.nat(300),
    }),
  },
  { weight: 2, arbitrary: fc.record({ control: fc.constantFrom('pong', 'error', 'response') }) },
  { weight: 3, arbitrary: fc.constant('drop' as const) },
  { weight: 1, arbitrary: fc.constant('gaps' as const) },
  { weight: 1, arbitrary: fc.record({ take: fc.nat(1500) }) },
);

function frameOf(item: Item): Buffer {
  return 'event' in item ? webSocketFraming.event(item.event) : item.control;
}

function takeFrom(model: Model, maxBytes: number): Buffer[] {
  const frames: Buffer[] = [];
  for (let bytes = 0; bytes < maxBytes && model.items.length > 0;) {
    const frame = frameOf(model.items.shift()!);
    frames.push(frame);
    bytes += frame.length;
  }
  return frames;
}

function takeGapsFrom(model: Model): object[] {
  const gaps = Array.from(model.gaps, ([channel, seqs]) => ({
    channel,
    from: `e:${Math.min(...seqs)}`,
    to: `e:${Math.max(...seqs)}`,
    cause: 'slow-client',
  }));
  model.gaps.clear();
  return gaps;
}

function play(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): void {
  const [outbox, model, seqs] = [new Outbox(), new Model(), new Map<string, number>()];
  for (const each of steps) {
    if (each === 'drop') expect(outbox.dropOldest()).toBe(model.drop());
    else if (each === 'gaps') expect(outbox.takeGaps()).toEqual(takeGapsFrom(model));
    else if ('take' in each)
      expect(outbox.take(each.take, webSocketFraming)).toEqual(takeFrom(model, each.take));
    else if ('control' in each) {
      const frame = control(each.control);
      outbox.pushControl(frame);
      model.push({ control: frame });
    } else {
      const seq = (seqs.get(each.push) ?? 0) + 1;
      seqs.set(each.push, seq);
      const event = makeEvent(each.push, seq, { size: each.size });
      outbox.pushEvent(event, each.onlyNewest);
      model.push({ event, onlyNewest: each.onlyNewest });
    }
    expect(outbox.bytes).toBe(model.bytes);
    expect(outbox.eventCount).toBe(model.items.filter((item) => 'event' in item).length);
    expect(outbox.isEmpty).toBe(model.items.length === 0 && model.gaps.size === 0);
  }
}

test('an outbox does what an array does', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), play), { numRuns: 400 });
});
