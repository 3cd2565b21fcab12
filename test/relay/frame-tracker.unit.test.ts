import { describe, expect, test } from 'vitest';
import { closeFrame, FrameTracker } from '../../src/relay/frame-tracker.js';

/** "Hi", a ping, 200 bytes, a close with 1000. */
const HI = Buffer.from('81024869', 'hex');
const PING = Buffer.from('8900', 'hex');
const LONG = Buffer.concat([Buffer.from('817e00c8', 'hex'), Buffer.alloc(200, 0x61)]);
const CLOSE = Buffer.from('880203e8', 'hex');

function passed(tracker: FrameTracker, chunks: readonly Buffer[]): Buffer {
  return Buffer.concat(chunks.map((chunk) => tracker.push(chunk)));
}

describe('FrameTracker', () => {
  test('passes whole frames on as they are', () => {
    const tracker = new FrameTracker();
    expect(passed(tracker, [HI, PING, LONG])).toEqual(Buffer.concat([HI, PING, LONG]));
    expect([tracker.isAtBoundary, tracker.hasClosed]).toEqual([true, false]);
  });

  test('is at a boundary wherever the bytes are cut', () => {
    const bytes = Buffer.concat([HI, LONG, PING, CLOSE]);
    for (let at = 0; at <= bytes.length; at += 1) {
      const tracker = new FrameTracker();
      const first = tracker.push(bytes.subarray(0, at));
      expect(tracker.isAtBoundary).toBe(true);
      expect(Buffer.concat([first, tracker.push(bytes.subarray(at))])).toEqual(bytes);
      expect(tracker.hasClosed).toBe(true);
    }
  });

  test('holds a frame back until it is whole', () => {
    const tracker = new FrameTracker();
    expect(tracker.push(HI.subarray(0, 3))).toEqual(Buffer.alloc(0));
    expect(tracker.push(HI.subarray(3))).toEqual(HI);
  });

  test('passes a frame over 64 KiB on as it comes, and is at no boundary meanwhile', () => {
    const head = Buffer.from('827f0000000000020000', 'hex');
    const tracker = new FrameTracker();
    expect(tracker.push(Buffer.concat([head, Buffer.alloc(1000)])).length).toBe(1010);
    expect(tracker.isAtBoundary).toBe(false);
    expect(tracker.push(Buffer.concat([Buffer.alloc(0x20000 - 1000), HI])).length).toBe(0x20000 - 1000 + 4);
    expect(tracker.isAtBoundary).toBe(true);
  });

  test('a close frame carries its code and reason', () => {
    expect(closeFrame(1012, 'gone').toString('hex')).toBe('880603f4676f6e65');
  });
});
