// @module-tag extended
import { networkInterfaces } from 'node:os';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';

/** Chromium finds no candidates where there is nothing but loopback. */
function hasNoNetwork(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  if (process.env['CI'] || all.some(({ internal }) => !internal)) return false;
  process.stderr.write('skipped: data channels of Chromium, because there is no network but loopback\n');
  return true;
}

/** Makes a client in the page, and tells how it opened: its transport, and the reason for that. */
function openClient(page: Page, options: object): Promise<unknown> {
  return page.evaluate(`(async () => {
    const { RcspClient } = await import('/client.js');
    globalThis.studio = new RcspClient(${JSON.stringify(options)});
    const opened = new Promise((resolve) => studio.on('state', (event) => event.state === 'open' && resolve(event)));
    const { transport, cause } = await opened;
    return { transport, detail: cause?.detail };
  })()`);
}

function kinds(gateway: Gateway): ReadonlyMap<string, number> {
  return gateway.app.eventClients.clients.countByKind;
}

describe.skipIf(cannotBrowse('data channels in a browser') || hasNoNetwork())(
  'the client over WebRTC',
  () => {
    const openPage = useBrowser();

    test('calls, and hears events over a data channel', async () => {
      const tokens = makeTokens({ anna: 'control' });
      const { gateway, simulator } = await startBoth({ rtc: true, tokens: tokens.file });
      const { page } = await openPage();
      await page.goto(`${gateway.url}/live`);
      const options = { transport: 'webrtc', token: tokens.of.anna };
      expect(await openClient(page, options)).toEqual({ transport: 'webrtc' });
      await until(() => kinds(gateway).get('webrtc') === 1);
      expect(await page.evaluate(`studio.call('ListDevices').then(({ Devices }) => Devices.length)`)).toBe(4);
      await page.evaluate(`(async () => {
      globalThis.heard = [];
      await studio.subscribe('Logs/Info', ({ event }) => heard.push(event.EventData.n)).ready;
    })()`);
      simulator.emit('Logs', 'Info', { n: 1 });
      await until(async () => (await page.evaluate('heard.length')) === 1);
      await page.evaluate('studio.close()');
      await until(() => gateway.app.eventClients.clients.count === 0);
    });

    test('falls back to a WebSocket, and tells why', async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage();
      await page.goto(`${gateway.url}/live`);
      expect(await openClient(page, { transport: 'webrtc' })).toEqual({
        transport: 'websocket',
        detail: 'The gateway offers no data channels (404).',
      });
      expect(kinds(gateway).get('websocket')).toBe(1);
    });

    test('is used by the page where its address asks for it', async () => {
      const { gateway } = await startBoth({ rtc: true });
      const { page } = await openPage();
      await page.goto(`${gateway.url}/?transport=webrtc`);
      await until(() => kinds(gateway).get('webrtc') === 1);
      await page.goto(`${gateway.url}/`);
      await until(() => kinds(gateway).get('websocket') === 1 && (kinds(gateway).get('webrtc') ?? 0) === 0);
    });
  },
);
