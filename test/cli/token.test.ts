// @module-tag extended
import { chmodSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addToken, newTokenFile, temporaryFolder } from '../support/access.js';
import { run } from '../support/cli.js';
import type { Ended } from '../support/cli.js';

const ONE_LINE = /^rcsp-gateway: [^\n]+\n$/;
const TOKEN = /^rcspgw_[A-Za-z0-9_-]{43}\n$/;

interface Kept {
  readonly version: number;
  readonly tokens: readonly Readonly<Record<string, unknown>>[];
}

function kept(file: string): Kept {
  return JSON.parse(readFileSync(file, 'utf8')) as Kept;
}

function create(file: string, name: string, ...more: readonly string[]): Promise<Ended> {
  return run(['token', 'create', '--name', name, '--scope', 'read', '--tokens', file, ...more]);
}

describe('token create', () => {
  test('token create prints the token once on standard output and nothing else; the file never holds it', async () => {
    const file = newTokenFile();
    const { code, stdout, stderr } = await create(file, 'page');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(TOKEN);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(stdout.trim());
    expect(text).not.toContain(stdout.trim().replace('rcspgw_', ''));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(kept(file)).toMatchObject({
      version: 1,
      tokens: [{ name: 'page', scope: 'read', expiresAt: null }],
    });
  });

  test('token create makes another token for each name', async () => {
    const file = newTokenFile();
    const made = await Promise.all([create(file, 'a'), create(file, 'b')]);
    expect(made.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(new Set(made.map(({ stdout }) => stdout)).size).toBe(2);
  });

  test('token create makes the folder that the file is to be in, closed to others', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'deep', 'er', 'tokens.json');
    expect((await create(file, 'a')).code).toBe(0);
    expect(statSync(join(folder, 'deep', 'er')).mode & 0o777).toBe(0o700);
  });

  test('token create uses the file of the environment, and else one under the configuration folder', async () => {
    const [said, folder] = [newTokenFile(), temporaryFolder()];
    const args = ['token', 'create', '--name', 'a', '--scope', 'admin'];
    expect((await run(args, { RCSP_GATEWAY_TOKENS: said })).code).toBe(0);
    expect((await run(args, { XDG_CONFIG_HOME: folder })).code).toBe(0);
    expect(kept(said).tokens).toHaveLength(1);
    expect(kept(join(folder, 'rcsp-gateway', 'tokens.json')).tokens).toHaveLength(1);
  });

  test.each([
    ['45m', 45 * 60_000],
    ['12h', 12 * 3_600_000],
    ['30d', 30 * 86_400_000],
    ['8w', 8 * 7 * 86_400_000],
  ])('token create takes an expiry %s from now', async (when, expectedMs) => {
    const file = newTokenFile();
    const before = Date.now();
    expect((await create(file, 'a', '--expires', when)).code).toBe(0);
    const at = Date.parse(String(kept(file).tokens[0]?.['expiresAt']));
    expect(at).toBeGreaterThanOrEqual(before + expectedMs);
    expect(at).toBeLessThanOrEqual(Date.now() + expectedMs);
  });

  test.each([
    ['2999-01-31', '2999-01-31T00:00:00.000Z'],
    ['2999-01-31T12:00:00Z', '2999-01-31T12:00:00.000Z'],
    ['2999-01-31T12:00:00+02:00', '2999-01-31T10:00:00.000Z'],
  ])('token create takes the date %s', async (when, expected) => {
    const file = newTokenFile();
    expect((await create(file, 'a', '--expires', when)).code).toBe(0);
    expect(kept(file).tokens[0]?.['expiresAt']).toBe(expected);
  });
});

