import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffDelay } from '../../../src/upstreams/rcsp/backoff.js';

const attempts = fc.nat({ max: 100_000 });
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('the wait before the next attempt to connect', () => {
  test('the wait before the next attempt to connect lies between 200 ms and 10 s, whatever the attempt and the chance', () => {
    fc.assert(
      fc.property(attempts, chance, (attempt, random) => {
        const delay = backoffDelay(attempt, () => random);
        expect(delay).toBeGreaterThanOrEqual(200);
        expect(delay).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  test('the wait before the next attempt to connect doubles from one attempt to the next until it has reached its bound', () => {
    const longest = Array.from({ length: 9 }, (_, attempt) => backoffDelay(attempt, () => 1));
    expect(longest).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  });

  test('the wait before the next attempt to connect never shrinks from one attempt to the next for the same chance', () => {
    fc.assert(
      fc.property(attempts, chance, (attempt, random) => {
        const [sooner, later] = [
          backoffDelay(attempt, () => random),
          backoffDelay(attempt + 1, () => random),
        ];
        expect(later).toBeGreaterThanOrEqual(sooner);
      }),
    );
  });

  test('the wait before the next attempt to connect is drawn from the upper half of its span', () => {
    expect(backoffDelay(3, () => 0)).toBe(800);
    expect(backoffDelay(3, () => 0.5)).toBe(1200);
    expect(backoffDelay(50, () => 0)).toBe(5000);
  });

  test('the wait before the next attempt to connect differs between gateways', () => {
    expect(new Set(Array.from({ length: 50 }, () => backoffDelay(6))).size).toBeGreaterThan(1);
  });
});
