/** What a wait is told when the simulator closes. Nobody is left to answer: it is swallowed. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Owns timers: `stop` ends each one that is still running, a pending `wait` by `Stopped`. Nothing starts
 * after that. Milliseconds given are those of the simulated world, `speed` of which fit into a real one.
 */
export class Clock {
  readonly #speed: number;
  readonly #cancels = new Set<() => void>();
  #stopped = false;

  constructor(speed = 1) {
    this.#speed = speed;
  }

  wait(ms: number): Promise<void> {
    if (this.#stopped) return Promise.reject(new Stopped());
    return new Promise((resolve, reject) => {
      const cancel = (): void => {
        clearTimeout(timer);
        reject(new Stopped());
      };
      const timer = setTimeout(() => {
        this.#cancels.delete(cancel);
        resolve();
      }, ms / this.#speed);
      this.#cancels.add(cancel);
    });
  }

  /** Runs again and again, until `stop`. */
  every(ms: number, run: () => void): void {
    if (this.#stopped) return;
    const timer = setInterval(run, ms / this.#speed);
    this.#cancels.add(() => clearInterval(timer));
  }

  /** Starts work that waits; it ends quietly with the clock. */
  run(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      if (!(error instanceof Stopped)) throw error;
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
