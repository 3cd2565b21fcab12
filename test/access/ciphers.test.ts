// @module-tag extended
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { makeCertificate, temporaryFolder } from '../support/access.js';
import { Cli } from '../support/cli.js';

async function start(): Promise<string> {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder, 'gateway');
  const cli = new Cli(
    ['serve', '--simulate', '--listen', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key],
    { XDG_CONFIG_HOME: folder },
  );
  const url = await cli.printed(/^listening on (https:\/\/127\.0\.0\.1:\d+)$/m);
  return new URL(url).host;
}

test('below TLS 1.3 only ECDHE with authenticated encryption is taken', { timeout: 60_000 }, async () => {
  const host = await start();
  const taken = (...args: readonly string[]): boolean =>
    spawnSync('openssl', ['s_client', '-connect', host, ...args], { input: '', timeout: 10_000 }).status ===
    0;
  expect(taken('-tls1_3')).toBe(true);
  expect(taken('-tls1_2')).toBe(true);
  for (const cipher of [
    'AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-SHA',
    'ECDHE-ECDSA-AES128-SHA',
    'AES256-SHA',
    'DHE-RSA-AES128-GCM-SHA256',
  ])
    expect([cipher, taken('-tls1_2', '-cipher', cipher)]).toEqual([cipher, false]);
  expect(taken('-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0')).toBe(false);
});
