import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startBoth, startGateway, startScripted, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import {
  cardOf,
  expectNoComplaints,
  expectPresentable,
  shows,
  SocketMessage,
  studioOf,
} from '../support/page.js';

const FIRST_LOAD_BYTES = 200_000;
/** Milliseconds without a question after which the page has none left. */
const QUIET_MS = 1000;

describe.skipIf(cannotBrowse('the overview'))('the overview', () => {
  const openPage = useBrowser();

  test('a card for each device shows what the studio says of it', async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openPage();
    await opened.page.goto(gateway.url);
    for (const device of simulator.world.devices.values()) {
      const { Major, Minor, Patch, Build } = device.fwVersion;
      const card = cardOf(opened.page, device.name);
      await shows(card, `Type${device.type}`);
      await shows(card, `Connection${device.connectionType}`);
      await shows(card, `Firmware${[Major, Minor, Patch, Build].filter((part) => part != null).join('.')}`);
      await shows(card, `Updatable${device.updatable ? 'Yes' : 'No'}`);
      await shows(card, 'BootloaderNo');
      await shows(card, 'CalibratedNot known');
      await shows(card, /Last seen\d/);
    }
    await opened.page.getByText('4 connected').waitFor();
    await expectPresentable(opened, 'overview');
    expectNoComplaints(opened, gateway.url);
  });

  test('a card leads to the view of its device', async () => {
    const { page } = await openPage();
    await page.goto((await startBoth()).gateway.url);
    await page.getByRole('link', { name: 'Left glove' }).click();
    await page.waitForURL(/#\/devices\/2$/);
  });

  test("the panel shows the studio's state, address, version, system, running uptime and latency", async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    const asked = questionsOf(page);
    await page.goto(gateway.url);
    const panel = studioOf(page);
    await shows(panel, 'StateConnected');
    await shows(panel, /Address127\.0\.0\.1:\d+/);
    await shows(panel, 'Version1.0.0.0 (simulator)');
    await shows(panel, /LatencyGateway: (Under 1|\d+) ms\s*Studio: (Under 1|\d+) ms/);
    await shows(cardOf(page, 'Coil'), /Firmware\d/);
    await asked.quiet();
    expect(asked.all).toEqual(expect.arrayContaining(['GET /v1/info', 'ListDevices']));
    const before = asked.all.length;
    const uptime = panel.locator('dd', { hasText: /^\d+ s$/ }).first();
    const first = Number.parseInt(await uptime.innerText());
    await expect
      .poll(async () => Number.parseInt(await uptime.innerText()), { timeout: 20_000 })
      .toBeGreaterThan(first + 2);
    expect(asked.all.slice(before), 'asked by the clock').toEqual([]);
  });

  test('a real studio is shown as real', async () => {
    const version = { Major: 1, Minor: 0 };
    const info = {
      UpTimeSecs: 1,
      SupportedHeaderVersions: [1],
      AppVersion: version,
      GitSha: '5f1c0de',
      SystemName: 'Windows 11',
    };
    const { gateway } = await startScripted((server) => ({
      Info: (command) => server.ok(command, info),
      ListDevices: (command) => server.ok(command, { Devices: [] }),
    }));
    const { page } = await openPage();
    await page.goto(gateway.url);
    await studioOf(page).getByText('Real studio').waitFor();
    expect(await page.getByText('Simulated', { exact: true }).count()).toBe(0);
  });

  test('a standalone simulator is shown as a simulator', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await studioOf(page).getByText('Simulated', { exact: true }).waitFor();
  });

  test('a simulated studio is shown as simulated in the panel and above every view', async () => {
    const gateway = await startGateway(1, { simulate: true });
    const { page } = await openPage();
    await page.goto(gateway.url);
    await studioOf(page).getByText('Simulated', { exact: true }).waitFor();
    await page.goto(`${gateway.url}/#/events`);
    await page.getByRole('banner').getByText('Simulated').waitFor();
  });

  test('a device that disconnects greys out and says when, and comes back to life', async () => {
    const { gateway } = await startBoth();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    const card = cardOf(page, 'Left glove');
    await card.waitFor();
    await disconnect(gateway, 2);
    await shows(card, /Disconnected \d/);
    expect(await card.getAttribute('class')).toContain('stale');
    const when = Date.parse((await card.locator('time').first().getAttribute('datetime')) ?? '');
    expect(Math.abs(Date.now() - when)).toBeLessThan(10_000);
    await page.getByText('3 connected, 1 disconnected').waitFor();
    await expectPresentable(opened, 'overview-disconnected');
    await gateway.call('SimulatorConnectDevice', { DeviceType: 'Smartgloves' });
    await page.getByText('4 connected').waitFor();
    expect(await card.getAttribute('class')).not.toContain('stale');
    expectNoComplaints(opened, gateway.url);
  });

  test('a device that connects appears by itself, also where none was', async () => {
    const { gateway } = await startBoth({}, { devices: 0 });
    const opened = await openPage();
    await opened.page.goto(gateway.url);
    await opened.page.getByText('No device is connected.').waitFor();
    await expectPresentable(opened, 'overview-empty');
    await gateway.call('SimulatorConnectDevice', { DeviceType: 'CoilPro' });
    await shows(opened.page.getByRole('article'), 'TypeCoilPro');
  });

  test('a calibrated device is shown as calibrated, also on a page that is opened later', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await cardOf(page, 'Suit').waitFor();
    expect((await gateway.post('/v1/devices/1/calibrate')).status).toBe(204);
    await shows(cardOf(page, 'Suit'), /CalibratedYes, \d/);
    await page.reload();
    await shows(cardOf(page, 'Suit'), /CalibratedYes, \d/);
    await shows(cardOf(page, 'Coil'), 'CalibratedNot known');
  });

  test('a name that was given elsewhere is there when somebody looks again', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await cardOf(page, 'Suit').waitFor();
    await gateway.put('/v1/devices/1/name', { DeviceName: 'Suit of Ada' });
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');
    await cardOf(page, 'Suit of Ada').waitFor();
  });

  test('a device without a name goes by its type and number, in every view', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.world.device(1).name = '';
    const { page } = await openPage();
    await page.goto(gateway.url);
    await page.getByRole('link', { name: 'SmartSuitPro 1' }).click();
    await page.getByRole('heading', { level: 1, name: 'SmartSuitPro 1' }).waitFor();
    await page.getByRole('link', { name: 'Firmware' }).click();
    await page.getByRole('button', { name: 'Update SmartSuitPro 1' }).waitFor();
    await page.getByRole('link', { name: 'Events' }).click();
    await page.getByRole('button', { name: 'Choose channels…' }).click();
    await page.getByRole('button', { name: 'SmartSuitPro 1 (device 1)' }).waitFor();
  });

  test('names as long as devices take them, and as many devices as a studio has, fit', async () => {
    const { gateway, simulator } = await startBoth({}, { devices: 40 });
    for (const device of simulator.world.devices.values()) {
      device.name = `Unpronounceable${'Llanfairpwllgwyngyll'.repeat(3)}${device.id}`;
    }
    const opened = await openPage();
    await opened.page.goto(gateway.url);
    await opened.page.getByRole('link', { name: /gyll40$/ }).waitFor();
    expect(await opened.page.getByRole('link', { name: /gyll\d+$/ }).count()).toBe(40);
    await opened.page.setViewportSize({ width: 3840, height: 2160 });
    const excess = 'document.documentElement.scrollWidth - window.innerWidth';
    expect(await opened.page.evaluate(excess)).toBeLessThanOrEqual(0);
    await expectPresentable(opened, 'overview-many');
    expectNoComplaints(opened, gateway.url);
  });

  test('the keyboard skips to the content, and reaches every view and every card', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await cardOf(page, 'Coil').waitFor();
    const reached: string[] = [];
    for (let steps = 0; steps < 20 && reached.at(-1) !== 'Coil'; steps += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.locator(':focus').innerText());
    }
    const views = ['Overview', 'Firmware', 'Events', 'Console', 'API explorer'];
    const cards = ['Suit', 'Left glove', 'Right glove', 'Coil'];
    expect(reached.filter((text) => [...views, ...cards].includes(text))).toEqual([...views, ...cards]);
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/devices\/4$/);

    await page.goto(gateway.url);
    await cardOf(page, 'Suit').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Measure again');
  });

  test('on a phone the menu opens and closes, and what is hidden cannot be reached', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage({ viewport: { width: 360, height: 740 } });
    await page.goto(gateway.url);
    await cardOf(page, 'Coil').waitFor();
    expect(await page.getByRole('link', { name: 'Firmware' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await page.getByRole('link', { name: 'Firmware' }).click();
    await page.getByRole('heading', { level: 1, name: 'Firmware' }).waitFor();
    await page.getByRole('link', { name: 'Firmware' }).waitFor({ state: 'hidden' });
  });

  test('the colours follow the system until somebody chooses, and the choice stays', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage({ colorScheme: 'dark' });
    await page.goto(gateway.url);
    const scheme = (): Promise<string | null> =>
      page.locator('html').getAttribute('data-mantine-color-scheme');
    await page.getByRole('button', { name: 'Colours: as the system' }).click();
    await expect.poll(scheme).toBe('light');
    await page.reload();
    await page.getByRole('button', { name: 'Colours: light' }).click();
    await expect.poll(scheme).toBe('dark');
  });

  test('the first load is under 200 kB of script, gzipped, all of it from the gateway', async () => {
    const { gateway } = await startBoth();
    const opened = await openPage();
    const { page } = opened;
    const sizes: number[] = [];
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') {
        void response.body().then((body) => sizes.push(gzipSync(body).length));
      }
    });
    await page.goto(gateway.url);
    await cardOf(page, 'Coil').waitFor();
    await until(() => sizes.length > 0);
    await page.waitForLoadState('networkidle');
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES);
    expectNoComplaints(opened, gateway.url);
  });
});

