/** The newest lines of a device's log, and the gaps between them. */
import { Store } from '../../lib/store.js';
import type { GapEvent } from '../../../../src/client/index.js';
import { missingCount } from '../../../../src/wire/gap.js';
import { GAP_CAUSES } from '../../lib/gaps.js';

export const LEVELS = ['Error', 'Warning', 'Info', 'Debug'] as const;
export type Level = (typeof LEVELS)[number];

export interface LogLine {
  readonly kind: 'line';
  readonly key: number;
  readonly at: number;
  readonly level: string;
  readonly text: string;
  readonly source: string;
}

/** Lines that did not reach the page. */
export interface LogGap {
  readonly kind: 'gap';
  readonly key: number;
  readonly level: string;
  readonly text: string;
}

export type LogRow = LogLine | LogGap;

/** Bound of the kept rows; older ones are dropped. */
export const MAX_LINES = 500;
/** Minimum time between two updates of the view: a device may log thousands of lines a second. */
const RENDER_INTERVAL_MS = 100;

export type Unkeyed<Row> = Row extends LogRow ? Omit<Row, 'key'> : never;

export class LogStore extends Store {
  #rows: LogRow[] = [];
  #shown: readonly LogRow[] = [];
  #lastKey = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Oldest first. */
  readonly snapshot = (): readonly LogRow[] => this.#shown;

  add(row: Unkeyed<LogRow>): void {
    this.#lastKey += 1;
    this.#rows.push({ ...row, key: this.#lastKey });
    if (this.#rows.length > MAX_LINES) this.#rows.splice(0, this.#rows.length - MAX_LINES);
    this.#timer ??= setTimeout(() => this.#show(), RENDER_INTERVAL_MS);
  }

  /** Lines from before the first, oldest first. */
  addPast(rows: readonly Unkeyed<LogRow>[]): void {
    const past = rows.map((row, index) => ({ ...row, key: index - rows.length }));
    this.#rows = [...past, ...this.#rows].slice(-MAX_LINES);
    this.#timer ??= setTimeout(() => this.#show(), RENDER_INTERVAL_MS);
  }

  clear(): void {
    this.#rows = [];
    this.#show();
  }

  /** Cancels the pending update. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #show(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#shown = [...this.#rows];
    this.notify();
  }
}

/** How many lines are missing, if known, and why. */
export function lineGapText(gap: GapEvent): string {
  const count = missingCount(gap);
  const what =
    count === undefined
      ? 'Lines may be missing'
      : count === 1
        ? '1 line is missing'
        : `${count} lines are missing`;
  return `${what}: ${GAP_CAUSES[gap.cause]}.`;
}
