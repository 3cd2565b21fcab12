import { Store } from '../../lib/store.js';
import type { GapEvent, StudioEvent } from '../../../../src/client/index.js';
import { contains } from './row.js';
import type { Row } from './row.js';

export interface LogState {
  /** The rows that match the filter, oldest first. */
  readonly shown: readonly Row[];
  /** All rows that are kept, shown or not. */
  readonly kept: number;
  /** Rows dropped since the log was cleared: only the newest are kept. */
  readonly dropped: number;
  readonly isPaused: boolean;
  /** Rows that arrived since the pause began. */
  readonly held: number;
}

export const MAX_ROWS = 10_000;
/** Bound of the kept JSON, in characters: single events may be large. */
const MAX_CHARS = 32 * 1024 * 1024;
/** Time between two flushes while the page is in the background, where no frames are drawn. */
const BACKGROUND_MS = 500;

/**
 * The newest rows of the stream. Received rows are added once per animation frame, and a published state is never
 * modified afterwards.
 */
export class EventLog extends Store {
  #rows: readonly Row[] = [];
  #pending: Row[] = [];
  #held: readonly Row[] = [];
  #chars = 0;
  #receivedWhilePaused = 0;
  #needle = '';
  #lastKey = 0;
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: LogState = { shown: [], kept: 0, dropped: 0, isPaused: false, held: 0 };

  readonly snapshot = (): LogState => this.#state;

  addEvent(message: StudioEvent): void {
    const text = JSON.stringify(message.event.EventData ?? null);
    this.#add({ kind: 'event', key: (this.#lastKey += 1), message, text });
  }

  addGap(gap: GapEvent): void {
    const last = this.#pending.at(-1);
    if (last?.kind === 'gap' && last.gaps[0].cause === gap.cause) {
      this.#pending[this.#pending.length - 1] = { ...last, gaps: [...last.gaps, gap] };
      return;
    }
    this.#add({ kind: 'gap', key: (this.#lastKey += 1), at: Date.now(), gaps: [gap] });
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

  filter(text: string): void {
    this.#needle = text.trim().toLowerCase();
    this.#set({ shown: this.#rows.filter((row) => contains(row, this.#needle)) });
  }

  clear(): void {
    this.#pending = [];
    this.#held = [];
    this.#receivedWhilePaused = 0;
    this.#rows = [];
    this.#chars = 0;
    this.#set({ shown: [], kept: 0, dropped: 0, held: 0 });
  }

  /** Cancels the pending flush. */
  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = undefined;
  }

  #add(row: Row): void {
    this.#pending.push(row);
    // A scheduled frame never comes once the page is in the background: bound the queue.
    if (this.#pending.length >= MAX_ROWS) return this.#flush();
    if (this.#frame !== undefined || this.#timer !== undefined) return;
    if (document.hidden) this.#timer = setTimeout(() => this.#flush(), BACKGROUND_MS);
    else this.#frame = requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    this.stop();
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
    this.#rows = drop === 0 ? rows : rows.slice(drop);
    const dropped = this.#state.dropped + drop;
    this.#set({ shown: this.#shownAfter(added), kept: this.#rows.length, dropped });
  }

  /** Filters the new rows only. */
  #shownAfter(added: readonly Row[]): readonly Row[] {
    if (this.#needle === '') return this.#rows;
    const oldest = this.#rows[0]?.key ?? Infinity;
    const shown = this.#state.shown.concat(added.filter((row) => contains(row, this.#needle)));
    const first = shown.findIndex(({ key }) => key >= oldest);
    return first < 0 ? [] : shown.slice(first);
  }

  #dropAll(lost: number): void {
    const dropped = this.#state.dropped + lost + this.#rows.length;
    this.#rows = [];
    this.#chars = 0;
    this.#set({ shown: [], kept: 0, dropped });
  }

  #set(added: Partial<LogState>): void {
    this.#state = { ...this.#state, ...added };
    this.notify();
  }
}

function sizeOf(row: Row | undefined): number {
  return row?.kind === 'event' ? row.text.length : 0;
}
