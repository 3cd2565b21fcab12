import { describe, expect, test } from 'vitest';
import { Lanes } from '../../../src/upstreams/rcsp/lanes.js';
import type { LaneConnection } from '../../../src/upstreams/rcsp/lanes.js';

type Fake = { -readonly [Key in keyof LaneConnection]: LaneConnection[Key] };

function connection(values: Partial<LaneConnection> = {}): Fake {
  const idle = { isUp: true, load: 0, unsent: 0, pace: 0, hasSlow: false, isStalled: false };
  return { ...idle, answeredAt: Infinity, ...values };
}

/** How many of `count` reads of one turn each connection takes. */
function spread(connections: Fake[], count: number): number[] {
  const lanes = new Lanes(connections);
  for (let i = 0; i < count; i += 1) {
    const picked = lanes.pickQuick(true)!;
    picked.load += 1;
    picked.unsent += 1;
  }
  return connections.map(({ load }) => load);
}

describe('reads of one turn', () => {
  test.each([
    ['eight share a connection while the pace of the studio is not known', 0, 20, [8, 8, 4]],
    ['eight share a connection of a studio that answers in microseconds', 0.02, 20, [8, 8, 4]],
    ['five share a connection at a millisecond an answer', 1, 10, [5, 5, 0]],
    ['each goes where the fewest wait at 6 ms an answer', 6, 8, [3, 3, 2]],
  ])('%s', (_, pace, count, expected) => {
    expect(spread([connection({ pace }), connection(), connection()], count)).toEqual(expected);
  });

  test('leave a connection as soon as a slow command is on it', () => {
    const connections = [connection(), connection()];
    const lanes = new Lanes(connections);
    const first = lanes.pickQuick(true)!;
    Object.assign(first, { unsent: 1, load: 1, hasSlow: true });
    expect(lanes.pickQuick(true)).not.toBe(first);
  });
});

test('a quick command goes to a prompt connection before one that is late, slow or stalled, however many wait there', () => {
  const late = connection({ load: 1, answeredAt: performance.now() - 1000 });
  const prompt = connection({ load: 50, answeredAt: performance.now() });
  const others = [
    connection({ hasSlow: true }),
    connection({ isStalled: true }),
    connection({ isUp: false }),
  ];
  expect(new Lanes([late, ...others, prompt]).pickQuick(false)).toBe(prompt);
  expect(new Lanes([...others, late]).pickQuick(false)).toBe(late);
});

test('a slow command takes no connection that is the last quick one', () => {
  const [first, second] = [connection({ load: 1 }), connection()];
  const lanes = new Lanes([first, second]);
  expect(lanes.pickSlow()).toBe(second);
  second.hasSlow = true;
  expect(lanes.pickSlow()).toBeUndefined();
  expect(new Lanes([connection()]).pickSlow()).toBeDefined();
});
