import { expect, test } from 'vitest';
import { FairShare } from '../../src/commands/fair-share.js';

function takeMany(share: FairShare, caller: string, count: number, isWrite = false): number {
  let taken = 0;
  for (let i = 0; i < count; i += 1) {
    try {
      share.take(caller, isWrite);
      taken += 1;
    } catch (error) {
      expect(error).toMatchObject({ code: 'Too busy', outcome: 'not-sent' });
    }
  }
  return taken;
}

test('one caller has its share, and leaves room for the reads and the writes of others', () => {
  const share = new FairShare(100);
  expect(takeMany(share, 'greedy', 1000)).toBe(100);
  expect(takeMany(share, 'greedy', 10, true)).toBe(0);
  expect(takeMany(share, 'reader', 1000)).toBe(13);
  expect(takeMany(share, 'writer', 1000, true)).toBe(12);
  expect(FairShare.totalOf(100)).toBe(125);
});

test('what is released may be taken again', () => {
  const share = new FairShare(2);
  expect(takeMany(share, 'a', 3)).toBe(2);
  share.release('a');
  expect(takeMany(share, 'a', 3)).toBe(1);
  share.release('a');
  share.release('a');
  expect(takeMany(share, 'b', 3)).toBe(2);
});