describe(
  'an unusable command line ends with 2 and a reason, and changes nothing',
  { tags: ['extended'] },
  () => {
    const BAD: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [['--name', 'a', '--scope', 'root'], /--scope.*read, control, admin/],
      [['--name', 'a'], /--scope/],
      [['--scope', 'read'], /--name/],
      [['--name', '', '--scope', 'read'], /--name.*letters, digits/],
      [['--name', 'two words', '--scope', 'read'], /--name.*letters, digits/],
      [['--name', 'x'.repeat(65), '--scope', 'read'], /--name.*64/],
      [['--name', 'a', '--scope', 'read', '--expires', '2001-01-01'], /--expires.*past/],
      [['--name', 'a', '--scope', 'read', '--expires', '0d'], /--expires.*past/],
      [['--name', 'a', '--scope', 'read', '--expires', 'soon'], /--expires.*30m, 12h, 30d, 8w or 2027-01-31/],
      [['--name', 'a', '--scope', 'read', '--expires', '-1d'], /--expires/],
      [['--name', 'a', '--scope', 'read', '--expires', '2999-02-31T99:00:00Z'], /--expires.*must be like/],
      [['--name', 'a', '--scope', 'read', '--expires', '2999-02-31'], /--expires.*must be like/],
      [['--name', 'a', '--scope', 'read', '--expires', '1.5h'], /--expires.*must be like/],
    ];

    test.each(BAD)('create %j', async (args, says) => {
      const file = newTokenFile();
      addToken(file, 'before');
      const text = readFileSync(file, 'utf8');
      const { code, stdout, stderr } = await run(['token', 'create', '--tokens', file, ...args]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^[^\n]+\n$/);
      expect(stderr).toMatch(says);
      expect(readFileSync(file, 'utf8')).toBe(text);
    });

    test('create with a name that is taken: the line says what to do', async () => {
      const file = newTokenFile();
      addToken(file, 'page');
      const text = readFileSync(file, 'utf8');
      const { code, stdout, stderr } = await create(file, 'page');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain(file);
      expect(stderr).toContain('"page"');
      expect(stderr).toMatch(/revoke it first, or choose another name/);
      expect(readFileSync(file, 'utf8')).toBe(text);
    });

    test('revoke of a name that is not there', async () => {
      const file = newTokenFile();
      addToken(file, 'page');
      const { code, stdout, stderr } = await run(['token', 'revoke', 'pages', '--tokens', file]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain('"pages"');
      expect(kept(file).tokens).toHaveLength(1);
    });

    test.each([
      ['is not JSON', '{"version":1,', 0o600],
      ['is no file of tokens', '{"version":2,"tokens":[]}', 0o600],
      ['chmod go-w', '{"version":1,"tokens":[]}', 0o602],
    ])('with a file that %s', async (says, text, mode) => {
      const file = newTokenFile();
      writeFileSync(file, text);
      chmodSync(file, mode);
      for (const args of [['list'], ['revoke', 'a'], ['create', '--name', 'a', '--scope', 'read']]) {
        const { code, stdout, stderr } = await run(['token', ...args, '--tokens', file]);
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toMatch(ONE_LINE);
        expect(stderr).toContain(file);
        expect(stderr).toContain(says);
      }
      expect(readFileSync(file, 'utf8')).toBe(text);
    });

    test('with a file whose folder cannot be made', async () => {
      const file = newTokenFile();
      writeFileSync(file, '');
      const { code, stdout, stderr } = await create(join(file, 'tokens.json'), 'a');
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain(file);
    });
  },
);

describe('token list', () => {
  test('token list shows name, scope, when made and when it ends, and nothing of the tokens', async () => {
    const file = newTokenFile();
    const secrets = [
      addToken(file, 'page'),
      addToken(file, 'operator', 'control', new Date('2999-01-01T00:00:00Z')),
      addToken(file, 'old', 'admin', new Date('2001-01-01T00:00:00Z')),
    ];
    const { code, stdout, stderr } = await run(['token', 'list', '--tokens', file]);
    expect([code, stderr]).toEqual([0, '']);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^NAME +SCOPE +MADE +EXPIRES$/);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(/^page +read +\d{4}-\S+Z +never$/);
    expect(rows[1]).toMatch(/^operator +control +\S+ +2999-01-01T00:00:00.000Z$/);
    expect(rows[2]).toMatch(/^old +admin +\S+ +expired 2001-01-01T00:00:00.000Z$/);
    for (const { sha256 } of kept(file).tokens) expect(stdout).not.toContain(String(sha256));
    for (const secret of secrets) expect(stdout).not.toContain(secret);
  });

  test('token list shows nothing and creates no file when the file is missing', async () => {
    const file = newTokenFile();
    const { code, stdout, stderr } = await run(['token', 'list', '--tokens', file]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^NAME +SCOPE +MADE +EXPIRES\n$/);
    expect(() => statSync(file)).toThrow('ENOENT');
  });
});

test('token revoke removes one token and confirms it', async () => {
  const file = newTokenFile();
  for (const name of ['a', 'b', 'c']) addToken(file, name);
  const ended = await run(['token', 'revoke', 'b', '--tokens', file]);
  expect(ended).toEqual({ code: 0, stdout: 'revoked b\n', stderr: '' });
  expect(kept(file).tokens.map(({ name }) => name)).toEqual(['a', 'c']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

describe('processes that change the file at once', { tags: ['extended'] }, () => {
  const NAMES = Array.from({ length: 8 }, (_, i) => `token-${i}`);

  test('processes that change the file at once processes that create tokens at once lose none', async () => {
    const file = newTokenFile();
    const made = await Promise.all(NAMES.map((name) => create(file, name)));
    expect(made.map(({ stderr }) => stderr).join('')).toBe('');
    expect(
      kept(file)
        .tokens.map(({ name }) => name)
        .sort(),
    ).toEqual(NAMES);
  });

  test('processes that change the file at once processes that create the same name make one token, and the others are refused', async () => {
    const file = newTokenFile();
    const made = await Promise.all([create(file, 'a'), create(file, 'a'), create(file, 'a')]);
    expect(made.map(({ code }) => code).sort()).toEqual([0, 2, 2]);
    expect(kept(file).tokens).toHaveLength(1);
  });

  test('processes that change the file at once processes break the lock of a dead process and lose no token', async () => {
    const file = newTokenFile();
    const lock = `${file}.lock`;
    writeFileSync(lock, '');
    utimesSync(lock, new Date(0), new Date(0));
    const made = await Promise.all(NAMES.map((name) => create(file, name)));
    expect(made.map(({ stderr }) => stderr).join('')).toBe('');
    expect(
      kept(file)
        .tokens.map(({ name }) => name)
        .sort(),
    ).toEqual(NAMES);
    expect(() => statSync(lock)).toThrow('ENOENT');
  });

  test('a process that meets a held lock ends with an error that names it', async () => {
    const file = newTokenFile();
    writeFileSync(`${file}.lock`, '');
    const { code, stdout, stderr } = await create(file, 'a');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain(`${file}.lock`);
  });
});
