import { Source } from './value-source.js';

export interface GamepadChange {
  /** Axes and buttons by their number; `connected` and `disconnected` with the value 1 and 0. */
  readonly type: `axis${number}` | `btn${number}` | 'connected' | 'disconnected';
  /** Axes -1 to 1, buttons 0 to 1. */
  readonly value: number;
  /** Number of the pad. */
  readonly pad: number;
}

export interface GamepadOptions {
  /** An axis nearer to its middle than this is in it (0.1). */
  readonly deadZone?: number;
  /** Only this pad; all of them when it is not said. */
  readonly pad?: number;
}

type Control = Exclude<GamepadChange['type'], 'connected' | 'disconnected'>;
type Values = Map<Control, number>;

const watched = new Set<GamepadSource>();
let rateHz = 10;
let timer: ReturnType<typeof setInterval> | undefined;

/**
 * How often pads are looked at, in Hz, for all of them: browsers tell no changes. 10 unless it is said.
 *
 * @throws RangeError when it is not above 0
 */
export function setGamepadRate(hz: number): void {
  if (!(hz > 0)) throw new RangeError(`${hz} Hz is no rate`);
  rateHz = hz;
  schedule();
}

/**
 * Pads, as they change: what stands still says nothing. Whatever is held is let go, as value 0, when its pad goes,
 * when the page is hidden (its pads stand still then), and when this is closed.
 */
export class GamepadSource extends Source<GamepadChange> {
  readonly #deadZone: number;
  readonly #only: number | undefined;
  /** What each pad was last said to be at; what is missing is 0. */
  readonly #pads = new Map<number, Values>();

  constructor({ deadZone = 0.1, pad }: GamepadOptions = {}) {
    super();
    this.#deadZone = deadZone;
    this.#only = pad;
  }

  /** Looks at the pads, now. */
  poll(): void {
    const pads = navigator.getGamepads().filter((each): each is Gamepad => each?.connected === true);
    const seen = pads.filter(({ index }) => this.#only === undefined || index === this.#only);
    for (const index of [...this.#pads.keys()]) {
      if (!seen.some((each) => each.index === index)) this.#leave(index);
    }
    if (document.hidden) return this.release();
    for (const pad of seen) this.#look(pad);
  }

  /**
   * @throws Error where the page may not read pads: browsers offer them on HTTPS and on localhost only, and a frame
   * needs the permission `gamepad`
   */
  override subscribe(listener: (event: GamepadChange) => void): () => void {
    if (!canReadPads(navigator)) {
      throw new Error(
        'This page cannot read gamepads: the browser offers them to secure contexts only (HTTPS, or localhost).',
      );
    }
    return super.subscribe(listener);
  }

  protected override release(): void {
    for (const [pad, values] of this.#pads) {
      for (const control of [...values.keys()]) this.#tell(pad, values, control, 0);
    }
  }

  protected override onListeners(count: number): void {
    if (count === 0) {
      watched.delete(this);
      this.#pads.clear();
    } else watched.add(this);
    if (watched.size === 0 || timer === undefined) schedule();
  }

  #look({ index, axes, buttons }: Gamepad): void {
    const values: Values = this.#pads.get(index) ?? new Map<Control, number>();
    if (!this.#pads.has(index)) {
      this.#pads.set(index, values);
      this.emit({ type: 'connected', value: 1, pad: index });
    }
    axes.forEach((value, i) => {
      this.#tell(index, values, `axis${i}`, Math.abs(value) < this.#deadZone ? 0 : value);
    });
    buttons.forEach(({ value }, i) => this.#tell(index, values, `btn${i}`, value));
  }

  #leave(pad: number): void {
    const values: Values = this.#pads.get(pad) ?? new Map<Control, number>();
    for (const control of [...values.keys()]) this.#tell(pad, values, control, 0);
    this.#pads.delete(pad);
    this.emit({ type: 'disconnected', value: 0, pad });
  }

  #tell(pad: number, values: Values, type: Control, value: number): void {
    if ((values.get(type) ?? 0) === value) return;
    values.set(type, value);
    this.emit({ type, value, pad });
  }
}

/** The DOM's types declare `getGamepads` in every context. */
function canReadPads(browser: Partial<Pick<Navigator, 'getGamepads'>>): boolean {
  return typeof browser.getGamepads === 'function';
}

/** Polls all gamepads at one rate, while there are listeners. */
function schedule(): void {
  clearInterval(timer);
  timer = undefined;
  if (watched.size === 0) return;
  timer = setInterval(() => {
    for (const each of [...watched]) each.poll();
  }, 1000 / rateHz);
}
