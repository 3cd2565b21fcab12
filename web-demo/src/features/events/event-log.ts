import { Store } from '../../lib/store.js';
import type { DeviceNames } from '../../lib/device-title.js';
import type { PageGap } from '../../lib/gaps.js';
import { statementOf } from '../../lib/event-sentence.js';
import type { EventStatement } from '../../lib/event-sentence.js';
import type { StudioEvent } from '../../../../src/client/index.js';
import { NO_FILTER, rowTest } from './event-filter.js';
import type { LogFilter } from './event-filter.js';
import { folded, timeOf } from './row.js';
import type { Line, Row } from './row.js';

export interface LogState {
  /** The rows that match the filter, oldest first, equal ones folded. */
  readonly shown: readonly Line[];
  /** How many rows match the filter. */
  readonly matching: number;
  /** All rows that are kept, shown or not. */
  readonly kept: number;
  /** Rows dropped since the log was cleared: only the newest are kept. */
  readonly dropped: number;
  readonly isPaused: boolean;
  /** Rows that arrived since the pause began. */
  readonly held: number;
}

/** An event or a gap from before the page listened. */
export type PastEntry = { readonly message: StudioEvent } | { readonly gap: PageGap; readonly at: number };

export const MAX_ROWS = 10_000;
/** Bound of the kept JSON, in characters: single events may be large. */
const MAX_CHARS = 32 * 1024 * 1024;
/** Least time between two flushes: nobody reads faster, and a flush draws the list anew. */
const FLUSH_MS = 100;
/** Time between two flushes while the page is in the background, where no frames are drawn. */
const BACKGROUND_MS = 500;

/**
 * The newest rows of the stream. Received rows are added once per animation frame at most, and a published state is
 * never modified afterwards.
 */
export class EventLog extends Store {
  #rows: readonly Row[] = [];
  #pending: Row[] = [];
  #held: readonly Row[] = [];
  #chars = 0;
  #receivedWhilePaused = 0;
  #filter: LogFilter = NO_FILTER;
  #nameOf: DeviceNames = (id) => `device ${id}`;
  #passes: (row: Row) => boolean = () => true;
  #lastKey = 0;
  #flushedAt = 0;
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: LogState = { shown: [], matching: 0, kept: 0, dropped: 0, isPaused: false, held: 0 };

  readonly snapshot = (): LogState => this.#state;

  addEvent(message: StudioEvent, said: EventStatement): void {
    const text = JSON.stringify(message.event.EventData ?? null);
    this.#add({ kind: 'event', key: (this.#lastKey += 1), message, text, said });
  }

  addGap(gap: PageGap): void {
    const last = this.#pending.at(-1);
    if (last?.kind === 'gap' && last.gaps[0].cause === gap.cause) {
      this.#pending[this.#pending.length - 1] = { ...last, gaps: [...last.gaps, gap] };
      return;
    }
    this.#add({ kind: 'gap', key: (this.#lastKey += 1), at: Date.now(), gaps: [gap] });
  }

  addMark(at: number, label: string): void {
    this.#add({ kind: 'mark', key: (this.#lastKey += 1), at, label });
  }

