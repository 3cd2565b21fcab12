import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelPattern } from '../../src/events/protocol.js';
import { parsePattern } from '../../src/wire/channel-pattern.js';
import { cursorAfter, formatCursor, isAtOrBefore, parseCursor } from '../../src/wire/cursor.js';
import { missingCount } from '../../src/wire/gap.js';
import { isStateChannel } from '../../src/wire/gateway-channels.js';
import { modeRank } from '../../src/wire/mode.js';
import { faultOf } from '../../web-demo/src/features/events/channels.js';

describe('cursors', () => {
  test('a cursor is an epoch and a number, and nothing else', () => {
    expect(parseCursor('k3f:41')).toEqual({ epoch: 'k3f', seq: 41 });
    expect(formatCursor({ epoch: 'k3f', seq: 41 })).toBe('k3f:41');
    for (const text of [
      '',
      'k3f',
      'k3f:',
      ':41',
      'K3F:41',
      'k3f:-1',
      'k3f:1.5',
      'k3f:41 ',
      'k3f:1234567890123456',
    ])
      expect(parseCursor(text), text).toBeUndefined();
  });

  test('cursors of one epoch are ordered by their number, and those of two epochs not at all', () => {
    expect(isAtOrBefore('a:1', 'a:2')).toBe(true);
    expect(isAtOrBefore('a:2', 'a:2')).toBe(true);
    expect(isAtOrBefore('a:3', 'a:2')).toBe(false);
    expect(isAtOrBefore('a:1', 'b:2')).toBe(false);
    expect(isAtOrBefore('a:1', undefined)).toBe(false);
    expect(cursorAfter('a:9')).toBe('a:10');
  });
});

test('a gap within one epoch has a count, one across epochs has none', () => {
  expect(missingCount({ from: 'a:3', to: 'a:5' })).toBe(3);
  expect(missingCount({ from: 'a:3', to: 'b:0' })).toBeUndefined();
  expect(missingCount({ from: 'a:3', to: 'a:2' })).toBeUndefined();
});

test('mode all ranks above latest, and latest above every rate', () => {
  const ranks = ['all', 'latest', { maxRateHz: 1000 }, { maxRateHz: 0.5 }] as const;
  expect(ranks.toSorted((a, b) => modeRank(b) - modeRank(a))).toEqual([...ranks]);
});

test('the upstream and the lease channel tell a state, the others do not', () => {
  expect(['$gateway/upstream', '$gateway/lease', '$gateway/jobs', 'Logs/Info'].map(isStateChannel)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('page, gateway and wire agree on what is a pattern', () => {
  const level = fc.oneof(
    fc.constantFrom('*', 'devices', '1', '01', '', '$gateway', 'Logs', '%2F', '%2f', 'a%b', '-1', '1e3'),
    fc.string({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(fc.array(level, { minLength: 1, maxLength: 5 }), (levels) => {
      const text = levels.join('/');
      const isPattern = parsePattern(text) !== undefined;
      expect(faultOf(text) === undefined).toBe(isPattern);
      expect(channelPattern.safeParse(text).success).toBe(isPattern);
    }),
  );
});
