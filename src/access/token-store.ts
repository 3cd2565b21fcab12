import { timingSafeEqual } from 'node:crypto';
import { fileVersion } from '../util/file-version.js';
import type { Principal } from './scope.js';
import { hashOf, readTokens } from './token-file.js';
import type { TokenEntry } from './token-file.js';

/** A token that never expires and is in no file. */
export type FixedToken = Pick<TokenEntry, 'name' | 'scope' | 'sha256'>;

interface KnownToken {
  readonly principal: Principal;
  readonly hash: Buffer;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The tokens as a running gateway knows them. A file that cannot be read lets nobody in. */
export class TokenStore {
  readonly #path: string;
  /** Those that the environment gives: they hold as long as the process. */
  readonly #fixed: readonly KnownToken[];
  #tokens: readonly KnownToken[];
  /** Of the file that was read; undefined when it could not be. */
  #version: string | undefined;

  /** @throws TokenFileError */
  constructor(path: string, fixed: readonly FixedToken[] = []) {
    this.#path = path;
    this.#fixed = fixed.map((each) => known({ ...each, expiresAt: null }));
    this.#version = fileVersion(path);
    this.#tokens = this.#read();
  }

  /** Whom a token stands for; undefined for one that is unknown, revoked or expired. Takes as long for each. */
  find(token: string, now: number): Principal | undefined {
    const hash = hashOf(token);
    let found: KnownToken | undefined;
    for (const each of this.#tokens) if (timingSafeEqual(each.hash, hash)) found = each;
    return found !== undefined && now < found.expiresAt ? found.principal : undefined;
  }

  /** The studios that tokens are limited to. */
  get studios(): ReadonlySet<string> {
    return new Set(this.#tokens.flatMap(({ principal }) => principal.studios ?? []));
  }

  /** Whether somebody who was let in may stay. */
  isValid({ key }: Principal, now: number): boolean {
    if (key === null) return true;
    return this.#tokens.some(({ principal, expiresAt }) => principal.key === key && now < expiresAt);
  }

  hasValid(now: number): boolean {
    return this.#tokens.some(({ expiresAt }) => now < expiresAt);
  }

  /**
   * Reads the file again when it is another one, could not be read, or `isForced`.
   *
   * @returns whether it was read
   * @throws TokenFileError at each look until it can be; meanwhile none of its tokens is valid
   */
  refresh(isForced = false): boolean {
    const version = fileVersion(this.#path);
    if (version === this.#version && !isForced) return false;
    this.#version = undefined;
    this.#tokens = this.#fixed;
    this.#tokens = this.#read();
    this.#version = version;
    return true;
  }

  #read(): readonly KnownToken[] {
    return [...this.#fixed, ...readTokens(this.#path).map(known)];
  }
}

function known({ name, scope, sha256, expiresAt, studios }: Omit<TokenEntry, 'createdAt'>): KnownToken {
  // What is edited makes another key: connections from before it end.
  const limits = studios === undefined ? '' : `${studios.join(',')} `;
  return {
    principal: { name, scope, key: `${scope} ${limits}${sha256}`, studios },
    hash: Buffer.from(sha256, 'hex'),
    expiresAt: expiresAt === null ? Infinity : Date.parse(expiresAt),
  };
}
