import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines, Timed } from '../../src/util/deadlines.js';

class Waiting extends Timed {
  readonly #name: string;
  readonly #ended: string[];

  constructor(name: string, ended: string[]) {
    super();
    this.#name = name;
    this.#ended = ended;
  }

  onLate(): void {
    this.#ended.push(this.#name);
  }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function start() {
  const ended: string[] = [];
  const deadlines = new Deadlines();
  const add = (name: string, ms: number): Timed => {
    const timed = new Waiting(name, ended);
    deadlines.add(timed, ms);
    return timed;
  };
  return { ended, deadlines, add };
}

test('each ends when its own time is over, and not sooner', () => {
  const { ended, add } = start();
  add('a', 100);
  vi.advanceTimersByTime(40);
  add('b', 100);
  add('c', 10);
  vi.advanceTimersByTime(10);
  expect(ended).toEqual(['c']);
  vi.advanceTimersByTime(49);
  expect(ended).toEqual(['c']);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['c', 'a']);
  vi.advanceTimersByTime(39);
  expect(ended).toEqual(['c', 'a']);
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['c', 'a', 'b']);
});

test('one that is removed does not end, wherever it stands, and those around it do', () => {
  const { ended, deadlines, add } = start();
  const [first, , third, , fifth] = ['1', '2', '3', '4', '5'].map((name) => add(name, 100));
  for (const each of [third, first, fifth]) deadlines.remove(each!);
  deadlines.remove(third!);
  vi.advanceTimersByTime(100);
  expect(ended).toEqual(['2', '4']);
});

test('no timer runs while nothing waits', () => {
  const { deadlines, add } = start();
  const timed = add('a', 100);
  expect(vi.getTimerCount()).toBe(1);
  add('b', 100);
  expect(vi.getTimerCount()).toBe(1);
  deadlines.remove(timed);
  vi.advanceTimersByTime(100);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that ends may add another', () => {
  const { ended, deadlines, add } = start();
  class Again extends Timed {
    onLate(): void {
      ended.push('again');
      add('later', 50);
    }
  }
  deadlines.add(new Again(), 50);
  vi.advanceTimersByTime(50);
  expect(ended).toEqual(['again']);
  vi.advanceTimersByTime(50);
  expect(ended).toEqual(['again', 'later']);
});

test('the others end although one of them throws', () => {
  const { ended, deadlines, add } = start();
  class Failing extends Timed {
    onLate(): void {
      throw new Error('defect');
    }
  }
  deadlines.add(new Failing(), 50);
  add('a', 50);
  expect(() => vi.advanceTimersByTime(50)).toThrow('defect');
  vi.advanceTimersByTime(1);
  expect(ended).toEqual(['a']);
});
