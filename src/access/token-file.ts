/** The file of tokens: what is in it, who may read it, how it is changed. It never holds a token, only its hash. */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { readTextFile, TextEncodingError } from '../util/text-file.js';
import type { Scope } from '../catalog/define.js';
import { isStudioName } from '../wire/channel-pattern.js';
import { SCOPES } from './scope.js';
import { SESSION_LISTS } from './session-entries.js';
import type { LinkEntry, SessionEntry } from './session-entries.js';
import { TokenFileError } from './token-file-error.js';
import { withLock, withLockSoon } from './token-file-lock.js';

export { TokenFileError };

const PREFIX = 'rcspgw_';
/** Milliseconds that a link is kept after its end, so that whoever uses it then is told why it is refused. */
const KEPT_LINK_MS = 86_400_000;
/** Windows has no such bits. */
const HAS_MODES = process.platform !== 'win32';

export const tokenName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be 1 to 64 letters, digits, ".", "_", "@" or "-"');

export const studioName = z
  .string()
  .refine(isStudioName, 'must be 1 to 32 small letters, digits or "-", and not begin with "-"');

const Entry = z.strictObject({
  name: tokenName,
  scope: z.enum(SCOPES),
  /** SHA-256 of the token, which has 256 random bits: a slow hash would protect nothing more. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  /** The studios that it is for; all when left out. */
  studios: z.array(studioName).min(1).optional(),
});
export type TokenEntry = z.output<typeof Entry>;

const File = z
  .strictObject({ version: z.literal(1), tokens: z.array(Entry), ...SESSION_LISTS })
  .transform(({ tokens, sessions = [], links = [] }): TokenFile => ({ tokens, sessions, links }))
  .refine(({ tokens, sessions }) => !hasDuplicates([...tokens, ...sessions]), {
    error: 'holds two tokens of one name',
  });

/** Everything that the file holds. */
export interface TokenFile {
  readonly tokens: readonly TokenEntry[];
  readonly sessions: readonly SessionEntry[];
  readonly links: readonly LinkEntry[];
}

const NOTHING: TokenFile = { tokens: [], sessions: [], links: [] };

function hasDuplicates(entries: readonly { readonly name: string }[]): boolean {
  return new Set(entries.map(({ name }) => name)).size < entries.length;
}

export function defaultTokenFile(env: NodeJS.ProcessEnv): string {
  return join(configFolder(env), 'tokens.json');
}

export function configFolder(env: NodeJS.ProcessEnv): string {
  const { XDG_CONFIG_HOME: xdg, APPDATA: appData } = env;
  const folder = xdg || (process.platform === 'win32' && appData) || join(homedir(), '.config');
  return join(folder, 'rcsp-gateway');
}

/** What a token is known by. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** A token or a session, which nobody can ever read again once it was handed out. */
export function randomToken(): string {
  return `${PREFIX}${randomBytes(32).toString('base64url')}`;
}

/** Those of the file, without sessions. @throws TokenFileError */
export function readTokens(path: string): readonly TokenEntry[] {
  return readTokenFile(path).tokens;
}

/** Without a file there are no tokens. @throws TokenFileError */
export function readTokenFile(path: string): TokenFile {
  return readTrusted(path, File, 'tokens') ?? NOTHING;
}

/**
 * What a file that only its owner may write holds; undefined when it is not there.
 *
 * @param schema - what must be in it
 * @param what - the same in a word, for errors
 * @throws TokenFileError
 */
export function readTrusted<T>(path: string, schema: z.ZodType<T>, what: string): T | undefined {
  const text = readTrustedText(path);
  return text === undefined ? undefined : parse(path, text, schema, what);
}

