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

/** What a command loads: packages by name, and its own files below `src/`. */
async function loadedBy(
  args: readonly string[],
): Promise<{ code: number | null; packages: string[]; own: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'rcsp-loaded-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'urls');
  const { code } = await run(args, { LOADED: file, NODE_OPTIONS: `--import=${inUrl(REGISTER)}` });
  const urls = readFileSync(file, 'utf8').split('\n');
  const found = (pattern: RegExp): string[] => [
    ...new Set(urls.flatMap((url) => pattern.exec(url)?.[1] ?? [])),
  ];
  return {
    code,
    packages: found(/\/node_modules\/((?:@[^/]+\/)?[^/]+)\//),
    own: found(/\/dist\/src\/(.*)$/),
  };
}

describe('the command line loads no more than it needs', () => {
  test('--version loads commander alone', async () => {
    const { code, packages, own } = await loadedBy(['--version']);
    expect([code, packages]).toEqual([0, ['commander']]);
    expect(own.filter((path) => !/^(?:cli|util)\//.test(path))).toEqual(['config/config-error.js']);
  });

  test('call loads commander alone, and neither the catalog nor the settings', async () => {
    const { gateway } = await startBoth();
    const { code, packages, own } = await loadedBy([
      'call',
      'GetDeviceName',
      'DeviceId=1',
      '--url',
      gateway.url,
    ]);
    expect([code, packages]).toEqual([0, ['commander']]);
    expect(own.filter((path) => !/^(?:cli|util|wire)\//.test(path))).toEqual(['config/config-error.js']);
  });

  test('watch loads commander alone', async () => {
    const { gateway } = await startBoth();
    const { code, packages, own } = await loadedBy([
      'watch',
      'Nobody/Nothing',
      '--url',
      `${gateway.url}/nowhere`,
    ]);
    expect([code, packages]).toEqual([1, ['commander']]);
    expect(own).not.toContain('config/settings.js');
  });

  test('token list loads zod, for its file, and no settings', async () => {
    const { code, packages, own } = await loadedBy(['token', 'list', '--tokens', '/nowhere/tokens.json']);
    expect(code).toBe(0);
    expect(packages.toSorted()).toEqual(['commander', 'zod']);
    expect(own).not.toContain('config/settings.js');
  });
});
