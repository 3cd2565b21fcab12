import { keepJson, recallJson } from './kept.js';
import { Store } from './store.js';
import { studioKey } from './studio-path.js';

/** A moment that the user flagged. */
export interface Mark {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly label: string;
}

const STORAGE_KEY = 'rcsp-gateway-marks';
const MAX_MARKS = 200;

/** The user's marks; kept until the tab is closed. */
export class MarkStore extends Store {
  #marks: readonly Mark[] = storedMarks();

  /** Oldest first. */
  readonly snapshot = (): readonly Mark[] => this.#marks;

  add(): Mark {
    const mark = { at: Date.now(), label: `Mark ${this.#marks.length + 1}` };
    this.#set([...this.#marks, mark].slice(-MAX_MARKS));
    return mark;
  }

  clear(): void {
    this.#set([]);
  }

  #set(marks: readonly Mark[]): void {
    this.#marks = marks;
    keepJson('tab', studioKey(STORAGE_KEY), marks);
    this.notify();
  }
}

function storedMarks(): readonly Mark[] {
  const kept = recallJson('tab', studioKey(STORAGE_KEY));
  return Array.isArray(kept) ? kept.filter(isMark) : [];
}

function isMark(value: unknown): value is Mark {
  return (
    typeof value === 'object' &&
    value !== null &&
    'at' in value &&
    typeof value.at === 'number' &&
    'label' in value &&
    typeof value.label === 'string'
  );
}

/** One for the page: a mark is set on any view. */
export const marks = new MarkStore();
