import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import Fastify from 'fastify';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { clientScriptRoute } from '../../routes/client-script-route.js';
import type * as Client from '../../src/client/index.js';
import type { KeyEvent } from '../../src/client/index.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { headers } from '../../src/plugins/headers.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';

const PATH = join(PACKAGE_ROOT, 'dist', 'client', 'client.js');
const MAX_BYTES = 8192;

describe('the bundle', () => {
  test('the bundle is small, and needs nothing else', () => {
    const text = readFileSync(PATH, 'utf8');
    expect(gzipSync(text).length).toBeLessThan(MAX_BYTES);
    expect(text).not.toMatch(/^\s*import\b|\bimport\s*\(|\brequire\s*\(|\bfrom\s*["']/m);
    expect(text).toMatch(/export\s*\{/);
  });

  test('the bundle has its types', () => {
    expect(existsSync(join(PACKAGE_ROOT, 'dist', 'src', 'client', 'index.d.ts'))).toBe(true);
  });

  test('the bundle runs in this Node, or in one that has a WebSocket', async () => {
    const { gateway } = await startBoth();
    const script = `
      import { RcspClient } from ${JSON.stringify(PATH)};
      if (globalThis.WebSocket === undefined) globalThis.WebSocket = (await import('ws')).WebSocket;
      const studio = new RcspClient({ url: ${JSON.stringify(gateway.url)} });
      console.log((await studio.call('ListDevices')).Devices.length);
      studio.close();
    `;
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
      cwd: PACKAGE_ROOT,
    });
    expect(stdout.trim()).toBe('4');
  });
});

describe('GET /client.js', () => {
  test('GET /client.js is the bundle, for pages of elsewhere as well', async () => {
    const app = Fastify();
    onTestFinished(() => app.close());
    await app.register(headers, { isTls: false });
    clientScriptRoute(app);
    const answer = await app.inject('/client.js');
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toBe(readFileSync(PATH, 'utf8'));
    expect(answer.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-resource-policy': 'cross-origin',
    });
    const { etag } = answer.headers;
    const again = await app.inject({ url: '/client.js', headers: { 'if-none-match': `W/${etag}, "x"` } });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
    const head = await app.inject({ method: 'HEAD', url: '/client.js' });
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, '', etag]);
    expect(head.headers['content-length']).toBe(answer.headers['content-length']);
  });

  test('that was not built is missed aloud', async () => {
    const lines: string[] = [];
    const loggerInstance: FastifyBaseLogger = pino({}, { write: (line) => void lines.push(line) });
    const app = Fastify({ loggerInstance });
    onTestFinished(() => app.close());
    clientScriptRoute(app, join(PACKAGE_ROOT, 'no-such-folder', 'client.js'));
    expect(lines.join('')).toContain('npm run build');
    expect(await app.inject('/client.js')).toMatchObject({ statusCode: 404 });
  });
});

const PAGE = `<!doctype html><title>x</title><link rel="icon" href="data:,"><input id="field">
  <script type="module">
    import * as client from '/client.js';
    globalThis.client = client;
  </script>`;

