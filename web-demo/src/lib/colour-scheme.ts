import { themeInAddress } from './appearance.js';
import { Store } from './store.js';

export type Scheme = 'light' | 'dark';

export interface SchemeState {
  /** `auto`: as the system. */
  readonly chosen: Scheme | 'auto';
  readonly shown: Scheme;
}

/** web-demo/public/explorer.js reads it, too. */
const KEY = 'mantine-color-scheme-value';
const IS_DARK = matchMedia('(prefers-color-scheme: dark)');

/** Light or dark: as the system or as somebody chose, kept in this browser; a theme in the address outranks both. */
class SchemeStore extends Store {
  #state: SchemeState;
  /** Instead of the system's; undefined to follow the system. */
  #usual: Scheme | undefined;

  constructor() {
    super();
    this.#state = { chosen: themeInAddress() ?? kept(), shown: 'light' };
    this.#apply();
    IS_DARK.addEventListener('change', () => this.#apply());
  }

  readonly snapshot = (): SchemeState => this.#state;

  choose(chosen: SchemeState['chosen']): void {
    this.#state = { ...this.#state, chosen };
    this.#apply();
    try {
      localStorage.setItem(KEY, chosen);
    } catch {
      // Kept until the page is left.
    }
  }

  /** Shows this unless somebody chose. @returns what ends it */
  prefer(scheme: Scheme): () => void {
    this.#usual = scheme;
    this.#apply();
    return () => {
      this.#usual = undefined;
      this.#apply();
    };
  }

  #apply(): void {
    const { chosen } = this.#state;
    // A system that was asked for is the system's.
    const usual = themeInAddress() === undefined ? this.#usual : undefined;
    const shown = chosen === 'auto' ? (usual ?? (IS_DARK.matches ? 'dark' : 'light')) : chosen;
    this.#state = { chosen, shown };
    document.documentElement.dataset['mantineColorScheme'] = shown;
    this.notify();
  }
}

function kept(): SchemeState['chosen'] {
  try {
    const value = localStorage.getItem(KEY);
    return value === 'light' || value === 'dark' ? value : 'auto';
  } catch {
    return 'auto';
  }
}

export const colourScheme = new SchemeStore();
