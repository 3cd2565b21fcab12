import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Values } from '../../src/config.js';
import type { OpenPage } from '../helpers/browser.js';
import { NETWORK_NAME, cannotBrowse, useBrowser } from '../helpers/browser.js';
import type { Gateway } from '../helpers/gateway.js';
import { startGateway, startSimulator } from '../helpers/gateway.js';

/** Milliseconds for what the page says "within a few seconds". */
const SOON = { timeout: 8000, interval: 50 };
/** The gateway's own wait before it looks for the studio again comes on top. */
const AFTER_RECONNECT = { timeout: 15_000, interval: 50 };

/** In front of its own simulator. */
function startDemo(settings: Values = {}): Promise<Gateway> {
  return startGateway(1, { simulate: true, ...settings });
}

/** How many cards claim to be live, and how many do not. */
async function cardsOf(page: Page): Promise<{ live: number; past: number }> {
  const badges = await page.locator('.card .badge').allTextContents();
  const live = badges.filter((badge) => badge === 'Live').length;
  return { live, past: badges.length - live };
}

function names(page: Page): Promise<string[]> {
  return page.locator('.card h3').allTextContents();
}

async function liveCards(page: Page, count: number, patience = SOON): Promise<void> {
  await expect.poll(() => cardsOf(page), patience).toEqual({ live: count, past: 0 });
}

/** What no visit to the gateway may do, whatever happens to the studio. */
function expectNoComplaints({ complaints, requests }: OpenPage, origin: string): void {
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => new URL(url).origin !== origin)).toEqual([]);
}

