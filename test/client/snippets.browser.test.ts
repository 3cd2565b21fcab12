// @module-tag extended
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, startBoth, until } from '../support/gateway.js';

const DEFAULT_URL = 'http://127.0.0.1:8080';

/** Each is shown by a page of docs/, which `npm run readme` keeps equal to the file. */
const EXAMPLES = {
  vanilla: 'examples/browser/index.html',
  node: 'examples/node/studio.mjs',
  react: 'examples/react/use-latest.tsx',
  keyboard: 'examples/browser/keyboard.js',
  python: 'examples/python/studio.py',
} as const;

function read(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}

function snippet(name: keyof typeof EXAMPLES): string {
  return read(EXAMPLES[name]);
}

/** The code after `<!-- snippet:name -->` in a document. */
function shown(document: string, name: string): string {
  const code = new RegExp(`<!-- snippet:${name} -->\\s*\`\`\`\\w+\\n(.*?)\\n\`\`\``, 's').exec(
    read(document),
  )?.[1];
  if (code === undefined) throw new Error(`${document} has no snippet "${name}"`);
  return code;
}

test.each(['vanilla', 'node', 'react', 'keyboard', 'python'] as const)('docs/clients.md shows %s', (name) => {
  expect(snippet(name)).toContain('ubscri');
  expect(read('docs/clients.md')).toContain(`<!-- file:${EXAMPLES[name]} -->`);
});

test('the snippet for Python names the header argument of either version of websockets', () => {
  const code = snippet('python');
  expect(code).toContain('int(websockets.__version__.split(".")[0]) >= 14');
  expect(code).toContain('"additional_headers" if IS_NEW else "extra_headers"');
  expect(read('docs/clients.md')).toContain('`pip install websockets` (9 to 15;');
});

test('the snippet for Node runs', async () => {
  const { gateway } = await startBoth();
  // Before Node 22.
  const global = "import { WebSocket as Socket } from 'ws';\nglobalThis.WebSocket ??= Socket;\n";
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', global + snippet('node')], {
    cwd: PACKAGE_ROOT,
    env: { ...process.env, GATEWAY: gateway.url },
    timeout: 15_000,
  });
  expect(stdout).toContain('DeviceEvents/Connected');
});

describe.skipIf(cannotBrowse('snippets in a browser'))('in Chromium', () => {
  const openPage = useBrowser();

  test('the page runs', async () => {
    let html = '';
    const server = http.createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end(html);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { gateway, simulator } = await startBoth({ allowedOrigin: [origin] });
    html = snippet('vanilla').replaceAll(DEFAULT_URL, gateway.url);
    const { page, complaints } = await openPage();
    await page.goto(origin);
    await page.waitForFunction(() => document.querySelector('#name')?.textContent === 'Suit');
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    await until(() => [...gateway.app.hub.subscribers].some(({ modes }) => modes.get('Logs/Info') === 'all'));
    simulator.emit('Logs', 'Info', { LogMsg: 'hello' });
    await page.waitForFunction(() => document.querySelector('#log')?.textContent === 'Logs/Info: hello\n');
    expect(complaints).toEqual([]);
  });

  test("the README's few lines of client.js run", async () => {
    const { gateway, simulator } = await startBoth();
    const { page, complaints } = await openPage();
    // The gateway's own pages run no script within them.
    await page.goto(`${gateway.url}/live`);
    const lines: string[] = [];
    page.on('console', (message) => lines.push(message.text()));
    const code = shown('README.md', 'short').replace(
      /import (.*) from '[^']*(\/client.js)';/,
      "const $1 = await import('$2');",
    );
    void page.evaluate(`(async () => { ${code.replaceAll(DEFAULT_URL, gateway.url)} })(); 0`);
    await page.waitForFunction(() => document.title === 'Suit');
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { LogMsg: 'hello' });
    await until(() => lines.includes('Logs/Info hello'));
    expect(lines).toContain('connection: open');
    expect(complaints).toEqual([]);
  });

  test('the lines for a bare WebSocket run', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(`${gateway.url}/live`);
    const lines: string[] = [];
    page.on('console', (message) => {
      void Promise.all(message.args().map((each) => each.jsonValue())).then((values) =>
        lines.push(JSON.stringify(values)),
      );
    });
    const code = shown('docs/events.md', 'socket').replace(
      'ws://127.0.0.1:8080',
      gateway.url.replace('http', 'ws'),
    );
    await page.evaluate(`${code}; 0`);
    await until(() => lines.some((line) => line.includes('"response":{"DeviceName":"Suit"}')));
    await until(() => lines.some((line) => line.includes('"op":"subscribed"')));
  });

  test('in Chromium keys are bound to commands', async () => {
    const { gateway, simulator } = await startBoth();
    const count = counting(simulator);
    const { page, complaints } = await openPage();
    // The gateway's own pages run no script within them.
    await page.goto(`${gateway.url}/live`);
    const code = snippet('keyboard').replace(
      /import (.*) from (.*);/,
      'const $1 = await import($2); self.ready = 1;',
    );
    void page.evaluate(`(async () => { ${code} })(); 0`);
    await until(async () => (await page.evaluate('self.ready')) === 1);
    await page.keyboard.press('x');
    await page.keyboard.press('g');
    await until(() => count('SetColorLed') === 1);
    expect(complaints).toEqual([]);
  });
});
