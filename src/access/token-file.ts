/** The file of tokens: what is in it, who may read it, how it is changed. It never holds a token, only its hash. */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { readTextFile, TextEncodingError } from '../util/text-file.js';
import type { Scope } from '../catalog/define.js';
import { SCOPES } from './scope.js';

const PREFIX = 'rcspgw_';
/** Milliseconds after which the lock of a process that died is broken. */
const STALE_LOCK_MS = 10_000;
const LOCK_ATTEMPTS = 100;

export const tokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_", "@" or "-"');

const Entry = z.strictObject({
  name: tokenName,
  scope: z.enum(SCOPES),
  /** SHA-256 of the token, which has 256 random bits: a slow hash would protect nothing more. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
});
export type TokenEntry = z.output<typeof Entry>;

const File = z
  .strictObject({ version: z.literal(1), tokens: z.array(Entry) })
  .refine(({ tokens }) => new Set(tokens.map(({ name }) => name)).size === tokens.length, {
    error: 'holds two tokens of one name',
  });

/** The file cannot be used; the message begins with its path. */
export class TokenFileError extends Error {
  override readonly name = 'TokenFileError';
}

export function defaultTokenFile(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: appData } = env;
  const folder = xdg || (process.platform === 'win32' && appData) || join(homedir(), '.config');
  return join(folder, 'rcsp-gateway', 'tokens.json');
}

/** What a token is known by. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Without a file there are no tokens. @throws TokenFileError */
export function readTokens(path: string): readonly TokenEntry[] {
  let text: string;
  try {
    const { mode } = statSync(path);
    // Windows has no such bits.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new TokenFileError(`${path} may be read or written by others: chmod 600 ${path}`);
    }
    text = readTextFile(path);
  } catch (error) {
    if (error instanceof TokenFileError) throw error;
    if (error instanceof TextEncodingError) throw new TokenFileError(`${path} ${error.message}`);
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new TokenFileError(`${path} cannot be read: ${(error as Error).message}`);
  }
  return parseTokens(path, text);
}

function parseTokens(path: string, text: string): readonly TokenEntry[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TokenFileError(`${path} is not JSON`);
  }
  const parsed = File.safeParse(json);
  if (parsed.success) return parsed.data.tokens;
  const [issue] = parsed.error.issues;
  const why = [issue?.path.join('.'), issue?.message].filter(Boolean).join(' ');
  throw new TokenFileError(`${path} is no file of tokens: ${why}`);
}

export interface NewToken {
  readonly name: string;
  readonly scope: Scope;
  readonly expiresAt: Date | null;
}

/**
 * Makes a token and keeps its hash.
 *
 * @returns the token, which nobody can ever read again
 * @throws TokenFileError also when the name is taken
 */
export function createToken(path: string, { name, scope, expiresAt }: NewToken): string {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  change(path, (tokens) => {
    if (tokens.some((each) => each.name === name)) {
      throw new TokenFileError(
        `${path} has a token "${name}" already: revoke it first, or choose another name`,
      );
    }
    const sha256 = hashOf(token).toString('hex');
    const createdAt = new Date().toISOString();
    return [...tokens, { name, scope, sha256, createdAt, expiresAt: expiresAt?.toISOString() ?? null }];
  });
  return token;
}

/** @throws TokenFileError also when there is none of that name */
export function revokeToken(path: string, name: string): void {
  change(path, (tokens) => {
    const left = tokens.filter((each) => each.name !== name);
    if (left.length === tokens.length) throw new TokenFileError(`${path} has no token "${name}"`);
    return left;
  });
}

/** One change at a time, and whole: who reads meanwhile sees the old file or the new one. */
function change(path: string, step: (tokens: readonly TokenEntry[]) => readonly TokenEntry[]): void {
  const lock = `${path}.lock`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const own = takeLock(lock);
  try {
    const tokens = step(readTokens(path));
    const fresh = `${path}.new`;
    rmSync(fresh, { force: true });
    const file = openSync(fresh, 'wx', 0o600);
    writeFileSync(file, `${JSON.stringify({ version: 1, tokens }, null, 2)}\n`);
    fsyncSync(file);
    closeSync(file);
    renameSync(fresh, path);
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
