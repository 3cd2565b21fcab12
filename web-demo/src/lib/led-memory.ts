import { useSyncExternalStore } from 'react';
import { keepJson, recallJson } from './kept.js';
import { Store } from './store.js';
import { studioKey } from './studio-path.js';

const KEY = 'rcsp-led-colours';

/** The colour that this browser gave each device's ring last: the studio cannot be asked. */
class LedMemory extends Store {
  #colours: ReadonlyMap<number, string>;

  constructor() {
    super();
    this.#colours = new Map(readKept());
  }

  readonly snapshot = (): ReadonlyMap<number, string> => this.#colours;

  set(deviceId: number, hex: string): void {
    this.#colours = new Map(this.#colours).set(deviceId, hex);
    keepJson('tab', studioKey(KEY), [...this.#colours]);
    this.notify();
  }
}

function readKept(): [number, string][] {
  const kept = recallJson('tab', studioKey(KEY));
  if (!Array.isArray(kept)) return [];
  return kept.filter(
    (entry: unknown): entry is [number, string] =>
      Array.isArray(entry) && typeof entry[0] === 'number' && typeof entry[1] === 'string',
  );
}

export const ledMemory = new LedMemory();

/** As `#1a2b3c`; undefined when this browser set none. */
export function useLedColour(deviceId: number): string | undefined {
  return useSyncExternalStore(ledMemory.subscribe, ledMemory.snapshot).get(deviceId);
}
