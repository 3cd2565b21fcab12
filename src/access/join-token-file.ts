/** The relay's file of join tokens: which token may join under which name. It never holds a token, only its hash. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { fileVersion } from '../util/file-version.js';
import { relayName } from './relay-name.js';
import { changeFile, configFolder, hashOf, readTrusted, TokenFileError } from './token-file.js';

const PREFIX = 'rcspjoin_';
/** Hexadecimal digits of the hash by which one of several tokens of a name is called. */
const ID_LENGTH = 8;

const Entry = z.strictObject({
  name: relayName,
  /** SHA-256 of 256 random bits. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
});
export type JoinTokenEntry = z.output<typeof Entry>;

const File = z.strictObject({ version: z.literal(1), joinTokens: z.array(Entry) });

export function defaultJoinTokenFile(env: NodeJS.ProcessEnv): string {
  return join(configFolder(env), 'relay-tokens.json');
}

export function idOf({ sha256 }: Pick<JoinTokenEntry, 'sha256'>): string {
  return sha256.slice(0, ID_LENGTH);
}

/** Without a file there are no tokens. @throws TokenFileError */
export function readJoinTokens(path: string): readonly JoinTokenEntry[] {
  return readTrusted(path, File, 'join tokens')?.joinTokens ?? [];
}

/**
 * Makes a join token and keeps its hash.
 *
 * @returns the token, which nobody can ever read again
 * @throws TokenFileError
 */
export function createJoinToken(path: string, name: string, expiresAt: Date | null): string {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`;
  const sha256 = hashOf(token).toString('hex');
  const createdAt = new Date().toISOString();
  const entry = { name, sha256, createdAt, expiresAt: expiresAt?.toISOString() ?? null };
  change(path, (entries) => [...entries, entry]);
  return token;
}

/**
 * Removes every token of a name, or the one of an id.
 *
 * @returns how many there were
 * @throws TokenFileError also when there is none
 */
export function revokeJoinTokens(path: string, nameOrId: string): number {
  let count = 0;
  change(path, (entries) => {
    const left = entries.filter((each) => each.name !== nameOrId && idOf(each) !== nameOrId);
    count = entries.length - left.length;
    if (count === 0) throw new TokenFileError(`${path} has no join token of the name or id "${nameOrId}"`);
    return left;
  });
  return count;
}

function change(path: string, step: (entries: readonly JoinTokenEntry[]) => readonly JoinTokenEntry[]): void {
  changeFile(path, (target) => ({ version: 1, joinTokens: step(readJoinTokens(target)) }));
}

/** The join tokens as a running relay knows them. A file that cannot be read lets nobody join. */
export class JoinTokenStore {
  readonly #path: string;
  #entries: readonly JoinTokenEntry[];
  #version: string | undefined;

  /** @throws TokenFileError */
  constructor(path: string) {
    this.#path = path;
    this.#version = fileVersion(path);
    this.#entries = readJoinTokens(path);
  }

  /** Undefined for a token that is unknown, revoked or expired. Takes as long for each. */
  find(token: string, now: number): JoinTokenEntry | undefined {
    const hash = hashOf(token);
    let found: JoinTokenEntry | undefined;
    for (const each of this.#entries)
      if (timingSafeEqual(Buffer.from(each.sha256, 'hex'), hash)) found = each;
    return found !== undefined && isValid(found, now) ? found : undefined;
  }

  /** Whether a line that joined with it may stay. */
  isStillValid({ sha256, name }: JoinTokenEntry, now: number): boolean {
    return this.#entries.some((each) => each.sha256 === sha256 && each.name === name && isValid(each, now));
  }

  /** False while the file cannot be read. */
  get isReadable(): boolean {
    return this.#version !== undefined;
  }

  /**
   * Reads the file again when it is another one, could not be read, or `isForced`.
   *
   * @returns whether it was read
   * @throws TokenFileError at each look until it can be; meanwhile no token is valid
   */
  refresh(isForced = false): boolean {
    const version = fileVersion(this.#path);
    if (version === this.#version && !isForced) return false;
    this.#version = undefined;
    this.#entries = [];
    this.#entries = readJoinTokens(this.#path);
    this.#version = version;
    return true;
  }
}

function isValid({ expiresAt }: JoinTokenEntry, now: number): boolean {
  return expiresAt === null || now < Date.parse(expiresAt);
}
