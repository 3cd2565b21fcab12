import {
  chmodSync,
  chownSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import {
  createToken,
  readTokens,
  revokeToken,
  TokenFileError,
  tokenFileWarning,
} from '../../src/access/token-file.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { addToken, newTokenFile, temporaryFolder } from '../support/access.js';

const HASH = 'ab'.repeat(32);
const ENTRY = { name: 'a', scope: 'read', sha256: HASH, createdAt: '2026-01-01T00:00:00Z', expiresAt: null };

function fileOf(content: unknown, mode = 0o600): string {
  const path = newTokenFile();
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(path, mode);
  return path;
}

function refusalOf(step: () => unknown): string {
  try {
    step();
  } catch (error) {
    if (error instanceof TokenFileError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a file that cannot be trusted is refused in one line that begins with its path', () => {
  test.each<readonly [what: string, content: unknown, says: RegExp]>([
    ['no JSON', '{"version":1', /is not JSON$/],
    ['nothing', '', /is not JSON$/],
    ['another version', { version: 2, tokens: [] }, /version/],
    ['a list', [ENTRY], /expected object/],
    ['no tokens', { version: 1 }, /tokens/],
    ['two tokens of one name', { version: 1, tokens: [ENTRY, ENTRY] }, /two tokens of one name/],
    ['an unknown scope', { version: 1, tokens: [{ ...ENTRY, scope: 'root' }] }, /tokens\.0\.scope .*admin/],
    ['no scope', { version: 1, tokens: [{ ...ENTRY, scope: undefined }] }, /tokens\.0\.scope/],
    ['a name that is none', { version: 1, tokens: [{ ...ENTRY, name: 'a\nb' }] }, /tokens\.0\.name/],
    ['a hash that is none', { version: 1, tokens: [{ ...ENTRY, sha256: 'x' }] }, /tokens\.0\.sha256/],
    ['an end that is no time', { version: 1, tokens: [{ ...ENTRY, expiresAt: 'soon' }] }, /expiresAt/],
    ['no end at all', { version: 1, tokens: [{ ...ENTRY, expiresAt: undefined }] }, /expiresAt/],
    ['a misspelt key', { version: 1, tokens: [{ ...ENTRY, expires: null }] }, /expires/],
  ])('%s', (_, content, says) => {
    const path = fileOf(content);
    const message = refusalOf(() => readTokens(path));
    expect(message.startsWith(`${path} `)).toBe(true);
    expect(message).toMatch(says);
    expect(message).not.toContain('\n');
    expect(message).not.toContain('  ');
  });

  test.each([0o660, 0o606, 0o602, 0o620, 0o777, 0o422])('mode %o', (mode) => {
    const path = fileOf({ version: 1, tokens: [ENTRY] }, mode);
    expect(refusalOf(() => readTokens(path))).toBe(`${path} may be written by others: chmod go-w ${path}`);
    expect(refusalOf(() => addToken(path, 'b'))).toContain('chmod go-w');
    expect(refusalOf(() => revokeToken(path, 'a'))).toContain('chmod go-w');
    expect(statSync(path).mode & 0o777).toBe(mode);
  });

  test.runIf(process.getuid?.() === 0)('a foreign owner', () => {
    const path = fileOf({ version: 1, tokens: [ENTRY] });
    chownSync(path, 4321, 4321);
    expect(refusalOf(() => readTokens(path))).toBe(
      `${path} belongs to user 4321, not to user 0 who runs this, nor to root: chown it`,
    );
  });

  test('a folder', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o700);
    expect(refusalOf(() => readTokens(folder))).toMatch(/^\S+ cannot be read: EISDIR/);
  });
});

test('a missing file holds no tokens', () => {
  expect(readTokens(newTokenFile())).toEqual([]);
  expect(readTokens(join(temporaryFolder(), 'no', 'such', 'folder.json'))).toEqual([]);
});

test.each([0o600, 0o400, 0o700])('mode %o lets nobody else in and is taken', (mode) => {
  expect(readTokens(fileOf({ version: 1, tokens: [ENTRY] }, mode))).toMatchObject([{ name: 'a' }]);
});

test.each([0o440, 0o640, 0o444, 0o644, 0o604])('mode %o is taken with a warning', (mode) => {
  const path = fileOf({ version: 1, tokens: [ENTRY] }, mode);
  expect(readTokens(path)).toMatchObject([{ name: 'a' }]);
  expect(tokenFileWarning(path)).toContain(`${path} may be read by others`);
});

test('a file that only its owner reads, and a missing one, give no warning', () => {
  expect(tokenFileWarning(fileOf({ version: 1, tokens: [] }))).toBeUndefined();
  expect(tokenFileWarning(newTokenFile())).toBeUndefined();
});

