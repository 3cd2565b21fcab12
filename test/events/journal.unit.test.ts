import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Journal } from '../../src/events/journal.js';
import type { JournalEntry, JournalLimits, Step } from '../../src/events/journal.js';
import { formatCursor, parseCursor } from '../../src/wire/cursor.js';
import type { Cursor } from '../../src/wire/cursor.js';
import type { Gap } from '../../src/wire/gap.js';

const NO_LIMIT = { maxEvents: 1000, maxBytes: 1_000_000 };

function fill(journal: Journal<JournalEntry>, count: number): void {
  for (let i = 0; i < count; i += 1) {
    const place = journal.next();
    journal.append({ ...place, order: (journal.newest?.order ?? 0) + 1, size: 10 });
  }
}

/** `seq` of events, `[from..to cause]` of gaps. */
function story(steps: readonly Step<JournalEntry>[]): string[] {
  return steps.map((step) =>
    'gap' in step ? `[${step.gap.from}..${step.gap.to} ${step.gap.cause}]` : formatCursor(step.entry),
  );
}

describe('a journal', () => {
  test('a journal gives what came after a cursor, and nothing when nothing came', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    expect(story(journal.since(journal.cursor))).toEqual([]);
    fill(journal, 3);
    expect(story(journal.since({ epoch: 'a', seq: 0 }))).toEqual(['a:1', 'a:2', 'a:3']);
    expect(story(journal.since({ epoch: 'a', seq: 2 }))).toEqual(['a:3']);
    expect(story(journal.since({ epoch: 'a', seq: 3 }))).toEqual([]);
  });

  test('a journal says which events it no longer keeps, both ends included', () => {
    const journal = new Journal({ ...NO_LIMIT, maxEvents: 2 }, 'a');
    fill(journal, 10);
    expect(story(journal.since({ epoch: 'a', seq: 3 }))).toEqual(['[a:4..a:8 evicted]', 'a:9', 'a:10']);
    expect(story(journal.since({ epoch: 'a', seq: 7 }))).toEqual(['[a:8..a:8 evicted]', 'a:9', 'a:10']);
    expect(story(journal.since({ epoch: 'a', seq: 8 }))).toEqual(['a:9', 'a:10']);
  });

  test('a journal says where continuity broke, up to the place before the first event that is there', () => {
    const journal = new Journal({ ...NO_LIMIT, maxEvents: 4 }, 'a');
    fill(journal, 3);
    expect(journal.renew('b')).toEqual({ from: 'a:4', to: 'b:0', cause: 'upstream-lost' });
    expect(story(journal.since({ epoch: 'a', seq: 2 }))).toEqual(['a:3', '[a:4..b:0 upstream-lost]']);
    fill(journal, 2);
    expect(story(journal.since({ epoch: 'a', seq: 2 }))).toEqual([
      'a:3',
      '[a:4..b:0 upstream-lost]',
      'b:1',
      'b:2',
    ]);
    fill(journal, 5);
    expect(story(journal.since({ epoch: 'a', seq: 2 }))).toEqual([
      '[a:3..b:3 upstream-lost]',
      'b:4',
      'b:5',
      'b:6',
      'b:7',
    ]);
  });

  test('a journal gives nothing twice to whoever left off in an epoch that had no events', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    fill(journal, 2);
    journal.renew('b');
    const place = journal.cursor;
    journal.renew('c');
    fill(journal, 1);
    expect(story(journal.since(place))).toEqual(['[b:1..c:0 upstream-lost]', 'c:1']);
  });

  test('a journal gives everything to whoever left off in an epoch that nobody remembers', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    fill(journal, 2);
    expect(story(journal.since({ epoch: 'z', seq: 41 }))).toEqual([
      '[z:42..a:0 upstream-lost]',
      'a:1',
      'a:2',
    ]);
  });

  test('a journal gives nothing of its past for a place that is yet to come', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    fill(journal, 2);
    expect(story(journal.since({ epoch: 'a', seq: 9 }))).toEqual([]);
    journal.renew('b');
    fill(journal, 1);
    expect(story(journal.since({ epoch: 'a', seq: 9 }))).toEqual(['[a:10..b:0 upstream-lost]', 'b:1']);
  });

  test('a journal keeps the newest event whatever its size', () => {
    const journal = new Journal({ maxEvents: 3, maxBytes: 5 }, 'a');
    fill(journal, 2);
    expect(journal.size).toBe(1);
    expect(journal.bytes).toBe(10);
    expect(journal.newest?.seq).toBe(2);
  });

  test('a journal gives the newest events, as many as asked for', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    fill(journal, 3);
    expect(journal.last(2).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(journal.last(9).map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(journal.last(0)).toEqual([]);
  });

  test('a journal knows the event at a place, or the last one before it, and no other in place of one that is gone', () => {
    const journal = new Journal({ ...NO_LIMIT, maxEvents: 2 }, 'a');
    fill(journal, 4);
    expect(journal.at({ epoch: 'a', seq: 4 })?.seq).toBe(4);
    expect(journal.at({ epoch: 'a', seq: 3 })?.seq).toBe(3);
    expect(journal.at({ epoch: 'a', seq: 2 })).toBeUndefined();
    expect(journal.at({ epoch: 'z', seq: 4 })).toBeUndefined();
    journal.renew('b');
    expect(journal.at(journal.cursor)?.seq).toBe(4);
  });

  test('a journal knows its epochs', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    fill(journal, 1);
    journal.renew('b');
    expect(['a', 'b', 'c'].map((epoch) => journal.knows(epoch))).toEqual([true, true, false]);
  });

  test('a journal does not remember epochs without end', () => {
    const journal = new Journal(NO_LIMIT, 'a');
    for (let i = 0; i < 1000; i += 1) journal.renew(`e${i}`);
    expect(journal.knows('a')).toBe(false);
    expect(journal.knows('e998')).toBe(true);
    expect(journal.knows('e999')).toBe(true);
  });
});

