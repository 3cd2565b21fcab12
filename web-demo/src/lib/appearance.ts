import { keepJson, recallJson } from './kept.js';
import { Store } from './store.js';

export const ACCENTS = ['blue', 'teal', 'violet', 'pink', 'orange', 'grey'] as const;
export type Accent = (typeof ACCENTS)[number];

export interface Appearance {
  readonly hasContrast: boolean;
  readonly accent: Accent;
}

const KEY = 'rcsp-appearance';

/** Contrast and accent, kept in this browser; style.css reads them from the attributes of the document. */
class AppearanceStore extends Store {
  #value: Appearance = { hasContrast: matchMedia('(prefers-contrast: more)').matches, accent: 'blue' };

  constructor() {
    super();
    const kept = recallJson('browser', KEY);
    if (isAppearance(kept)) this.#value = kept;
    this.#apply();
  }

  readonly snapshot = (): Appearance => this.#value;

  set(changes: Partial<Appearance>): void {
    this.#value = { ...this.#value, ...changes };
    this.#apply();
    keepJson('browser', KEY, this.#value);
    this.notify();
  }

  #apply(): void {
    const { hasContrast, accent } = this.#value;
    const { dataset } = document.documentElement;
    if (hasContrast) dataset['contrast'] = 'more';
    else delete dataset['contrast'];
    dataset['accent'] = accent;
  }
}

function isAppearance(value: unknown): value is Appearance {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'hasContrast' in value &&
    typeof value.hasContrast === 'boolean' &&
    'accent' in value &&
    ACCENTS.some((each) => each === value.accent)
  );
}

export const appearance = new AppearanceStore();

/** `?theme=light`, `dark` or `system`: for links and for screens that are set up once. */
export function themeInAddress(): 'light' | 'dark' | 'auto' | undefined {
  const theme = new URLSearchParams(location.search).get('theme');
  if (theme === 'system') return 'auto';
  return theme === 'light' || theme === 'dark' ? theme : undefined;
}