describe('a symbolic link', () => {
  test('a symbolic link stays, and its target is changed', () => {
    const target = newTokenFile();
    const link = newTokenFile();
    const second = join(temporaryFolder(), 'second');
    symlinkSync(target, link);
    symlinkSync(link, second);
    addToken(second, 'a');
    addToken(second, 'b');
    revokeToken(second, 'a');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(lstatSync(second).isSymbolicLink()).toBe(true);
    expect(readTokens(target).map(({ name }) => name)).toEqual(['b']);
  });

  test('that leads in a circle is refused', () => {
    const link = newTokenFile();
    symlinkSync(link, link);
    expect(refusalOf(() => revokeToken(link, 'a'))).toMatch(/cannot be followed: ELOOP/);
  });
});

describe('a change', () => {
  test('a change keeps the mode of the file', () => {
    const path = newTokenFile();
    addToken(path, 'a');
    chmodSync(path, 0o640);
    addToken(path, 'b');
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('a change keeps hash, scope, name and times of a token, and never the token', () => {
    const path = newTokenFile();
    const end = new Date('2999-01-01T00:00:00Z');
    const token = createToken(path, { name: 'a', scope: 'control', expiresAt: end });
    expect(token).toMatch(/^rcspgw_[A-Za-z0-9_-]{43}$/);
    const text = readFileSync(path, 'utf8');
    expect(text).not.toContain(token.slice('rcspgw_'.length));
    expect(readTokens(path)).toEqual([
      {
        name: 'a',
        scope: 'control',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        createdAt: expect.any(String),
        expiresAt: end.toISOString(),
      },
    ]);
  });

  test('a change leaves a file of mode 0600 whatever the umask, and nothing beside it', () => {
    const path = newTokenFile();
    const before = process.umask(0);
    try {
      addToken(path, 'a');
      addToken(path, 'b');
      revokeToken(path, 'a');
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => statSync(`${path}.lock`)).toThrow('ENOENT');
    expect(() => statSync(`${path}.new`)).toThrow('ENOENT');
  });

  test('a refused change leaves the file unchanged and no lock behind', () => {
    const path = newTokenFile();
    addToken(path, 'a');
    const text = readFileSync(path, 'utf8');
    expect(refusalOf(() => addToken(path, 'a'))).toMatch(/revoke it first, or choose another name/);
    expect(refusalOf(() => revokeToken(path, 'b'))).toContain('has no token "b"');
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(() => statSync(`${path}.lock`)).toThrow('ENOENT');
  });

  test('a change waits until a held lock is released', async () => {
    const path = newTokenFile();
    writeFileSync(`${path}.lock`, '');
    const [creating] = creators(path, ['a']);
    creating!.go();
    await creating!.isAtWork;
    rmSync(`${path}.lock`);
    expect(await creating!.ended).toBe('made');
    expect(readTokens(path)).toHaveLength(1);
  });
});

interface Creator {
  /** Lets all of them go. */
  readonly go: () => void;
  readonly isAtWork: Promise<unknown>;
  /** `made`, or why not. */
  readonly ended: Promise<string>;
}

const CREATOR = `
  const { parentPort, workerData: { module, path, name, gate } } = require('node:worker_threads');
  import(module).then(({ createToken }) => {
    parentPort.postMessage('ready');
    const cell = new Int32Array(gate);
    Atomics.wait(cell, 0, 0);
    try {
      createToken(path, { name, scope: 'read', expiresAt: null });
      parentPort.postMessage('made');
    } catch (error) {
      parentPort.postMessage(error.message);
    }
  });
`;

/** Threads of the built program that make a token each, at the same instant. */
function creators(path: string, names: readonly string[]): Creator[] {
  const gate = new SharedArrayBuffer(4);
  const module = pathToFileURL(join(PACKAGE_ROOT, 'dist', 'src', 'access', 'token-file.js')).href;
  return names.map((name) => {
    const worker = new Worker(CREATOR, { eval: true, workerData: { module, path, name, gate } });
    const messages: string[] = [];
    let onReady: (value: unknown) => void = () => undefined;
    const isAtWork = new Promise((resolve) => (onReady = resolve));
    const ended = new Promise<string>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('message', (text: string) => {
        messages.push(text);
        onReady(text);
        if (text !== 'ready') resolve(text);
      });
    });
    return { go: () => wake(gate), isAtWork, ended };
  });
}

function wake(gate: SharedArrayBuffer): void {
  const cell = new Int32Array(gate);
  Atomics.store(cell, 0, 1);
  Atomics.notify(cell, 0);
}

test('a stale lock is broken by one process only, and no created token is lost', async () => {
  const names = ['a', 'b', 'c'];
  for (let round = 0; round < 8; round += 1) {
    const path = newTokenFile();
    writeFileSync(`${path}.lock`, '');
    utimesSync(`${path}.lock`, new Date(0), new Date(0));
    const all = creators(path, names);
    await Promise.all(all.map((each) => each.isAtWork));
    all[0]?.go();
    const ended = await Promise.all(all.map((each) => each.ended));
    const kept = readTokens(path).map(({ name }) => name);
    expect([ended, kept.sort()], `round ${round}`).toEqual([['made', 'made', 'made'], names]);
  }
});
