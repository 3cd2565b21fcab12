/** Links that sign in once: a code in a URL is exchanged for a session of a token. Codes are kept as hashes. */
import { randomBytes, randomInt } from 'node:crypto';
import type { LinkEntry, SessionEntry } from './session-entries.js';
import { changeTokenFile, changeTokenFileSoon, hashOf, randomToken } from './token-file.js';
import type { TokenFile } from './token-file.js';
import { TokenFileError } from './token-file-error.js';

/** How long a code can be used. */
export const LINK_MINUTES = 10;
/** How long a session lasts, unless its token ends before. */
export const SESSION_HOURS = 12;
/** Sessions and unused links of one token. */
const MAX_OF_ONE = 100;
/** A QR code must stay small, and a code lives for minutes: 128 random bits. */
const CODE_BYTES = 16;
/** No `l`, `o`, `0`, `1`, and no vowels that would make words. */
const LETTERS = 'bcdfghjkmnpqrstvwxz23456789';

export type LinkState = 'open' | 'used' | 'expired';

export function linkState({ expiresAt, usedAt }: LinkEntry, now: number): LinkState {
  if (usedAt !== null) return 'used';
  return now < Date.parse(expiresAt) ? 'open' : 'expired';
}

/**
 * Makes a link for a token of the file.
 *
 * @returns its code, which nobody can ever read again
 * @throws TokenFileError also when there is no such token, when it has expired, or has too many sessions
 */
export function createLink(path: string, name: string): string {
  const code = randomBytes(CODE_BYTES).toString('base64url');
  changeTokenFile(path, (file) => {
    const now = Date.now();
    const token = file.tokens.find((each) => each.name === name);
    if (token === undefined) {
      const isSession = file.sessions.some((each) => each.name === name);
      throw new TokenFileError(
        isSession ? `"${name}" in ${path} is a session: name its token` : `${path} has no token "${name}"`,
      );
    }
    if (token.expiresAt !== null && now >= Date.parse(token.expiresAt))
      throw new TokenFileError(`the token "${name}" in ${path} has expired`);
    if (countOf(file, token.sha256, now) >= MAX_OF_ONE)
      throw new TokenFileError(`"${name}" in ${path} has ${MAX_OF_ONE} sessions: revoke one first`);
    const expiresAt = new Date(now + LINK_MINUTES * 60_000).toISOString();
    const link = { parent: token.sha256, sha256: hexOf(code), expiresAt, usedAt: null };
    return { ...file, links: [...file.links, link] };
  });
  return code;
}

function countOf({ sessions, links }: TokenFile, parent: string, now: number): number {
  const open = sessions.filter((each) => each.parent === parent && now < Date.parse(each.expiresAt));
  const unused = links.filter((each) => each.parent === parent && linkState(each, now) === 'open');
  return open.length + unused.length;
}

export function hexOf(code: string): string {
  return hashOf(code).toString('hex');
}

/**
 * Exchanges a code for a session: once, whichever process is first.
 *
 * @returns the session's token; or why there is none
 * @throws TokenFileError when the file cannot be read or changed; the code is not used up then
 */
export async function redeemCode(
  path: string,
  code: string,
): Promise<{ readonly token: string } | Exclude<LinkState, 'open'> | 'unknown'> {
  const sha256 = hexOf(code);
  const token = randomToken();
  let state: LinkState | 'unknown' = 'unknown';
  await changeTokenFileSoon(path, (file) => {
    const now = Date.now();
    const link = file.links.find((each) => each.sha256 === sha256);
    const parent = file.tokens.find((each) => each.sha256 === link?.parent);
    if (link === undefined || parent === undefined) return file;
    state = linkState(link, now);
    if (state !== 'open') return file;
    const endsAt = Math.min(now + SESSION_HOURS * 3_600_000, Date.parse(parent.expiresAt ?? '') || Infinity);
    const session: SessionEntry = {
      name: sessionName(parent.name, file),
      parent: parent.sha256,
      sha256: hexOf(token),
      createdAt: new Date(now).toISOString(),
      expiresAt: new Date(endsAt).toISOString(),
    };
    const used = { ...link, usedAt: new Date(now).toISOString() };
    return {
      ...file,
      sessions: [...file.sessions, session],
      links: file.links.map((each) => (each === link ? used : each)),
    };
  });
  return endOf(state, token);
}

function endOf(
  state: LinkState | 'unknown',
  token: string,
): { readonly token: string } | Exclude<LinkState, 'open'> | 'unknown' {
  return state === 'open' ? { token } : state;
}

/** `anna.k3f9`: whose it is, and one of several. */
function sessionName(parent: string, { tokens, sessions }: TokenFile): string {
  const taken = new Set([...tokens, ...sessions].map(({ name }) => name));
  for (;;) {
    const tail = Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
    const name = `${parent.slice(0, 59)}.${tail}`;
    if (!taken.has(name)) return name;
  }
}
