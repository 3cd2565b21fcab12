import { describe, expect, test } from 'vitest';
import { createLink } from '../../src/access/sign-in-links.js';
import { HttpOnlyProxy } from '../client/http-only-proxy.js';
import { cannotUseFirefox, useFirefox } from '../support/firefox.js';
import type { FirefoxPage } from '../support/firefox.js';
import { startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';

const STRIP = '[aria-label="Readiness"]';

/** The main paths of the page in a second engine; the files beside this one test each view in Chromium. */
describe.skipIf(cannotUseFirefox('the page in Firefox'))('in Firefox', () => {
  const openPage = useFirefox();

  test('the overview shows the devices and the verdict', async () => {
    const { gateway, simulator } = await startBoth();
    const page = await openPage();
    await page.goto(gateway.url);
    for (const { name } of simulator.world.devices.values()) await page.sees('article', name);
    await page.shows(STRIP, /Check first.*Suit, Left glove and Right glove are not calibrated/);
    for (const id of [1, 2, 3]) await gateway.post(`/v1/devices/${id}/calibrate`);
    await page.shows(STRIP, /Ready to roll/);
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: 2 });
    await page.shows(STRIP, /Not ready.*Left glove gone for 0:\d\d/);
    await page.shows('title', /^✕ Devices – /);
    expect(page.complaints).toEqual([]);
  });

  test("an update's progress stands on the device's card and on its page", async () => {
    const { gateway } = await startBoth({}, { speed: 0.5 });
    const page = await openPage();
    await page.goto(gateway.url);
    await page.sees('article', 'Suit');
    await gateway.ask('POST', '/v1/devices/1/firmware', {
      body: { FwPath: 'suit.bin' },
      headers: { prefer: 'respond-async' },
    });
    await page.shows('article[data-update]', /Suit.*Updating \d+ %/);
    await page.click('link', 'Suit');
    await page.shows('main', /Updating, \d+ %/);
  });

  test('a setting is changed and a device is renamed', async () => {
    const { gateway, simulator } = await startBoth();
    const page = await openPage();
    await page.goto(`${gateway.url}/#/devices/4`);
    await page.click('button', '5');
    await page.shows('main', /Saved\. It is on channel 5\./);
    expect(simulator.world.device(4).emfChannel).toBe(5);
    await page.fill('[aria-label="Device name"]', 'Coil of stage A');
    await page.page.keyboard.press('Enter');
    await page.shows('main h1', /^Coil of stage A$/);
    expect(simulator.world.device(4).name).toBe('Coil of stage A');
    expect(page.complaints).toEqual([]);
  });

  test('events arrive live, and again after a reconnect', async () => {
    const { gateway, simulator } = await startBoth();
    const page = await openPage();
    await page.goto(`${gateway.url}/#/events`);
    await until(() => [...gateway.app.hub.subscribers].some(({ modes }) => modes.has('Logs/Info')));
    simulator.emit('Logs', 'Info', { LogMsg: 'here I am' });
    await page.shows('[aria-label="Events"]', /here I am/);
    gateway.app.eventClients.clients.close();
    simulator.emit('Logs', 'Info', { LogMsg: 'said meanwhile' });
    await page.shows('[aria-label="Events"]', /said meanwhile/);
  });

  test('a token signs in, and so does a link', async () => {
    const tokens = makeTokens({ anna: 'control', viewer: 'read' });
    const { gateway } = await startBoth({ tokens: tokens.file });
    const page = await openPage();
    await page.goto(gateway.url);
    await page.fill('input[type="password"]', 'rcspgw_wrong');
    await page.click('button', 'Sign in');
    await page.shows('[role="alert"]', /The gateway does not know this token/);
    await page.fill('input[type="password"]', tokens.of.viewer);
    await page.click('button', 'Sign in');
    await page.sees('button', 'viewer · may look');
    const other = await openPage();
    await other.goto(`${gateway.url}/#sign-in=${createLink(tokens.file, 'anna')}`);
    await other.shows('header', /anna\.[a-z2-9]{4} · control/);
    expect(new URL(other.page.url()).hash).toBe('#/');
  });

  test('the console runs a command', async () => {
    const { gateway } = await startBoth();
    const page = await openPage();
    await page.goto(`${gateway.url}/#/console/GetDeviceName`);
    await page.shows('main', /Ready to send\./);
    await page.click('button', 'Send GetDeviceName');
    await page.shows('[aria-labelledby="console-answer"]', /200.*DeviceName.*Suit/s);
    expect(page.complaints).toEqual([]);
  });

  test('the API explorer opens', async () => {
    const { gateway } = await startBoth();
    const page = await openPage();
    await page.goto(`${gateway.url}/docs/`);
    await page.shows('.opblock', /GET/);
    expect(page.complaints).toEqual([]);
  });

  test('the client calls and hears events over a WebSocket', async () => {
    const { gateway, simulator } = await startBoth();
    const page = await openPage();
    await page.goto(`${gateway.url}/live`);
    expect(await connect(page)).toBe('websocket');
    await hears(page, gateway, () => simulator.emit('Logs', 'Info', { LogMsg: 'one' }));
  });

  test('the client calls and hears server-sent events where WebSockets are blocked', async () => {
    const { gateway, simulator } = await startBoth();
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const page = await openPage();
    await page.goto(`${proxy.url}/live`);
    expect(await connect(page)).toBe('http');
    await hears(page, gateway, () => simulator.emit('Logs', 'Info', { LogMsg: 'one' }));
  });
});

/** Makes a client in the page; the result is its transport. */
function connect({ page }: FirefoxPage): Promise<unknown> {
  return page.evaluate(`(async () => {
    const { RcspClient } = await import('/client.js');
    globalThis.studio = new RcspClient();
    return new Promise((resolve) => studio.on('state', ({ state, transport }) => state === 'open' && resolve(transport)));
  })()`);
}

async function hears({ page }: FirefoxPage, gateway: Gateway, emit: () => void): Promise<void> {
  expect(await page.evaluate(`studio.call('ListDevices').then(({ Devices }) => Devices.length)`)).toBe(4);
  await page.evaluate(`(async () => {
    globalThis.heard = [];
    await studio.subscribe('Logs/Info', ({ event }) => heard.push(event.EventData.LogMsg)).ready;
  })()`);
  await until(() => [...gateway.app.hub.subscribers].some(({ modes }) => modes.has('Logs/Info')));
  emit();
  await until(async () => (await page.evaluate('heard.length')) === 1);
  expect(await page.evaluate('heard')).toEqual(['one']);
}
