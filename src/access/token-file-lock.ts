/** One change of a token file at a time, across processes. */
import { closeSync, fstatSync, openSync, rmSync, statSync } from 'node:fs';
import { TokenFileError } from './token-file-error.js';

/** Milliseconds after which the lock of a process that died is broken. */
const STALE_LOCK_MS = 10_000;
const LOCK_ATTEMPTS = 100;

/** Runs `step` while this process holds the lock. @throws TokenFileError when another one keeps it */
export function withLock(lock: string, step: () => void): void {
  const own = takeLock(lock);
  try {
    step();
  } finally {
    // One that was thought dead has lost its lock to somebody else.
    if (statSync(lock, { throwIfNoEntry: false })?.ino === own) rmSync(lock, { force: true });
  }
}

/** The number of the lock's file. */
function takeLock(lock: string): number {
  for (let attempt = 0; ; attempt += 1) {
    const own = tryCreate(lock);
    if (own !== undefined) return own;
    if (attempt >= LOCK_ATTEMPTS)
      throw new TokenFileError(
        `${lock} (or ${lock}.break) is in the way: if nobody else is at it, remove it`,
      );
    breakStale(lock);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
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
