/** Rejects a pending wait when the simulator closes. It is ignored: the client's connection is closed as well. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/**
 * Owns timers: `stop` ends each running timer and rejects each pending `wait` with `Stopped`. No timer starts after
 * that. Milliseconds are simulated; `speed` of them pass in one real millisecond.
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

  /** Runs repeatedly until `stop`. */
  every(ms: number, run: () => void): void {
    if (this.#stopped) return;
    const timer = setInterval(run, ms / this.#speed);
    this.#cancels.add(() => clearInterval(timer));
  }

  /** Starts asynchronous work; ignores its `Stopped`. */
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