describe('a cursor', () => {
  test('a cursor is read as it is written', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9a-z]{1,32}$/), fc.nat(), (epoch, seq) => {
        expect(parseCursor(formatCursor({ epoch, seq }))).toEqual({ epoch, seq });
      }),
    );
  });

  test.each([
    '',
    ':',
    'a',
    'a:',
    ':1',
    'a:1:2',
    'A:1',
    'a:-1',
    'a:1.5',
    'a:1e3',
    ' a:1',
    'a:1\n',
    'a: 1',
    'ä:1',
    'a:1234567890123456',
    `${'a'.repeat(33)}:1`,
    '__proto__:1',
  ])('a cursor is not %j', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });
});

interface History {
  readonly limits: JournalLimits;
  readonly operations: readonly ('renew' | { readonly size: number; readonly others: number })[];
}

/** Everything that a channel ever said, in an array. */
class Model {
  readonly said: JournalEntry[] = [];
  readonly epochs: string[];
  /** Index of the first event that is kept. */
  kept = 0;
  readonly #limits: JournalLimits;

  constructor(limits: JournalLimits) {
    this.#limits = limits;
    this.epochs = ['e0'];
  }

  append(size: number, order: number): JournalEntry {
    const epoch = this.epochs.at(-1)!;
    const seq = this.said.filter((each) => each.epoch === epoch).length + 1;
    const entry = { epoch, seq, order, size };
    this.said.push(entry);
    while (this.retained.length > 1 && !this.fits()) this.kept += 1;
    return entry;
  }

  fits(): boolean {
    const bytes = this.retained.reduce((sum, { size }) => sum + size, 0);
    return this.retained.length <= this.#limits.maxEvents && bytes <= this.#limits.maxBytes;
  }

  get retained(): JournalEntry[] {
    return this.said.slice(this.kept);
  }

  /** Before, at or after, over all epochs. */
  compare(a: Cursor, b: Cursor): number {
    return this.epochs.indexOf(a.epoch) - this.epochs.indexOf(b.epoch) || a.seq - b.seq;
  }

  covers({ from, to }: Gap, place: Cursor): boolean {
    return this.compare(parseCursor(from)!, place) <= 0 && this.compare(place, parseCursor(to)!) <= 0;
  }
}

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ size: fc.integer({ min: 1, max: 20 }), others: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant('renew' as const) },
);
const history = fc.record({
  limits: fc.record({
    maxEvents: fc.integer({ min: 1, max: 12 }),
    maxBytes: fc.integer({ min: 1, max: 100 }),
  }),
  operations: fc.array(operation, { maxLength: 60 }),
});

