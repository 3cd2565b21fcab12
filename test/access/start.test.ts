// @module-tag extended
import { createHash } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addToken, bare, bearer, newTokenFile, temporaryFolder } from '../support/access.js';
import { Cli, run } from '../support/cli.js';
import type { Ended } from '../support/cli.js';
import { until } from '../support/gateway.js';

const ONE_LINE = /^rcsp-gateway: [^\n]+\n$/;

function start(...args: string[]): Promise<Ended> {
  return run(['serve', '--simulate', ...args], { XDG_CONFIG_HOME: temporaryFolder() });
}

function expectRefused({ code, stdout, stderr }: Ended, ...says: string[]): void {
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(ONE_LINE);
  for (const each of says) expect(stderr).toContain(each);
}

describe('beyond loopback', () => {
  test.each(['0.0.0.0:0', '[::]:0'])(
    '%s without tokens does not start, and says what to do',
    async (listen) => {
      expectRefused(await start('--listen', listen), `--listen ${listen}`, 'token create', '--no-auth');
    },
  );

  test('it does not start with tokens that are all expired', async () => {
    const file = newTokenFile();
    addToken(file, 'old', 'admin', new Date(Date.now() - 1000));
    expectRefused(await start('--listen', '0.0.0.0:0', '--tokens', file), file, 'token create', '--no-auth');
  });

  test('it starts with a token, which is then needed', async () => {
    const file = newTokenFile();
    const token = addToken(file, 'a');
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    const cli = new Cli(['serve', '--simulate', '--listen', '0.0.0.0:0', '--tokens', file], env);
    const port = await cli.printed(/^listening on http:\/\/0\.0\.0\.0:(\d+)$/m);
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await bare(`http://127.0.0.1:${port}`, 'GET', '/v1/jobs', { host: '127.0.0.1', ...headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask(bearer(token))).toBe(200);
    expect(cli.stdout + cli.stderr).not.toContain(token);
  });

  test('it starts with the hash of a token from the environment, which is then needed', async () => {
    const token = addToken(newTokenFile(), 'unused');
    const hash = createHash('sha256').update(token).digest('hex');
    const env = { XDG_CONFIG_HOME: temporaryFolder(), RCSP_GATEWAY_TOKEN_HASHES: `page:read:${hash}\n` };
    const cli = new Cli(['serve', '--simulate', '--listen', '0.0.0.0:0'], env);
    const port = await cli.printed(/^listening on http:\/\/0\.0\.0\.0:(\d+)$/m);
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (await bare(`http://127.0.0.1:${port}`, 'GET', '/v1/jobs', { host: '127.0.0.1', ...headers })).status;
    expect(await ask({})).toBe(401);
    expect(await ask(bearer(token))).toBe(200);
  });

  test('it starts with a file of tokens that others may read, and logs a warning', async () => {
    const file = newTokenFile();
    addToken(file, 'a');
    chmodSync(file, 0o444);
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    const cli = new Cli(['serve', '--simulate', '--listen', '127.0.0.1:0', '--tokens', file], env);
    await cli.printed(/^(listening on .*)$/m);
    await until(() => cli.stderr.includes(`--tokens ${file} may be read by others`));
  });

  test('it starts with --no-auth', async () => {
    const env = { XDG_CONFIG_HOME: temporaryFolder() };
    const cli = new Cli(['serve', '--simulate', '--listen', '0.0.0.0:0', '--no-auth'], env);
    const port = await cli.printed(/^listening on http:\/\/0\.0\.0\.0:(\d+)$/m);
    const { status } = await bare(`http://127.0.0.1:${port}`, 'GET', '/v1/jobs', { host: '127.0.0.1' });
    expect(status).toBe(200);
  });
});

describe('on loopback', () => {
  test('it does not start with a file of tokens that is missing or holds none', async () => {
    const empty = newTokenFile();
    writeFileSync(empty, '{"version":1,"tokens":[]}', { mode: 0o600 });
    for (const file of [empty, newTokenFile()]) {
      expectRefused(
        await start('--listen', '127.0.0.1:0', '--tokens', file),
        `--tokens ${file}`,
        'token create',
        '--no-auth',
      );
    }
  });

  test.each([
    ['may be written by others', '{"version":1,"tokens":[]}', 0o602, 'chmod go-w'],
    ['is no JSON', '{', 0o600, 'is not JSON'],
    ['has an unknown form', '{"tokens":{}}', 0o600, 'is no file of tokens'],
  ])('it does not start with a file of tokens that %s', async (_, text, mode, says) => {
    const file = newTokenFile();
    writeFileSync(file, text);
    chmodSync(file, mode);
    expectRefused(await start('--listen', '127.0.0.1:0', '--tokens', file), `--tokens ${file}`, says);
  });
});