/** A page of another origin than the gateway's, with the bundle beside it. */
async function servePage(): Promise<string> {
  const server = http.createServer((request, response) => {
    const isScript = request.url === '/client.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(isScript ? readFileSync(PATH) : PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface InPage {
  readonly client: typeof Client;
}

describe.skipIf(cannotBrowse('the client in a browser'))('in Chromium', () => {
  const openPage = useBrowser();

  async function openAt(url: string): Promise<OpenPage> {
    const opened = await openPage();
    await opened.page.goto(url);
    return opened;
  }

  test('a plain module script calls, hears, and comes back after being offline', async () => {
    const origin = await servePage();
    const { gateway, simulator } = await startBoth({ allowedOrigin: [origin] });
    const { page, complaints } = await openAt(origin);
    await page.addScriptTag({
      type: 'module',
      content: `
        import { RcspClient } from '/client.js';
        const studio = new RcspClient({ url: ${JSON.stringify(gateway.url)}, minBackoffMs: 20 });
        globalThis.studio = studio;
        globalThis.heard = [];
        const off = studio.subscribe('Logs/*', { mode: 'all' }, ({ event }) => heard.push(event.EventData.LogMsg));
        await off.ready;
        document.title = (await studio.call('GetDeviceName', { DeviceId: 1 })).DeviceName;
      `,
    });
    await page.waitForFunction(() => document.title === 'Suit');
    simulator.emit('Logs', 'Info', { LogMsg: 'one' });
    await page.waitForFunction(() => (globalThis as unknown as { heard: string[] }).heard.length === 1);
    gateway.app.eventClients.clients.close();
    simulator.emit('Logs', 'Info', { LogMsg: 'two' });
    await page.waitForFunction(() => (globalThis as unknown as { heard: string[] }).heard.length === 2);
    expect(await page.evaluate('globalThis.heard')).toEqual(['one', 'two']);
    expect(await page.evaluate('globalThis.studio.latencyMs')).toBeGreaterThan(0);
    expect(complaints).toEqual([]);
  });

  test("on the gateway's own page it needs no URL", async () => {
    const { gateway } = await startBoth();
    const { page } = await openAt(`${gateway.url}/live`);
    const devices: unknown = await page.evaluate(`(async () => {
      const { RcspClient } = await import('/client.js');
      const studio = new RcspClient();
      const { Devices } = await studio.call('ListDevices');
      studio.close();
      return Devices.length;
    })()`);
    expect(devices).toBe(4);
  });

  test('in Chromium keys: pressed once, let go once, and let go when nobody looks', async () => {
    const { page, complaints } = await openAt(await servePage());
    await page.evaluate(() => {
      const { Keyboard: Keys, Queue: Events } = (globalThis as unknown as InPage).client;
      const told: KeyEvent[] = [];
      const queue = new Events<KeyEvent>(100);
      const keyboard = new Keys();
      const off = keyboard.subscribe(queue.put);
      Object.assign(globalThis, { told, keyboard, off });
      void (async () => {
        for await (const event of queue) told.push(event);
      })();
    });
    const told = (): Promise<KeyEvent[]> => page.evaluate('globalThis.told');
    await page.keyboard.down('Shift');
    await page.keyboard.down('W');
    await page.keyboard.down('W');
    await page.keyboard.up('W');
    await page.keyboard.up('Shift');
    await until(async () => (await told()).length === 4);
    expect(await told()).toEqual([
      { type: 'keydown', key: 'Shift', keyCode: 16, altKey: false, shiftKey: true },
      { type: 'keydown', key: 'W', keyCode: 87, altKey: false, shiftKey: true },
      { type: 'keyup', key: 'W', keyCode: 87, altKey: false, shiftKey: true },
      { type: 'keyup', key: 'Shift', keyCode: 16, altKey: false, shiftKey: false },
    ]);
    await page.keyboard.down('ArrowUp');
    await page.keyboard.down('a');
    await page.evaluate(() => window.dispatchEvent(new Event('blur')));
    await page.keyboard.up('a');
    await until(async () => (await told()).length >= 8);
    expect((await told()).slice(4).map(({ type, key }) => `${type} ${key}`)).toEqual([
      'keydown ArrowUp',
      'keydown a',
      'keyup ArrowUp',
      'keyup a',
    ]);
    await page.evaluate('globalThis.off()');
    await page.keyboard.press('b');
    expect(await told()).toHaveLength(8);
    expect(complaints).toEqual([]);
  });

  test('in Chromium keys of one element only; closing lets go', async () => {
    const { page } = await openAt(await servePage());
    await page.evaluate(() => {
      const { Keyboard: Keys } = (globalThis as unknown as InPage).client;
      const told: string[] = [];
      const keyboard = new Keys({ target: document.querySelector('#field')! });
      keyboard.subscribe(({ type, key }) => told.push(`${type} ${key}`));
      Object.assign(globalThis, { told, keyboard });
    });
    await page.keyboard.press('x');
    await page.focus('#field');
    await page.keyboard.down('y');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    await page.keyboard.up('y');
    await page.focus('#field');
    await page.keyboard.down('z');
    await page.evaluate('globalThis.keyboard.close()');
    await page.keyboard.up('z');
    expect(await page.evaluate('globalThis.told')).toEqual(['keydown y', 'keyup y', 'keydown z', 'keyup z']);
  });

  test('subscribing to pads that the page cannot read throws one clear error', async () => {
    const { page, complaints } = await openAt(await servePage());
    const told = await page.evaluate(() => {
      Object.defineProperty(navigator, 'getGamepads', { value: undefined, configurable: true });
      const { Gamepad: Pads, setGamepadRate } = (globalThis as unknown as InPage).client;
      let text = '';
      setGamepadRate(100);
      try {
        new Pads().subscribe(() => undefined);
      } catch (error) {
        text = String(error);
      }
      return new Promise<string>((resolve) => setTimeout(() => resolve(text), 100));
    });
    expect(told).toBe(
      'Error: This page cannot read gamepads: the browser offers them to secure contexts only (HTTPS, or localhost).',
    );
    expect(complaints).toEqual([]);
  });

  test('in Chromium pads: only changes, a dead zone, coming and going', async () => {
    const { page, complaints } = await openAt(await servePage());
    await page.evaluate(() => {
      interface Fake {
        connected: boolean;
        index: number;
        axes: number[];
        buttons: { value: number }[];
      }
      const pads: (Fake | null)[] = [null];
      let looks = 0;
      Object.assign(navigator, {
        getGamepads: () => {
          looks += 1;
          return pads;
        },
      });
      const { Gamepad: Pads, setGamepadRate } = (globalThis as unknown as InPage).client;
      const told: string[] = [];
      const source = new Pads({ deadZone: 0.2 });
      const off = source.subscribe(({ type, value, pad }) => told.push(`${pad} ${type} ${value}`));
      setGamepadRate(200);
      Object.assign(globalThis, { pads, told, off, source, looks: () => looks });
    });
    const told = (): Promise<string[]> => page.evaluate('globalThis.told');
    const put = (pad: object | null): Promise<unknown> =>
      page.evaluate((next) => {
        (globalThis as unknown as { pads: unknown[] }).pads[1] = next;
        return new Promise((resolve) => setTimeout(resolve, 50));
      }, pad);
    const pad = { connected: true, index: 1, axes: [0.1, -0.5], buttons: [{ value: 0 }, { value: 1 }] };
    await put(pad);
    await put({ ...pad, axes: [0.15, -0.5] });
    await put({ ...pad, axes: [0.75, -0.5], buttons: [{ value: 0.25 }, { value: 0 }] });
    await put(null);
    expect(await told()).toEqual([
      '1 connected 1',
      '1 axis1 -0.5',
      '1 btn1 1',
      '1 axis0 0.75',
      '1 btn0 0.25',
      '1 btn1 0',
      '1 axis1 0',
      '1 axis0 0',
      '1 btn0 0',
      '1 disconnected 0',
    ]);
    await put(pad);
    await page.evaluate('globalThis.source.close()');
    expect((await told()).slice(10)).toEqual([
      '1 connected 1',
      '1 axis1 -0.5',
      '1 btn1 1',
      '1 axis1 0',
      '1 btn1 0',
    ]);
    const looks = await page.evaluate('globalThis.looks()');
    await put(null);
    expect(await page.evaluate('globalThis.looks()')).toBe(looks);
    expect(complaints).toEqual([]);
  });
});
