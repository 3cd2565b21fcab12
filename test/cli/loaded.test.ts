// @module-tag extended
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { run } from '../support/cli.js';
import { startBoth } from '../support/gateway.js';

/** Appends the URL of each module that is loaded to the file that LOADED names. */
const HOOK = `
import { appendFileSync } from 'node:fs';
export async function load(url, context, next) {
  appendFileSync(process.env.LOADED, url + '\\n');
  return next(url, context);
}`;
const inUrl = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;
const REGISTER = `import { register } from 'node:module'; register(${JSON.stringify(inUrl(HOOK))});`;

/** What a command loads: packages by name, and the parts of the bundle, of which `schemas` holds zod. */
async function loadedBy(
  args: readonly string[],
): Promise<{ code: number | null; packages: string[]; parts: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'rcsp-loaded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'urls');
  const { code } = await run(args, { LOADED: file, NODE_OPTIONS: `--import=${inUrl(REGISTER)}` });
  const urls = readFileSync(file, 'utf8').split('\n');
  expect(urls.filter((url) => /\/dist\/src\/(?!cli\/(?:main|parts\/))/.test(url))).toEqual([]);
  const found = (pattern: RegExp): string[] => [
    ...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? [])),
  ];
  return {
    code,
    packages: found(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
    parts: found(/\/dist\/src\/cli\/parts\/(.*)\.js$/),
  };
}

/** Parts that take their time. */
const LARGE = ['catalog', 'config', 'schemas', 'server', 'simulator'];

describe('the command line loads no more than it needs', () => {
  test('--version loads commander alone', async () => {
    const { code, packages, parts } = await loadedBy(['--version']);
    expect([code, packages]).toEqual([0, ['commander']]);
    expect(parts.filter((part) => LARGE.includes(part))).toEqual([]);
  });

  test('call loads commander alone, and neither the catalog nor the settings', async () => {
    const { gateway } = await startBoth();
    const { code, packages, parts } = await loadedBy([
      'call',
      'GetDeviceName',
      'DeviceId=1',
      '--url',
      gateway.url,
    ]);
    expect([code, packages]).toEqual([0, ['commander']]);
    expect(parts.filter((part) => LARGE.includes(part))).toEqual([]);
  });

  test('watch loads commander alone', async () => {
    const { gateway } = await startBoth();
    const { code, packages, parts } = await loadedBy([
      'watch',
      'Nobody/Nothing',
      '--url',
      `${gateway.url}/nowhere`,
    ]);
    expect([code, packages]).toEqual([1, ['commander']]);
    expect(parts.filter((part) => LARGE.includes(part))).toEqual([]);
  });

  test('token list loads zod, for its file, and no settings', async () => {
    const { code, packages, parts } = await loadedBy(['token', 'list', '--tokens', '/nowhere/tokens.json']);
    expect([code, packages]).toEqual([0, ['commander']]);
    expect(parts.filter((part) => LARGE.includes(part))).toEqual(['schemas']);
  });

  test('serve leaves what its first answer does not need', async () => {
    const { gateway } = await startBoth();
    // A port in use ends it once everything is loaded.
    const { code, packages, parts } = await loadedBy(['serve', '--listen', new URL(gateway.url).host]);
    expect(code).toBe(2);
    expect(parts).toContain('server');
    expect(parts).not.toContain('simulator');
    const later = ['prom-client', 'pino-pretty', 'rate-limiter-flexible', 'node-datachannel', 'zod'];
    expect(packages.filter((name) => later.includes(name) || name.startsWith('@nats-io/'))).toEqual([]);
    expect(packages).toContain('fastify');
  });
});
