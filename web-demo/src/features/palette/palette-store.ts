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
    try {
      const stored: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
      return Array.isArray(stored) ? stored.filter((each) => typeof each === 'string') : [];
    } catch {
      return [];
    }
  }

  use(id: string): void {
    const recent = [id, ...this.recent().filter((each) => each !== id)].slice(0, MAX_RECENT);
    try {
      localStorage.setItem(STORAGE_KEY, JSON.stringify(recent));
    } catch {
      // Without storage there are no recent ones.
    }
  }
}

export const paletteStore = new PaletteStore();