async function disconnect(gateway: Gateway, id: number): Promise<void> {
  expect((await gateway.call('SimulatorDisconnectDevice', { DeviceId: id })).status).toBe(204);
}

interface Questions {
  /** Requests, and commands over the WebSocket. */
  readonly all: readonly string[];
  /** Everything that the page wanted to know has been asked and answered. */
  readonly quiet: () => Promise<void>;
}

/** What the page asks of the gateway from now on; signs of life and subscriptions are none of it. */
function questionsOf(page: Page): Questions {
  const all: string[] = [];
  const open = new Set<unknown>();
  let changedAt = performance.now();
  const ask = (key: unknown, question: string): void => {
    all.push(question);
    open.add(key);
    changedAt = performance.now();
  };
  const end = (key: unknown): void => {
    if (open.delete(key)) changedAt = performance.now();
  };
  page.on('request', (request) => {
    ask(request, `${request.method()} ${new URL(request.url()).pathname}`);
  });
  page.on('requestfinished', end);
  page.on('requestfailed', end);
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { op, id, command = '' } = SocketMessage.parse(JSON.parse(String(payload)));
      if (op === 'command') ask(id, command);
    });
    socket.on('framereceived', ({ payload }) => end(SocketMessage.parse(JSON.parse(String(payload))).id));
  });
  return { all, quiet: () => until(() => open.size === 0 && performance.now() - changedAt > QUIET_MS) };
}