/** The text of a file that only its owner may write; undefined when it is not there. @throws TokenFileError */
function readTrustedText(path: string): string | undefined {
  try {
    const reason = distrustReason(statSync(path), path);
    if (reason !== undefined) throw new TokenFileError(reason);
    return readTextFile(path);
  } catch (error) {
    if (error instanceof TokenFileError) throw error;
    if (error instanceof TextEncodingError) throw new TokenFileError(`${path} ${error.message}`);
    if (isMissing(error)) return undefined;
    throw new TokenFileError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** What an operator should know about a file that is taken all the same; undefined for one that only its owner reads. */
export function tokenFileWarning(path: string): string | undefined {
  const stat = HAS_MODES ? statSync(path, { throwIfNoEntry: false }) : undefined;
  return stat === undefined || (stat.mode & 0o077) === 0
    ? undefined
    : `${path} may be read by others: they learn names and hashes, no tokens; chmod 600 keeps them out`;
}

/** Who may write the file could make a token. Reading it yields hashes of 256 random bits. */
function distrustReason({ mode, uid }: Stats, path: string): string | undefined {
  if (!HAS_MODES) return undefined;
  if ((mode & 0o022) !== 0) return `${path} may be written by others: chmod go-w ${path}`;
  const own = process.getuid?.();
  return uid === own || uid === 0
    ? undefined
    : `${path} belongs to user ${uid}, not to user ${own ?? ''} who runs this, nor to root: chown it`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function parse<T>(path: string, text: string, schema: z.ZodType<T>, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TokenFileError(`${path} is not JSON`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const why = [issue?.path.join('.'), issue?.message].filter(Boolean).join(' ');
  throw new TokenFileError(`${path} is no file of ${what}: ${why}`);
}

export interface NewToken {
  readonly name: string;
  readonly scope: Scope;
  readonly expiresAt: Date | null;
  /** The studios that it is for; undefined for all. */
  readonly studios?: readonly string[] | undefined;
}

/**
 * Makes a token and keeps its hash.
 *
 * @returns the token, which nobody can ever read again
 * @throws TokenFileError also when the name is taken
 */
export function createToken(path: string, { name, scope, expiresAt, studios }: NewToken): string {
  const token = randomToken();
  changeTokenFile(path, (file) => {
    if ([...file.tokens, ...file.sessions].some((each) => each.name === name)) {
      throw new TokenFileError(
        `${path} has a token "${name}" already: revoke it first, or choose another name`,
      );
    }
    const sha256 = hashOf(token).toString('hex');
    const createdAt = new Date().toISOString();
    const entry = { name, scope, sha256, createdAt, expiresAt: expiresAt?.toISOString() ?? null };
    const limited = studios === undefined ? entry : { ...entry, studios: [...studios] };
    return { ...file, tokens: [...file.tokens, limited] };
  });
  return token;
}

/** Also a session; with a token go its sessions and its links. @throws TokenFileError when there is none of that name */
export function revokeToken(path: string, name: string): void {
  changeTokenFile(path, (file) => {
    const tokens = file.tokens.filter((each) => each.name !== name);
    const sessions = file.sessions.filter((each) => each.name !== name);
    if (tokens.length === file.tokens.length && sessions.length === file.sessions.length)
      throw new TokenFileError(`${path} has no token "${name}"`);
    return { ...file, tokens, sessions };
  });
}

/** Gives back the same object when there is nothing to change. */
type Step = (file: TokenFile) => TokenFile;

export function changeTokenFile(path: string, step: Step): void {
  changeFile(path, (target) => changed(target, step));
}

/** The same for a process that must not block while it waits for its turn. */
export async function changeTokenFileSoon(path: string, step: Step): Promise<void> {
  const target = targetOf(path);
  await withLockSoon(`${target}.lock`, () => applyChange(target, (file) => changed(file, step)));
}

/** What the file holds after the step; undefined when nothing changes. */
function changed(target: string, step: Step): object | undefined {
  const before = readTokenFile(target);
  const after = step(before);
  if (after === before) return undefined;
  const { tokens, sessions, links } = withoutOutdated(after, Date.now());
  const lists = { ...(sessions.length > 0 && { sessions }), ...(links.length > 0 && { links }) };
  return { version: 1, tokens, ...lists };
}

/** Drops sessions that are over, links that are long over, and what belongs to no token. */
function withoutOutdated({ tokens, sessions, links }: TokenFile, now: number): TokenFile {
  const parents = new Set(tokens.map(({ sha256 }) => sha256));
  return {
    tokens,
    sessions: sessions.filter(({ parent, expiresAt }) => parents.has(parent) && now < Date.parse(expiresAt)),
    links: links.filter(
      ({ parent, expiresAt }) => parents.has(parent) && now < Date.parse(expiresAt) + KEPT_LINK_MS,
    ),
  };
}

/** Reads the file that it is given, and answers what it holds from now on; undefined to leave it as it is. */
type FileStep = (target: string) => object | undefined;

/** One change at a time, and whole: who reads meanwhile sees the old file or the new one. */
export function changeFile(path: string, step: FileStep): void {
  const target = targetOf(path);
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  withLock(`${target}.lock`, () => applyChange(target, step));
}

function applyChange(target: string, step: FileStep): void {
  const content = step(target);
  if (content !== undefined) replaceFile(target, `${JSON.stringify(content, null, 2)}\n`);
}

/** The file behind symbolic links, also when it is not there yet: a rename would replace the link instead. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isMissing(error))
      throw new TokenFileError(`${path} cannot be followed: ${(error as Error).message}`);
  }
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  return isLink ? targetOf(resolve(dirname(path), readlinkSync(path))) : path;
}

/** Mode and group stay, so that a service which reads the file by its group still can. */
function replaceFile(path: string, text: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  const fresh = `${path}.new`;
  rmSync(fresh, { force: true });
  const file = openSync(fresh, 'wx', 0o600);
  try {
    try {
      writeFileSync(file, text);
      if (HAS_MODES && before !== undefined) {
        const { uid, gid } = fstatSync(file);
        if (gid !== before.gid || uid !== before.uid) fchownSync(file, before.uid, before.gid);
        fchmodSync(file, before.mode & 0o777);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(fresh, path);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw new TokenFileError(`${path} is unchanged: ${(error as Error).message}`);
  }
}
