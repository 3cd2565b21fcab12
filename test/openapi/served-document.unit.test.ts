import { expect, test } from 'vitest';
import { DocumentCache } from '../../src/openapi/served-document.js';

test('a document is made once for each list, and anew when the list has other items', () => {
  const made: number[] = [];
  const cache = new DocumentCache<object>((items) => {
    made.push(items.length);
    return JSON.stringify(items.length);
  });
  const [a, b] = [{}, {}];
  const first = cache.get([a]);
  expect(cache.get([a])).toBe(first);
  expect(cache.get([])).toBe(cache.get([]));
  expect(cache.get([a])).toBe(first);
  expect(made).toEqual([1, 0]);
  expect(cache.get([b])).not.toBe(first);
  expect(made).toEqual([1, 0, 1]);
});
