import { describe, expect, test, vi } from 'vitest';
import { Queue } from '../../src/client/index.js';

describe('a queue', () => {
  test('a queue gives what is put, in order, as soon as it is there', async () => {
    const queue = new Queue<number>();
    const first = queue.get();
    const second = queue.get();
    queue.put(1);
    queue.put(2);
    queue.put(3);
    expect(await Promise.all([first, second, queue.get()])).toEqual([1, 2, 3]);
    expect(queue.size).toBe(0);
  });

  test('a queue is bounded: the oldest gives way', async () => {
    const onDrop = vi.fn();
    const queue = new Queue<number>(2, { onDrop });
    for (const n of [1, 2, 3]) queue.put(n);
    expect(queue.size).toBe(2);
    expect(onDrop.mock.calls).toEqual([[1]]);
    expect([await queue.get(), await queue.get()]).toEqual([2, 3]);
    expect(() => new Queue(0)).toThrow(RangeError);
  });

  test('a queue is something to iterate over, until it is closed and empty', async () => {
    const queue = new Queue<number>();
    const { put } = queue;
    put(1);
    put(2);
    const heard: number[] = [];
    const done = (async () => {
      for await (const n of queue) heard.push(n);
    })();
    await vi.waitUntil(() => heard.length === 2, { timeout: 20_000 });
    put(3);
    queue.close();
    put(4);
    await done;
    expect(heard).toEqual([1, 2, 3]);
    expect(await queue.get()).toBeUndefined();
  });
});
