import { keepJson, recallJson } from '../../lib/kept.js';
import { Store } from '../../lib/store.js';

export type PaletteState = 'closed' | 'palette' | 'keys';

const STORAGE_KEY = 'rcsp-gateway-palette';
const MAX_RECENT = 8;

/** Whether the palette or the list of keys is open, and what was chosen lately. */
class PaletteStore extends Store {
  #state: PaletteState = 'closed';

  /** What was typed while the palette was being loaded. */
  #typed = '';

  readonly snapshot = (): PaletteState => this.#state;

  type(letter: string): void {
    this.#typed += letter;
  }

  takeTyped(): string {
    const typed = this.#typed;
    this.#typed = '';
    return typed;
  }

  open(state: PaletteState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.notify();
  }

  /** Ids, newest first. */
  recent(): readonly string[] {
    const kept = recallJson('browser', STORAGE_KEY);
    return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : [];
  }

  use(id: string): void {
    const recent = [id, ...this.recent().filter((each) => each !== id)].slice(0, MAX_RECENT);
    keepJson('browser', STORAGE_KEY, recent);
  }
}

export const paletteStore = new PaletteStore();
