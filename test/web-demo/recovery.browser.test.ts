// @module-tag extended
import type { Duplex } from 'node:stream';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Simulator } from '../../src/simulator/simulator.js';
import { HttpOnlyProxy } from '../client/http-only-proxy.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { settled, startBoth, startGateway, startSimulator } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import {
  cardOf,
  expectNoComplaints,
  expectPresentable,
  shows,
  SocketMessage,
  studioOf,
} from '../support/page.js';

describe.skipIf(cannotBrowse('recovery'))('when connections break', () => {
  const openPage = useBrowser();

  /** A studio, its gateway, and the page on its overview, which shows the devices. */
  async function openFilled(): Promise<{
    simulator: Simulator;
    port: number;
    gateway: Gateway;
    opened: OpenPage;
  }> {
    const { simulator, port } = await startSimulator();
    const gateway = await startGateway(port);
    await settled(gateway);
    const opened = await openPage();
    await opened.page.goto(gateway.url);
    await shows(cardOf(opened.page, 'Coil'), 'Ready');
    return { simulator, port, gateway, opened };
  }

  test('the page says that WebSockets are blocked, and works over HTTP', async () => {
    const { gateway, simulator } = await startBoth();
    const proxy = await HttpOnlyProxy.before(gateway.url, 'refuse');
    const opened = await openPage();
    const { page } = opened;
    await page.goto(proxy.url);
    await shows(page.getByRole('main'), /WebSockets are blocked.*Commands and events use HTTP/);
    await shows(page.getByRole('banner'), 'Live');
    await shows(cardOf(page, 'Coil'), 'Ready');
    await simulator.close();
    await shows(page.getByRole('banner'), 'Studio offline');
    await page.getByText('WebSockets are blocked').waitFor();
  });

  test('the page shows that the studio died and since when: nothing looks live; it returns, and all is as it is now', async () => {
    const { simulator, port, gateway, opened } = await openFilled();
    const { page } = opened;

    await simulator.close();
    await shows(page.getByRole('alert'), /Studio offline since \d/);
    await shows(page.getByRole('main'), /Not live since \d.*commands are not sent/);
    await shows(page.getByRole('banner'), 'Studio offline');
    await shows(studioOf(page), 'StateOffline');
    await shows(page.getByRole('region', { name: 'Readiness' }), 'Studio offline');
    await expect.poll(() => page.title()).toMatch(/^✕ /);
    await shows(studioOf(page), /Uptime.* – not live/);
    expect(await cardOf(page, 'Coil').getAttribute('class')).toContain('stale');
    await page.getByText('4 connected – not live').waitFor();
    expect(await page.getByRole('button', { name: 'Measure again' }).isDisabled()).toBe(true);
    await expectPresentable(opened, 'recovery-studio-away');

    await startAgain(port, { devices: 3 });
    await shows(
      page.getByRole('main'),
      /Connected again.*The studio was away for \d+ .*may have been missed/,
    );
    await shows(studioOf(page), 'StateConnected');
    await shows(cardOf(page, 'Coil'), 'Gone for');
    await page.getByText('3 connected, 1 disconnected').waitFor();
    expect(await cardOf(page, 'Suit').getAttribute('class')).not.toContain('stale');
    await expectPresentable(opened, 'recovery-connected-again');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByText('Connected again').count()).toBe(0);
    expectNoComplaints(opened, gateway.url);
  });

  test('a gateway that restarts under the page: it recovers, and shows what happened meanwhile', async () => {
    const { simulator, port, gateway, opened } = await openFilled();
    const { page } = opened;

    await gateway.app.close();
    await shows(page.getByRole('alert'), /No connection to the gateway since \d/);
    await shows(page.getByRole('banner'), 'No connection to the gateway');
    await shows(studioOf(page), 'State–');
    simulator.world.disconnect(2);
    simulator.world.device(1).name = 'Renamed meanwhile';

    const next = await startGateway(port, { listen: gateway.url.replace('http://', '') });
    await shows(page.getByRole('main'), 'Connected again');
    await shows(cardOf(page, 'Left glove'), 'Gone for');
    await cardOf(page, 'Renamed meanwhile').waitFor();
    await settled(next);
    await next.call('SimulatorDisconnectDevice', { DeviceId: 3 });
    await shows(cardOf(page, 'Right glove'), /Gone for \d/);
    await page.getByText('2 connected, 2 disconnected').waitFor();
  });

  test('a connection that is cut comes back by itself, and what was said meanwhile is heard', async () => {
    const { gateway } = await startBoth();
    const sockets: Duplex[] = [];
    gateway.app.server.on('upgrade', (_, socket) => sockets.push(socket));
    const { page } = await openPage();
    await page.goto(gateway.url);
    await shows(cardOf(page, 'Coil'), 'Ready');
    for (const socket of sockets) socket.destroy();
    await gateway.post('/v1/devices/1/calibrate');
    await shows(page.getByRole('main'), /Connected again.*No event was missed/);
    await shows(cardOf(page, 'Suit'), 'Calibrated just now');
    // The news goes by itself.
    await page.getByText('Connected again').waitFor({ state: 'hidden' });
  }, 40_000);

  test('a page that was asleep shows for how long and reports no loss of the gateway', async () => {
    const { gateway } = await startBoth();
    const sockets: Duplex[] = [];
    gateway.app.server.on('upgrade', (_, socket) => sockets.push(socket));
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await shows(cardOf(page, 'Coil'), 'Ready');
    await noteTexts(page);
    await fallAsleep(page);
    // How long it sleeps.
    await page.waitForTimeout(3000);
    for (const socket of sockets) socket.destroy();
    await shows(
      page.getByRole('main'),
      /Connected again.*The page was asleep for ([3-9]|\d\d) s. No event was missed/,
    );
    const texts = await notedTexts(page);
    expect(texts).toContain('The page was asleep');
    expect(texts).not.toMatch(/unreachable|No connection to the gateway|out of reach/);
  });

  test('a page that was asleep while the gateway ended shows that it has no connection', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await shows(cardOf(page, 'Coil'), 'Ready');
    const before = Date.now();
    await fallAsleep(page);
    await gateway.app.close();
    await shows(page.getByRole('banner'), 'No connection to the gateway');
    const alert = page.getByRole('alert');
    await shows(alert, /No connection to the gateway since \d/);
    const since = Date.parse((await alert.locator('time').getAttribute('datetime')) ?? '');
    expect(since).toBeGreaterThanOrEqual(before);
  });

  test('a page that is opened while the studio is away shows that, and fills when the studio comes', async () => {
    const { simulator, port } = await startSimulator();
    await simulator.close();
    const gateway = await startGateway(port);
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await shows(page.getByRole('alert'), 'Studio offline');
    await page.getByText('Not known: the studio has not answered yet.').waitFor();
    await expectPresentable(opened, 'recovery-never-there');
    await startAgain(port);
    await shows(cardOf(page, 'Coil'), 'Ready');
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: 2 });
    await shows(cardOf(page, 'Left glove'), /Gone for \d/);
  });

  test('a view that cannot be loaded shows an error and can be loaded again; the rest of the page stays', async () => {
    const { gateway } = await startBoth();
    const opened = await openPage();
    const { page } = opened;
    await page.route('**/assets/events-view*', (route) => route.abort());
    await page.goto(gateway.url);
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'This view cannot be shown' }).waitFor();
    await shows(page.getByRole('alert'), 'could not be loaded');
    await expectPresentable(opened, 'recovery-no-view');
    await page.getByRole('link', { name: 'Devices', exact: true }).click();
    await shows(cardOf(page, 'Coil'), 'Ready');
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.unroute('**/assets/events-view*');
    await page.getByRole('button', { name: 'Reload the page' }).click();
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  });

  /** The page on its overview, whose gateway has just gone. */
  async function leftByGateway(): Promise<{ page: Page; startAgain: () => Promise<unknown> }> {
    const { port, gateway, opened } = await openFilled();
    const { page } = opened;
    await gateway.app.close();
    await shows(page.getByRole('banner'), 'No connection to the gateway');
    const listen = gateway.url.replace('http://', '');
    return { page, startAgain: () => startGateway(port, { listen }) };
  }

  test('a view that was first opened while the gateway was away shows itself when it is back', async () => {
    const { page, startAgain } = await leftByGateway();
    for (const view of ['Firmware', 'Events']) {
      await page.getByRole('link', { name: view }).click();
      await shows(page.getByRole('alert').last(), 'could not be loaded');
    }
    await startAgain();
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    await page.getByRole('link', { name: 'Firmware' }).click();
    await page.getByRole('button', { name: 'Update Suit' }).waitFor();
  });

  test('a view that was left before the gateway was back loads when it is opened again', async () => {
    const { page, startAgain } = await leftByGateway();
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await shows(page.getByRole('alert').last(), 'could not be loaded');
    await page.getByRole('link', { name: 'Devices', exact: true }).click();
    await startAgain();
    await shows(page.getByRole('main'), 'Connected again');
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  });

  test('a view that is loaded and fails all the same is told with its own reason', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.route('**/assets/events-view*.js', (route) =>
      route.fulfill({
        contentType: 'text/javascript',
        body: 'throw new RangeError("invalid language tag: C")',
      }),
    );
    await page.goto(`${gateway.url}/#/events`);
    await page.getByRole('heading', { level: 1, name: 'This view cannot be shown' }).waitFor();
    await shows(page.getByRole('alert').last(), /Something in it went wrong.*invalid language tag: C/);
  });

  test('a page that is loaded again while the studio is away shows what it knew, and waits for nobody', async () => {
    const { simulator, port, gateway, opened } = await openFilled();
    const { page } = opened;
    await page.goto(`${gateway.url}/#/devices/2`);
    const setup = page.getByRole('region', { name: 'Frame rate' });
    await setup.getByRole('button', { name: '100 Hz' }).waitFor();
    await simulator.close();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Left glove' }).waitFor();
    await shows(setup, /As of \d\d:\d\d:\d\d.*100 Hz/);
    await page.goto(`${gateway.url}/#/`);
    await shows(cardOf(page, 'Coil'), 'Coil');
    await shows(page.getByRole('main'), 'not live');
    const back = await startAgain(port, { devices: 3 });
    back.faults.add({ kind: 'error', command: 'ListDevices', code: 'Runtime error' });
    await shows(page.getByRole('banner'), 'Live');
    await shows(page.getByRole('alert').last(), 'Runtime error');
    await shows(cardOf(page, 'Suit'), 'Reading…');
    back.faults.clear();
    await shows(cardOf(page, 'Suit'), /Not calibrated/);
    await expect.poll(() => cardOf(page, 'Coil').count()).toBe(0);
    // The key of a network is never kept.
    const kept = await page.evaluate(() =>
      [localStorage, sessionStorage].map((each) => Object.values(each)).join(),
    );
    expect(kept).not.toContain('Psk');
  });

  test('a studio that does not answer although it is there: the page says what failed, and asks again', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'error', command: 'ListDevices', code: 'Runtime error' });
    const { page } = await openPage();
    await page.goto(gateway.url);
    await shows(page.getByRole('alert').last(), /Runtime error.*The studio refused \w+\./);
    simulator.faults.clear();
    await shows(cardOf(page, 'Coil'), 'Ready');
    expect(await page.getByText('Runtime error').count()).toBe(0);
  });

  test('a gateway that is a moment later than its word that the studio is there: nothing is told, unless it goes on', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    const problem = page.getByText('No connection to it is up.');
    const unreachable = {
      code: 'Studio unreachable',
      status: 503,
      detail: 'No connection to it is up.',
      outcome: 'not-sent',
    };
    let isLate = true;
    let firstAt: number | undefined;
    /** Whether that was told already, at each question of the first second. */
    const told: boolean[] = [];
    await page.routeWebSocket('**/v1/ws*', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage(async (text) => {
        const { op, id, command } = SocketMessage.parse(JSON.parse(String(text)));
        if (op !== 'command' || command !== 'ListDevices' || !isLate) return server.send(text);
        const age = performance.now() - (firstAt ??= performance.now());
        if (age < 1000) told.push(await problem.isVisible());
        socket.send(JSON.stringify({ op: 'error', id, error: unreachable }));
      });
    });
    await page.goto(gateway.url);
    await problem.waitFor();
    expect(performance.now() - Number(firstAt)).toBeGreaterThan(1000);
    expect(told).not.toContain(true);
    isLate = false;
    await shows(cardOf(page, 'Coil'), 'Ready');
    expect(await problem.count()).toBe(0);
  });
});

/** What browsers tell a page that was left and may be shown again. */
async function fallAsleep(page: Page): Promise<void> {
  await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))");
}

/** Keeps every text of the page from now on, however short it is there. */
async function noteTexts(page: Page): Promise<void> {
  await page.evaluate(`{
    window.noted = [];
    const note = () => noted.push(document.body.innerText);
    new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  }`);
}

function notedTexts(page: Page): Promise<string> {
  return page.evaluate<string>("noted.join('\\n')");
}

/** A studio where one was. */
async function startAgain(port: number, options: { devices?: number } = {}): Promise<Simulator> {
  const simulator = new Simulator({ events: false, speed: 20, port, ...options });
  onTestFinished(() => simulator.close());
  await simulator.listen();
  return simulator;
}
