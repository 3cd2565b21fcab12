/**
 * JSON that the browser keeps. What is read is to be checked; where there is no storage, a full one, or something else in
 * it, nothing is kept, and the page goes on with what it has in memory.
 */

/** Until the tab is closed, or for every tab and for good. */
export type Keeper = 'tab' | 'browser';

/** Undefined where there is nothing, or nothing that can be read. */
export function recallJson(keeper: Keeper, key: string): unknown {
  try {
    const text = storageOf(keeper).getItem(key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function keepJson(keeper: Keeper, key: string, value: unknown): void {
  try {
    storageOf(keeper).setItem(key, JSON.stringify(value));
  } catch {
    // In memory only.
  }
}

/** @throws DOMException where the browser allows no storage */
function storageOf(keeper: Keeper): Storage {
  return keeper === 'tab' ? sessionStorage : localStorage;
}
