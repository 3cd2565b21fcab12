import { timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import type { Principal } from './scope.js';
import { hashOf, readTokens } from './token-file.js';
import type { TokenEntry } from './token-file.js';

interface KnownToken {
  readonly principal: Principal;
  readonly hash: Buffer;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** The tokens of a file as a running gateway knows them. What cannot be read lets nobody in. */
export class TokenStore {
  readonly #path: string;
  #tokens: readonly KnownToken[];
  #version: string;

  /** @throws TokenFileError */
  constructor(path: string) {
    this.#path = path;
    this.#version = this.#versionNow();
    this.#tokens = readTokens(path).map(known);
  }

  /** Whom a token stands for; undefined for one that is unknown, revoked or expired. Takes as long for each. */
  find(token: string, now: number): Principal | undefined {
    const hash = hashOf(token);
    let found: KnownToken | undefined;
    for (const each of this.#tokens) if (timingSafeEqual(each.hash, hash)) found = each;
    return found !== undefined && now < found.expiresAt ? found.principal : undefined;
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
   * Reads the file again when it is another one.
   *
   * @returns whether it was read
   * @throws TokenFileError, once a change; then no token is valid
   */
  refresh(): boolean {
    const version = this.#versionNow();
    if (version === this.#version) return false;
    this.#version = version;
    this.#tokens = [];
    this.#tokens = readTokens(this.#path).map(known);
    return true;
  }

  #versionNow(): string {
    try {
      const stat = statSync(this.#path, { throwIfNoEntry: false });
      return stat === undefined ? 'none' : [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');
    } catch (error) {
      return String(error);
    }
  }
}

function known({ name, scope, sha256, expiresAt }: TokenEntry): KnownToken {
  return {
    // A scope that is edited makes another key: connections from before it end.
    principal: { name, scope, key: `${scope} ${sha256}` },
    hash: Buffer.from(sha256, 'hex'),
    expiresAt: expiresAt === null ? Infinity : Date.parse(expiresAt),
  };
}
