import { Store } from '../../lib/store.js';
import type { GapEvent, StudioEvent } from '../../../../src/client/index.js';
import { contains } from './row.js';
import type { Row } from './row.js';

export interface LogState {
  /** Those that the filter lets through, oldest first. */
  readonly shown: readonly Row[];
  /** Rows kept, shown or not. */
  readonly kept: number;
  /** Rows that had to go since the log was cleared: only the newest are kept. */
  readonly dropped: number;
  readonly isPaused: boolean;
  /** Rows that came since the pause began. */
  readonly held: number;
}

export const MAX_ROWS = 10_000;
/** Characters of JSON kept at most: single events may be large. */
const MAX_CHARS = 32 * 1024 * 1024;
/** Milliseconds between two looks while the page is in the background, where no frames are drawn. */
const BACKGROUND_MS = 500;

/**
 * The newest rows of the stream. What comes in is taken in once for each frame drawn, and what is told to
 * listeners never changes afterwards.
 */
export class EventLog extends Store {
  #rows: readonly Row[] = [];
  #pending: Row[] = [];
  #held: readonly Row[] = [];
  #chars = 0;
  #cameWhilePaused = 0;
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
    const lost = this.#cameWhilePaused - held.length;
    this.#held = [];
    this.#cameWhilePaused = 0;
    // What was held is the newest: when some of it had to go, so has everything before it.
    if (lost > 0) this.#forgetAll(lost);
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
    this.#cameWhilePaused = 0;
    this.#rows = [];
    this.#chars = 0;
    this.#set({ shown: [], kept: 0, dropped: 0, held: 0 });
  }

  /** Ends what waits for a frame. */
  stop(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = this.#timer = undefined;
  }

  #add(row: Row): void {
    this.#pending.push(row);
    // Frames do not come to a page that has gone to the background meanwhile.
    if (this.#pending.length >= MAX_ROWS) return this.#flush();
    if (this.#frame !== undefined || this.#timer !== undefined) return;
    if (document.hidden) this.#timer = setTimeout(() => this.#flush(), BACKGROUND_MS);
    else this.#frame = requestAnimationFrame(() => this.#flush());
  }

  #flush(): void {
    this.stop();
    if (this.#pending.length === 0) return;
    const news = this.#pending;
    this.#pending = [];
    if (!this.#state.isPaused) return this.#append(news);
    this.#cameWhilePaused += news.length;
    this.#held = this.#held.concat(news).slice(-MAX_ROWS);
    this.#set({ held: this.#cameWhilePaused });
  }

  #append(news: readonly Row[]): void {
    const rows = this.#rows.concat(news);
    for (const row of news) this.#chars += sizeOf(row);
    let drop = Math.max(0, rows.length - MAX_ROWS);
    for (let i = 0; i < rows.length && (i < drop || this.#chars > MAX_CHARS); i++) {
      this.#chars -= sizeOf(rows[i]);
      drop = Math.max(drop, i + 1);
    }
    this.#rows = drop === 0 ? rows : rows.slice(drop);
    const dropped = this.#state.dropped + drop;
    this.#set({ shown: this.#shownAfter(news), kept: this.#rows.length, dropped });
  }

  /** Only what is new is looked at. */
  #shownAfter(news: readonly Row[]): readonly Row[] {
    if (this.#needle === '') return this.#rows;
    const oldest = this.#rows[0]?.key ?? Infinity;
    const shown = this.#state.shown.concat(news.filter((row) => contains(row, this.#needle)));
    const first = shown.findIndex(({ key }) => key >= oldest);
    return first < 0 ? [] : shown.slice(first);
  }

  #forgetAll(lost: number): void {
    const dropped = this.#state.dropped + lost + this.#rows.length;
    this.#rows = [];
    this.#chars = 0;
    this.#set({ shown: [], kept: 0, dropped });
  }

  #set(news: Partial<LogState>): void {
    this.#state = { ...this.#state, ...news };
    this.notify();
  }
}

function sizeOf(row: Row | undefined): number {
  return row?.kind === 'event' ? row.text.length : 0;
}
