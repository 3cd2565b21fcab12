/** One change of a token file at a time, across processes. */
import { setTimeout } from 'node:timers/promises';
import { closeSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { TokenFileError } from './token-file-error.js';

/** Milliseconds after which the lock of a process that died is broken. */
const STALE_LOCK_MS = 10_000;
const LOCK_ATTEMPTS = 100;

/** Milliseconds between two attempts. */
const PAUSE_MS = 20;

/** Runs `step` while this process holds the lock; blocks until it does. @throws TokenFileError when another one keeps it */
export function withLock(lock: string, step: () => void): void {
  const attempts = new LockAttempts(lock);
  let own = attempts.next();
  while (own === undefined) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    own = attempts.next();
  }
  runLocked(lock, own, step);
}

/** The same without blocking the event loop. @throws TokenFileError when another process keeps the lock */
export async function withLockSoon(lock: string, step: () => void): Promise<void> {
  const attempts = new LockAttempts(lock);
  let own = attempts.next();
  while (own === undefined) {
    await setTimeout(PAUSE_MS);
    own = attempts.next();
  }
  runLocked(lock, own, step);
}

function runLocked(lock: string, own: number, step: () => void): void {
  try {
    step();
  } finally {
    // One that was thought dead has lost its lock to somebody else.
    if (statSync(lock, { throwIfNoEntry: false })?.ino === own) rmSync(lock, { force: true });
  }
}

class LockAttempts {
  readonly #lock: string;
  #failed = 0;

  constructor(lock: string) {
    this.#lock = lock;
  }

  /** The number of the lock's file; undefined while another process has it. @throws TokenFileError after the last attempt */
  next(): number | undefined {
    const own = tryCreate(this.#lock);
    if (own !== undefined) return own;
    if (this.#failed >= LOCK_ATTEMPTS)
      throw new TokenFileError(
        `${this.#lock} (or ${this.#lock}.break) is in the way: if nobody else is at it, remove it`,
      );
    this.#failed += 1;
    breakStale(this.#lock);
    return undefined;
  }
}

/** undefined when it is there already. */
function tryCreate(path: string): number | undefined {
  try {
    const file = openSync(path, 'wx', 0o600);
    const { ino } = fstatSync(file);
    closeSync(file);
    return ino;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw new TokenFileError(`${path} cannot be made: ${(error as Error).message}`);
  }
}

/** Under a lock of its own: what is judged stale must be what is removed. */
function breakStale(lock: string): void {
  if (!isStale(lock) || tryCreate(`${lock}.break`) === undefined) return;
  try {
    if (isStale(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(`${lock}.break`, { force: true });
  }
}

function isStale(lock: string): boolean {
  const stat = statSync(lock, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs > STALE_LOCK_MS;
}