function play({ limits, operations }: History) {
  const model = new Model(limits);
  const journal = new Journal(limits, 'e0');
  let order = 0;
  for (const operation of operations) {
    if (operation === 'renew') {
      model.epochs.push(`e${model.epochs.length}`);
      journal.renew(model.epochs.at(-1)!);
    } else {
      order += 1 + operation.others;
      journal.append(model.append(operation.size, order));
    }
  }
  return { model, journal, order };
}

/** A place that a client may have been told of: any event, or the beginning of any epoch. */
function places({ said, epochs }: Model): Cursor[] {
  return [...epochs.map((epoch) => ({ epoch, seq: 0 })), ...said];
}

function split(steps: readonly Step<JournalEntry>[]): { given: JournalEntry[]; gaps: Gap[] } {
  return {
    given: steps.flatMap((step) => ('entry' in step ? [step.entry] : [])),
    gaps: steps.flatMap((step) => ('gap' in step ? [step.gap] : [])),
  };
}

describe('a journal, beside one that keeps everything', () => {
  test('a journal, beside one that keeps everything keeps the newest events within its limits', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { model, journal } = play(each);
        expect(journal.last(1000)).toEqual(model.retained);
        expect(journal.bytes).toBe(model.retained.reduce((sum, { size }) => sum + size, 0));
        expect(journal.newest).toEqual(model.said.at(-1));
      }),
    );
  });

  test('a journal, beside one that keeps everything gives all that is kept after any place, in order, and each other event after it lies in one gap', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { model, journal } = play(each);
        for (const place of places(model)) {
          const { given, gaps } = split(journal.since(place));
          expect(given).toEqual(model.retained.filter((entry) => model.compare(place, entry) < 0));
          for (const entry of model.said) {
            const times =
              Number(given.includes(entry)) + gaps.filter((gap) => model.covers(gap, entry)).length;
            expect(times).toBe(model.compare(place, entry) < 0 ? 1 : 0);
          }
        }
      }),
    );
  });

  test('a journal, beside one that keeps everything ends its gaps exactly: at events that are missing, or where an epoch begins', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { model, journal } = play(each);
        const isMissing = (text: string): boolean =>
          model.said.slice(0, model.kept).some((entry) => formatCursor(entry) === text);
        for (const place of places(model)) {
          let last: Cursor = place;
          const steps = journal.since(place);
          steps.forEach((step, i) => {
            if ('entry' in step) return void (last = step.entry);
            const next = steps[i + 1];
            const following =
              next !== undefined && 'entry' in next ? next.entry : { ...journal.cursor, seq: 1 };
            const { from, to, cause } = step.gap;
            expect(from).toBe(formatCursor({ epoch: last.epoch, seq: last.seq + 1 }));
            expect(to).toBe(formatCursor({ epoch: following.epoch, seq: following.seq - 1 }));
            expect(cause).toBe(last.epoch === following.epoch ? 'evicted' : 'upstream-lost');
            if (cause === 'evicted') expect([isMissing(from), isMissing(to)]).toEqual([true, true]);
          });
          expect(steps.some((step) => 'gap' in step && step.gap.cause === 'upstream-lost')).toBe(
            place.epoch !== journal.epoch,
          );
        }
      }),
    );
  });

  test('a journal, beside one that keeps everything finds the place of any event among those of all channels, so that nothing after it is missing or twice', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { model, journal, order: end } = play(each);
        for (let order = 0; order <= end; order += 1) {
          const { given } = split(journal.since(journal.placeAt(order)));
          expect(given).toEqual(model.retained.filter((entry) => entry.order > order));
        }
      }),
    );
  });

  test('a journal, beside one that keeps everything finds the last event that came by any place, as long as it is kept', () => {
    fc.assert(
      fc.property(history, (each) => {
        const { model, journal } = play(each);
        for (const place of places(model)) {
          const last = model.said.findLast((entry) => model.compare(entry, place) <= 0);
          expect(journal.at(place)).toBe(
            last !== undefined && model.retained.includes(last) ? last : undefined,
          );
        }
      }),
    );
  });
});