describe.skipIf(cannotBrowse('the web page and the API explorer'))('in a browser', () => {
  const openPage = useBrowser();

  test('a simulated studio is called simulated, and its four devices are shown', async () => {
    const demo = await startDemo();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(demo.url);
    await liveCards(page, 4);
    await page.getByRole('heading', { name: 'Simulated studio' }).waitFor();
    expect(await page.title()).toContain('SIMULATED');
    expect(await page.locator('#state').textContent()).toBe('Connected');
    expect(await page.locator('#pool').textContent()).toBe('4 of 4 up, 0 waiting');
    for (const link of ['/docs', '/openapi.json', '/metrics']) {
      expect(await page.locator(`nav a[href="${link}"]`).count()).toBe(1);
      expect((await fetch(demo.url + link)).status).toBe(200);
    }
    expectNoComplaints(opened, demo.url);
    expect(opened.statuses).toEqual([]);
  });

  test('a studio that is not the built-in simulator is not called simulated', async () => {
    const { port } = await startSimulator();
    const gateway = await startGateway(port);
    const { page } = await openPage();
    await page.goto(gateway.url);
    await liveCards(page, 4);
    expect(await page.getByRole('heading', { name: 'Simulated studio' }).count()).toBe(0);
    expect(await page.locator('#address').textContent()).toBe(`127.0.0.1:${port}`);
  });

  test('every card shows what its device says about itself', async () => {
    const { simulator, port } = await startSimulator();
    const gateway = await startGateway(port);
    const { page } = await openPage();
    await page.goto(gateway.url);
    for (const { id, name, type, fwVersion } of simulator.world.devices.values()) {
      const card = page.locator('.card', { hasText: `DeviceId ${id}` });
      const { Major, Minor } = fwVersion;
      await card.getByRole('heading', { name, exact: true }).waitFor();
      await card.getByText(type).waitFor();
      await card.getByText(new RegExp(`^${Major}\\.${Minor}(\\.|$)`)).waitFor();
    }
  });

  test('a rename by REST appears without a reload, and markup in a name stays text', async () => {
    const { port } = await startSimulator();
    const gateway = await startGateway(port);
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await liveCards(page, 4);
    const name = '<img src=x onerror="document.title=1"> & co';
    await gateway.put('/v1/devices/2/name', { DeviceName: name });
    await expect.poll(() => names(page), SOON).toContain(name);
    expect(await page.locator('.card img').count()).toBe(0);
    expectNoComplaints(opened, gateway.url);
  });

  test('a device that cannot be read says so, and the others are not hurt', async () => {
    const { port } = await startSimulator({
      faults: [{ command: 'GetDeviceInfo', kind: 'error', code: 'Busy' }],
    });
    const gateway = await startGateway(port);
    const { page } = await openPage();
    await page.goto(gateway.url);
    await page.locator('.card .problem', { hasText: 'Firmware version not read: Busy' }).first().waitFor();
    await liveCards(page, 4);
  });

  test('a studio that goes is said to be gone, its devices are no longer live, and it comes back by itself', async () => {
    const first = await startSimulator();
    const gateway = await startGateway(first.port);
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await liveCards(page, 4);

    await first.simulator.close();
    await page.getByText(`The studio at 127.0.0.1:${first.port} is not there`).waitFor({ timeout: 5000 });
    expect(await page.locator('#state').textContent()).toBe('Not there');
    expect(await cardsOf(page)).toEqual({ live: 0, past: 4 });
    expect(await page.locator('.card .badge').first().textContent()).toMatch(/^Seen \d\d:\d\d:\d\d$/);

    await startSimulator({ port: first.port, devices: 3 });
    await liveCards(page, 3, AFTER_RECONNECT);
    expect(await page.locator('#state').textContent()).toBe('Connected');
    expect(await page.locator('#notice').textContent()).toBe('');
    expectNoComplaints(opened, gateway.url);
    expect(opened.statuses.filter(({ status }) => ![502, 503].includes(status))).toEqual([]);
  });

  test('a gateway that goes is said to be gone, and the page recovers by itself', async () => {
    const { port } = await startSimulator();
    const first = await startGateway(port);
    const opened = await openPage();
    const { page } = opened;
    await page.goto(first.url);
    await liveCards(page, 4);

    await first.app.close();
    await page
      .getByText(/^Lost the gateway, showing what was last seen at \d\d:\d\d:\d\d/)
      .waitFor({ timeout: 5000 });
    expect(await page.locator('#state').textContent()).toBe('Unknown');
    expect(await cardsOf(page)).toEqual({ live: 0, past: 4 });

    await startGateway(port, { listen: new URL(first.url).host });
    await liveCards(page, 4);
    expect(await page.locator('#notice').textContent()).toBe('');
    expectNoComplaints(opened, first.url);
  });

  test('while nobody looks at the page it asks nothing, and what it shows then is not called live', async () => {
    const { port } = await startSimulator();
    const gateway = await startGateway(port);
    const { page, requests } = await openPage();
    await page.clock.install();
    await page.goto(gateway.url);
    await liveCards(page, 4);

    await setHidden(page, true);
    expect(await cardsOf(page)).toEqual({ live: 0, past: 4 });
    const asked = requests.length;
    await page.clock.runFor(60_000);
    expect(requests.length).toBe(asked);

    await setHidden(page, false);
    await liveCards(page, 4);
  });

  test('the page can be walked by keyboard, to the links and the commands to copy', async () => {
    const demo = await startDemo();
    const { page } = await openPage();
    await page.goto(demo.url);
    const reached: (string | undefined)[] = [];
    for (let presses = 0; presses < 6; presses += 1) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate(() => document.activeElement?.textContent.trim().slice(0, 12)));
    }
    expect(reached).toEqual([
      'Skip to the ',
      'API explorer',
      'OpenAPI',
      'Metrics',
      expect.stringMatching(/^curl /),
      'API explorer',
    ]);
  });

  test.each([
    ['light', 1280, 900, 'light'],
    ['dark', 1280, 900, 'dark'],
    ['narrow', 360, 740, 'light'],
    ['narrow-dark', 360, 740, 'dark'],
    ['wide', 2560, 1200, 'light'],
  ] as const)(
    'nothing is cut off or scrolls sideways: %s, %i px',
    async (label, width, height, colorScheme) => {
      const first = await startSimulator();
      const demo = await startDemo({ devices: 6 });
      const away = await startGateway(first.port);
      const { page } = await openPage({ viewport: { width, height }, colorScheme });
      await demo.put('/v1/devices/1/name', {
        DeviceName: 'A name that is long, since nothing in the protocol keeps it short',
      });
      await page.goto(demo.url);
      await page.getByRole('heading', { name: /^A name that is long/ }).waitFor();
      await liveCards(page, 6);
      expect(await overhang(page)).toBe(0);
      await page.screenshot({ path: `screenshots/${label}.png`, fullPage: true });

      await page.goto(away.url);
      await liveCards(page, 4);
      await first.simulator.close();
      await expect.poll(() => cardsOf(page), SOON).toEqual({ live: 0, past: 4 });
      await page.getByText('The gateway keeps trying').waitFor();
      expect(await overhang(page)).toBe(0);
      await page.screenshot({ path: `screenshots/${label}-studio-away.png`, fullPage: true });
    },
  );

  test('the API explorer shows the operations and reads a device there', async () => {
    const demo = await startDemo();
    await demo.put('/v1/devices/1/name', { DeviceName: 'Lead dancer' });
    const opened = await openPage();
    const { page } = opened;
    await page.goto(`${demo.url}/docs`);
    const operation = await openOperation(page, 'GetDeviceName');
    expect(await page.locator('.opblock').count()).toBeGreaterThan(40);
    await operation.getByPlaceholder('DeviceId').fill('1');
    await operation.getByRole('button', { name: 'Execute' }).click();
    const answer = operation.locator('.live-responses-table tbody tr').first();
    await answer.getByText('Lead dancer').waitFor();
    expect(await answer.locator('.response-col_status').textContent()).toContain('200');
    expectNoComplaints(opened, demo.url);
    expect(opened.statuses).toEqual([]);
    await page.screenshot({ path: 'screenshots/docs.png' });
  });

  test('the API explorer sends a body that was typed there', async () => {
    const demo = await startDemo();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(`${demo.url}/docs`);
    const operation = await openOperation(page, 'SetDeviceName');
    await operation.getByPlaceholder('DeviceId').fill('3');
    await operation.locator('textarea.body-param__text').fill('{"DeviceName":"Typed here"}');
    await operation.getByRole('button', { name: 'Execute' }).click();
    await operation.locator('.live-responses-table .response-col_status', { hasText: '204' }).waitFor();
    const read = await fetch(`${demo.url}/v1/devices/3/name`);
    expect(await read.json()).toEqual({ DeviceName: 'Typed here' });
    expectNoComplaints(opened, demo.url);
  });

  test('both work in a network that has names and no TLS', async () => {
    const demo = await startDemo();
    const origin = `http://${NETWORK_NAME}:${new URL(demo.url).port}`;
    const opened = await openPage();
    const { page } = opened;
    await page.goto(origin);
    await liveCards(page, 4);
    await page.goto(`${origin}/docs`);
    await openOperation(page, 'GetDeviceName');
    expectNoComplaints(opened, origin);
  });
});

/** As if the visitor changed to another tab, or came back. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { value, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

/** Pixels by which the page is wider than its window. */
function overhang(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

async function openOperation(page: Page, operationId: string): Promise<Locator> {
  const operation = page.locator(`.opblock[id$="-${operationId}"]`);
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Execute' }).waitFor();
  return operation;
}
