// @module-tag extended
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createServer } from 'vite';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';

const FOLDER = join(PACKAGE_ROOT, 'examples', 'react');

test('react/ has no type errors', () => {
  const tsc = join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  expect(spawnSync(tsc, ['-p', FOLDER], { encoding: 'utf8' }).stdout).toBe('');
});

test('browser/keyboard.html loads the script for keys', () => {
  const html = readFileSync(join(PACKAGE_ROOT, 'examples', 'browser', 'keyboard.html'), 'utf8');
  expect(html).toContain('src="keyboard.js"');
});

describe.skipIf(cannotBrowse('examples in a browser'))('in Chromium', () => {
  const openPage = useBrowser();

  test('react/ shows the newest event of a channel, through the proxy of its development server', async () => {
    const port = await freePort();
    const origin = `http://localhost:${port}`;
    const { gateway, simulator } = await startBoth({ allowedOrigin: [origin] });
    vi.stubEnv('GATEWAY', gateway.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const server = await createServer({
      root: FOLDER,
      configFile: join(FOLDER, 'vite.config.js'),
      logLevel: 'error',
      cacheDir: join(PACKAGE_ROOT, 'node_modules', '.vite-examples'),
      server: { host: 'localhost', port, strictPort: true },
    });
    onTestFinished(() => server.close());
    await server.listen();
    const { page } = await openPage();
    await page.goto(origin);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { LogMsg: 'hello' });
    await page.waitForFunction(() => document.querySelector('output')?.textContent === '{"LogMsg":"hello"}');
  });
});
