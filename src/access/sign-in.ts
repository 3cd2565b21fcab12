import { GatewayError } from '../errors/errors.js';
import type { Principal } from './scope.js';
import { hexOf, LINK_MINUTES, linkState, redeemCode } from './sign-in-links.js';
import type { LinkState } from './sign-in-links.js';
import { TokenFileError } from './token-file-error.js';
import type { TokenStore } from './token-store.js';

export interface SignedIn {
  readonly token: string;
  readonly principal: Principal;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface SignInsOptions {
  readonly tokens: TokenStore;
  /** Counts something wrong against its sender. @throws GatewayError `Too many requests` */
  readonly countWrong: (key: string) => Promise<void>;
  /** The token file could not be changed. */
  readonly onFileError: (error: TokenFileError) => void;
}

/** Exchanges the codes of sign-in links for sessions. */
export class SignIns {
  readonly #options: SignInsOptions;

  constructor(options: SignInsOptions) {
    this.#options = options;
  }

  /** Whose link it is, also of one that is used or expired; undefined for an unknown code. */
  ownerOf(code: string): Principal | undefined {
    return this.#options.tokens.linkOf(hexOf(code))?.principal;
  }

  /**
   * @param address the sender's, which wrong codes count against
   * @throws GatewayError `Unauthorized`, `Too many requests`; `Forbidden` when the file cannot be changed
   */
  async redeem(code: string, address: string): Promise<SignedIn> {
    const { tokens } = this.#options;
    this.#refresh(false);
    const known = tokens.linkOf(hexOf(code));
    if (known === undefined) return this.#refuse('unknown', address);
    const state = linkState(known.link, Date.now());
    // A code that was ours counts against itself: whoever loads a page anew guesses nothing.
    if (state !== 'open') return this.#refuse(state, `code ${known.link.sha256}`);
    const end = await this.#exchange(code);
    if (typeof end === 'string') return this.#refuse(end, address);
    this.#refresh(true);
    const found = tokens.lookUp(end.token, Date.now());
    // Revoked in the meantime.
    if (found === undefined) return this.#refuse('unknown', address);
    return { token: end.token, principal: found.principal, expiresAt: found.expiresAt };
  }

  async #exchange(code: string): ReturnType<typeof redeemCode> {
    try {
      return await redeemCode(this.#options.tokens.path, code);
    } catch (error) {
      if (!(error instanceof TokenFileError)) throw error;
      this.#options.onFileError(error);
      throw new GatewayError(
        'Forbidden',
        'This gateway may not change its token file, where sessions are kept: sign in with a token.',
        { outcome: 'not-sent', cause: error },
      );
    }
  }

  /** The poll of the token file reports a file that cannot be read; until it can, no code is known. */
  #refresh(isForced: boolean): void {
    try {
      this.#options.tokens.refresh(isForced);
    } catch (error) {
      if (!(error instanceof TokenFileError)) throw error;
    }
  }

  async #refuse(why: Exclude<LinkState, 'open'> | 'unknown', key: string): Promise<never> {
    await this.#options.countWrong(key);
    throw new GatewayError('Unauthorized', REASONS[why], { outcome: 'not-sent' });
  }
}

const REASONS = {
  unknown: 'The code of this sign-in link is not known: it is incomplete, or its token was revoked.',
  used: 'This sign-in link was used already; it works once. Ask for another one.',
  expired: `This sign-in link has expired; it works for ${LINK_MINUTES} minutes. Ask for another one.`,
} as const;
