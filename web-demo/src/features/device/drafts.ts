import { useSyncExternalStore } from 'react';
import { Store } from '../../lib/store.js';

/** Unsaved changes, by device and setting: they outlive the view, and end with the page. */
class DraftStore extends Store {
  #drafts: ReadonlyMap<string, unknown> = new Map();

  readonly snapshot = (): ReadonlyMap<string, unknown> => this.#drafts;

  set(key: string, draft: unknown): void {
    const drafts = new Map(this.#drafts);
    if (draft === undefined) drafts.delete(key);
    else drafts.set(key, draft);
    this.#drafts = drafts;
    this.notify();
  }
}

const drafts = new DraftStore();

/** Undefined while nothing is changed. Each key belongs to one type of value. */
export function useDraft<V>(
  deviceId: number,
  what: string,
): readonly [draft: V | undefined, set: (draft: V | undefined) => void] {
  const key = `${deviceId} ${what}`;
  const draft = useSyncExternalStore(drafts.subscribe, () => drafts.snapshot().get(key)) as V | undefined;
  return [draft, (value) => drafts.set(key, value)];
}