  /** Events from before, in the order of their arrival, and the gaps between them: they go where their time is. */
  addPast(entries: readonly PastEntry[]): void {
    this.#flush();
    const present = this.#rows;
    const past = entries.map((entry): Row => {
      const key = (this.#lastKey += 1);
      if ('gap' in entry) return { kind: 'gap', key, at: entry.at, gaps: [entry.gap] };
      const { message } = entry;
      const text = JSON.stringify(message.event.EventData ?? null);
      return { kind: 'event', key, message, text, said: statementOf(message) };
    });
    this.#rows = [];
    this.#chars = 0;
    const before = this.#state.dropped;
    this.#set({ shown: [], matching: 0, kept: 0 });
    this.#append(merged(past, present));
    this.#set({ dropped: Math.max(before, this.#state.dropped) });
  }

  pause(): void {
    this.#flush();
    this.#set({ isPaused: true });
  }

  resume(): void {
    this.#flush();
    const held = this.#held;
    const lost = this.#receivedWhilePaused - held.length;
    this.#held = [];
    this.#receivedWhilePaused = 0;
    // Held rows are newer than all others: if some of them were dropped, everything before them is dropped too.
    if (lost > 0) this.#dropAll(lost);
    this.#set({ isPaused: false, held: 0 });
    this.#append(held);
  }

  /** Rows in which a device's name is searched are found by the name that `nameOf` gives now. */
  filter(filter: LogFilter, nameOf: DeviceNames): void {
    this.#filter = filter;
    this.#nameOf = nameOf;
    this.#passes = rowTest(filter, nameOf);
    const matching = this.#rows.filter(this.#passes);
    this.#set({ shown: folded([], matching), matching: matching.length });
  }

  /** The kept rows that match the filter, not folded. */
  matching(): readonly Row[] {
    return this.#rows.filter(rowTest(this.#filter, this.#nameOf));
  }

  clear(): void {
    this.#pending = [];
    this.#held = [];
    this.#receivedWhilePaused = 0;
    this.#rows = [];
    this.#chars = 0;
    this.#set({ shown: [], matching: 0, kept: 0, dropped: 0, held: 0 });
  }

  /** Adds what is pending, and cancels the timers. */
  stop(): void {
    this.#flush();
    this.#cancel();
  }

  #cancel(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = undefined;
  }

  #add(row: Row): void {
    this.#pending.push(row);
    // A scheduled frame never comes once the page is in the background: bound the queue.
    if (this.#pending.length >= MAX_ROWS) return this.#flush();
    if (this.#frame !== undefined || this.#timer !== undefined) return;
    const wait = document.hidden ? BACKGROUND_MS : FLUSH_MS - (performance.now() - this.#flushedAt);
    if (wait <= 0) this.#frame = requestAnimationFrame(() => this.#flush());
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  #flush(): void {
    this.#cancel();
    this.#flushedAt = performance.now();
    if (this.#pending.length === 0) return;
    const added = this.#pending;
    this.#pending = [];
    if (!this.#state.isPaused) return this.#append(added);
    this.#receivedWhilePaused += added.length;
    this.#held = this.#held.concat(added).slice(-MAX_ROWS);
    this.#set({ held: this.#receivedWhilePaused });
  }

  #append(added: readonly Row[]): void {
    const rows = this.#rows.concat(added);
    for (const row of added) this.#chars += sizeOf(row);
    let drop = Math.max(0, rows.length - MAX_ROWS);
    for (let i = 0; i < rows.length && (i < drop || this.#chars > MAX_CHARS); i++) {
      this.#chars -= sizeOf(rows[i]);
      drop = Math.max(drop, i + 1);
    }
    const gone = rows.slice(0, drop).filter(this.#passes).length;
    this.#rows = drop === 0 ? rows : rows.slice(drop);
    const passed = added.filter(this.#passes);
    this.#set({
      shown: this.#shownAfter(passed, gone),
      matching: this.#state.matching + passed.length - gone,
      kept: this.#rows.length,
      dropped: this.#state.dropped + drop,
    });
  }

  /** Without the `gone` oldest of the rows that were shown. */
  #shownAfter(passed: readonly Row[], gone: number): readonly Line[] {
    const shown = folded(this.#state.shown, passed);
    let left = gone;
    let first = 0;
    for (const { count } of shown) {
      if (count > left) break;
      left -= count;
      first += 1;
    }
    const rest = first === 0 ? shown : shown.slice(first);
    const [oldest] = rest;
    return left === 0 || oldest === undefined
      ? rest
      : [{ ...oldest, count: oldest.count - left }, ...rest.slice(1)];
  }

  #dropAll(lost: number): void {
    const dropped = this.#state.dropped + lost + this.#rows.length;
    this.#rows = [];
    this.#chars = 0;
    this.#set({ shown: [], matching: 0, kept: 0, dropped });
  }

  #set(added: Partial<LogState>): void {
    this.#state = { ...this.#state, ...added };
    this.notify();
  }
}

/** Both are in order; of equal times, the first list's come first. */
function merged(first: readonly Row[], second: readonly Row[]): readonly Row[] {
  return [...first, ...second].sort((a, b) => timeOf(a) - timeOf(b));
}

function sizeOf(row: Row | undefined): number {
  return row?.kind === 'event' ? row.text.length : 0;
}
