/** What ends by itself when its time is over. A `Deadlines` that it is added to holds it until then, or until it is removed. */
export abstract class Timed {
  /** `performance.now()`; set by `Deadlines`, as everything here. */
  endsAt = 0;
  sooner: Timed | undefined;
  later: Timed | undefined;
  line: Line | undefined;

  /** Its time is over, and it is removed. */
  abstract onLate(): void;
}

/** Lines without anything in them that are kept for the next time. */
const MAX_IDLE_LINES = 16;

/**
 * Timeouts of many short-lived things, of which few ever end: those of one length end in the order in which they were
 * added, so one timer for the first of them is enough. Ends no earlier than asked, and as late as a timer of Node may.
 */
export class Deadlines {
  /** By milliseconds. */
  readonly #lines = new Map<number, Line>();

  add(timed: Timed, ms: number): void {
    this.#lineOf(ms).add(timed);
  }

  /** Does nothing where it has ended or was never added. */
  remove(timed: Timed): void {
    timed.line?.remove(timed);
  }

  #lineOf(ms: number): Line {
    const known = this.#lines.get(ms);
    if (known !== undefined) return known;
    if (this.#lines.size >= MAX_IDLE_LINES)
      for (const [each, { isEmpty }] of this.#lines) if (isEmpty) this.#lines.delete(each);
    const line = new Line(ms);
    this.#lines.set(ms, line);
    return line;
  }
}

/** The deadlines of one length, the soonest first. Its timer runs while there are some. */
class Line {
  readonly #ms: number;
  #soonest: Timed | undefined;
  #latest: Timed | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  get isEmpty(): boolean {
    return this.#soonest === undefined;
  }

  add(timed: Timed): void {
    const now = performance.now();
    timed.endsAt = now + this.#ms;
    timed.line = this;
    timed.sooner = this.#latest;
    if (this.#latest === undefined) this.#soonest = timed;
    else this.#latest.later = timed;
    this.#latest = timed;
    this.#timer ??= this.#timerFor(timed.endsAt, now);
  }

  remove(timed: Timed): void {
    const { sooner, later } = timed;
    if (sooner === undefined) this.#soonest = later;
    else sooner.later = later;
    if (later === undefined) this.#latest = sooner;
    else later.sooner = sooner;
    // One that has ended must not keep its neighbours in memory.
    timed.sooner = timed.later = timed.line = undefined;
    if (this.#soonest !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** The timer may have been set for one that was removed since. */
  #onTimer(): void {
    const now = performance.now();
    this.#timer = undefined;
    try {
      for (let next = this.#soonest; next !== undefined && next.endsAt <= now; next = this.#soonest) {
        this.remove(next);
        next.onLate();
      }
    } finally {
      if (this.#soonest !== undefined) this.#timer ??= this.#timerFor(this.#soonest.endsAt, now);
    }
  }

  #timerFor(endsAt: number, now: number): NodeJS.Timeout {
    return setTimeout(() => this.#onTimer(), Math.ceil(endsAt - now));
  }
}
