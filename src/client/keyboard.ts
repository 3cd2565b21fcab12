import { Source } from './value-source.js';

export interface KeyEvent {
  readonly type: 'keydown' | 'keyup';
  /** As `KeyboardEvent` tells it: `a`, `ArrowUp`, ` `. */
  readonly key: string;
  readonly keyCode: number;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export interface KeyboardOptions {
  /** What has to have the focus: an element, or the whole page, which is the default. */
  readonly target?: EventTarget;
}

/**
 * Keys, pressed and let go. A key is pressed once however long it is held, and never stays pressed: when the
 * target loses the focus, or this is closed, whatever is held is let go.
 */
export class KeyboardSource extends Source<KeyEvent> {
  readonly #target: EventTarget;
  /** By the place on the keyboard: the letter on a key changes with Shift. */
  readonly #held = new Map<string, KeyEvent>();
  readonly #abort = new AbortController();

  constructor({ target = window }: KeyboardOptions = {}) {
    super();
    this.#target = target;
    const { signal } = this.#abort;
    const onBlur = (): void => this.release();
    target.addEventListener('keydown', (event) => this.#onDown(event as KeyboardEvent), { signal });
    target.addEventListener('keyup', (event) => this.#onUp(event as KeyboardEvent), { signal });
    window.addEventListener('blur', onBlur, { signal });
    const isPage = this.#target === window || this.#target === document;
    if (!isPage) target.addEventListener('focusout', onBlur, { signal });
  }

  override close(): void {
    super.close();
    this.#abort.abort();
  }

  protected override release(): void {
    const held = [...this.#held.values()];
    this.#held.clear();
    for (const { key, keyCode } of held) {
      this.emit({ type: 'keyup', key, keyCode, altKey: false, shiftKey: false });
    }
  }

  protected override onListeners(): void {
    // It listens in any case: which keys are held is known from the start only.
  }

  #onDown(event: KeyboardEvent): void {
    const place = placeOf(event);
    if (event.repeat || this.#held.has(place)) return;
    const told = keyEvent('keydown', event);
    this.#held.set(place, told);
    this.emit(told);
  }

  #onUp(event: KeyboardEvent): void {
    if (!this.#held.delete(placeOf(event))) return;
    this.emit(keyEvent('keyup', event));
    // macOS does not tell when other keys are let go while this one is held.
    if (event.key === 'Meta') this.release();
  }
}

function placeOf({ code, key }: KeyboardEvent): string {
  return code === '' ? key : code;
}

function keyEvent(type: KeyEvent['type'], event: KeyboardEvent): KeyEvent {
  const { key, altKey, shiftKey } = event;
  // Deprecated, and what those who bind keys by number know.
  // oxlint-disable-next-line typescript/no-deprecated
  return { type, key, keyCode: event.keyCode, altKey, shiftKey };
}
