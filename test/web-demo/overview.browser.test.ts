import { gzipSync } from 'node:zlib';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, startBoth, startGateway, startScripted, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import {
  cardOf,
  expectNoComplaints,
  expectPresentable,
  seriousFindings,
  shows,
  SocketMessage,
  studioOf,
} from '../support/page.js';
import { useSharedPage } from '../support/shared-page.js';

const FIRST_LOAD_BYTES = 200_000;
/** Milliseconds without a question after which the page has none left. */
const QUIET_MS = 1000;

describe.skipIf(cannotBrowse('the overview'))('the overview', () => {
  const openPage = useBrowser();
  const shared = useSharedPage();

  test('a card for each device shows its name, its state and how it is connected', async () => {
    const { gateway, simulator, opened, page, go } = shared();
    await go('/');
    for (const device of simulator.world.devices.values()) {
      const card = cardOf(page, device.name);
      await shows(card, device.type === 'CoilPro' ? 'EMF channel 3' : 'Not calibrated');
      await shows(card, device.connectionType === 'UDP' ? 'Wireless' : 'Wired');
    }
    await page.getByText('4 connected').waitFor();
    await expectPresentable(opened, 'overview');
    expectNoComplaints(opened, gateway.url);
  });

  test('a card leads to the view of its device', async () => {
    const { page, go } = shared();
    await go('/');
    await page.getByRole('link', { name: 'Left glove', exact: true }).click();
    await page.waitForURL(/#\/devices\/2$/);
  });

  test('the verdict says what is to be done, and is green once it is done', async () => {
    const { gateway, page, go } = shared();
    await go('/');
    const strip = page.getByRole('region', { name: 'Readiness' });
    await shows(strip, /Check first.*Suit, Left glove and Right glove are not calibrated/);
    await expect.poll(() => page.title()).toMatch(/^▲ Devices – /);
    await strip.getByRole('button', { name: 'Calibrate all' }).click();
    const dialog = page.getByRole('dialog', { name: 'Calibrating Suit, Left glove, Right glove' });
    await dialog.getByText('The calibration begins in 3 seconds.').waitFor();
    await dialog.getByText('Calibrated', { exact: true }).waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await shows(strip, /Ready to roll.*4 of 4 devices · all calibrated · EMF channel 3/);
    await shows(cardOf(page, 'Left glove'), 'Calibrated just now');
    await expect.poll(() => page.title()).toMatch(/^✓ Devices – /);
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: 2 });
    await shows(strip, /Not ready.*Left glove gone for 0:\d\d/);
    await expect.poll(() => page.title()).toMatch(/^✕ Devices – /);
  });

  test('saturation and errors that a device reports light its card and name it', async () => {
    const { simulator, page, go } = shared();
    await go('/');
    const card = cardOf(page, 'Right glove');
    await card.waitFor();
    await until(() => simulator.subscriptionCount('DeviceEvents', 'GyrSaturated') > 0);
    for (let count = 0; count < 3; count += 1)
      simulator.emit('DeviceEvents', 'GyrSaturated', { DeviceId: 3 });
    await shows(card, 'Gyroscope saturated 3×');
    await shows(page.getByRole('region', { name: 'Readiness' }), 'Right glove: gyroscope saturated 3×');
    expect(await card.getAttribute('data-level')).toBe('warn');
    simulator.emit('DeviceEvents', 'FlipDecided', { DeviceId: 3 });
    simulator.emit('DeviceEvents', 'Mapped', { DeviceId: 1 });
    await shows(card, 'Flip decided · In the last minute');
    await shows(cardOf(page, 'Suit'), 'Mapped');
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', 4) > 0);
    simulator.emit('DeviceLogs', 'Error', { LogMsg: 'Serial read failed', DeviceId: 4 }, 4);
    await shows(cardOf(page, 'Coil'), /Error in its log.*Serial read failed/);
    await page.getByRole('link', { name: 'Log: Coil reports an error: Serial read failed' }).click();
    await page.waitForURL(/#\/devices\/4\/activity$/);
  });

  test('the timeline below the cards says what happened where the pointer is, and a card has its bars', async () => {
    const { gateway, simulator, page, go } = shared();
    await go('/');
    await until(() => simulator.subscriptionCount('Logs', 'Warning') > 0);
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Warning', 3) > 0);
    simulator.emit('Logs', 'Warning', { LogMsg: 'clock drifts' });
    simulator.emit('DeviceLogs', 'Warning', { LogMsg: 'signal is weak', DeviceId: 3 }, 3);
    const timeline = page.getByRole('img', { name: /Right glove: \d+ events?, \d+ errors?, [1-9]/ });
    await timeline.waitFor();
    await cardOf(page, 'Right glove')
      .getByRole('img', { name: /in 5 minutes/ })
      .waitFor();
    const { width = 0 } = (await timeline.boundingBox()) ?? {};
    await timeline.hover({ position: { x: width - 2, y: 11 } });
    await shows(page.getByRole('region', { name: 'Timeline' }), /Studio.*clock drifts/);
    await page.mouse.move(0, 0);
    await page.getByText(/clock drifts/).waitFor({ state: 'detached' });
    await timeline.focus();
    await page.keyboard.press('ArrowLeft');
    await page.getByText(/(clock drifts|signal is weak)$/).waitFor();
    await disconnect(gateway, 3);
    await page.getByRole('img', { name: /Right glove: \d+ events?, \d+ errors?, [2-9]/ }).waitFor();
  });

  test('selected devices are calibrated together, and only they', { tags: ['extended'] }, async () => {
    const { simulator, page, go } = shared();
    await go('/');
    await page.getByRole('region', { name: 'Performer 1' }).waitFor();
    const ran = counting(simulator);
    await page.getByRole('button', { name: 'Select', exact: true }).click();
    await page.getByLabel('Select all of Performer 1').check();
    await page.getByLabel('Select Suit').uncheck();
    await page.getByLabel('Select Coil').check();
    await page.getByText('3 selected').waitFor();
    expect(await seriousFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Calibrate selected' }).click();
    const dialog = page.getByRole('dialog', { name: 'Calibrating Left glove, Right glove' });
    await dialog.getByText('Take up the pose').waitFor();
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    expect(ran('CalibrateStaticPose')).toBe(0);
    await page.getByRole('button', { name: 'Find', exact: true }).click();
    await page.getByText('Blinking…').waitFor();
    await until(() => ran('SetLedBehavior') >= 2);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Actions for Suit' }).waitFor();
  });

  test(
    'performers are named and given devices, and their link shows the same elsewhere',
    { tags: ['extended'] },
    async () => {
      const { gateway, page, go } = shared();
      await go('/');
      await page.getByRole('button', { name: 'Performers' }).click();
      const dialog = page.getByRole('dialog', { name: 'Performers' });
      await dialog.getByLabel('Name of Performer 1').fill('Anna');
      await dialog.getByLabel('Name of Performer 1').press('Enter');
      await dialog.getByLabel('4: Coil (CoilPro)').selectOption('Anna');
      await dialog.getByLabel('2: Left glove (Smartgloves)').selectOption('');
      expect(await seriousFindings(page)).toEqual([]);
      await dialog.getByLabel('Import').setInputFiles({
        name: 'broken.json',
        mimeType: 'application/json',
        buffer: Buffer.from('{"performers":[{"name":"Ben","devices":[1,"2"]}]}'),
      });
      await dialog
        .getByText('broken.json is no layout. The devices of Ben are not a list of numbers.')
        .waitFor();
      await page.keyboard.press('Escape');
      const anna = page.getByRole('region', { name: 'Anna' });
      const names = (where: Locator): Promise<string[]> =>
        where.getByRole('heading', { level: 3 }).allInnerTexts();
      expect(await names(anna)).toEqual(['Suit', 'Right glove', 'Coil']);
      expect(await names(page.getByRole('region', { name: 'Studio-wide' }))).toEqual(['Left glove']);

      await page.getByRole('button', { name: 'Performers' }).click();
      await dialog.getByRole('button', { name: 'As suggested' }).click();
      await page.keyboard.press('Escape');
      await page.getByRole('region', { name: 'Performer 1' }).waitFor();

      const other = (await openPage()).page;
      await other.goto(`${gateway.url}/?layout=Anna:2,3;Ben:1`);
      await cardOf(other, 'Coil').waitFor();
      expect(await names(other.getByRole('region', { name: 'Ben' }))).toEqual(['Suit']);
      await other.goto(`${gateway.url}/?layout=Anna`);
      await other.getByText('The layout in the address cannot be read. “Anna” is not of the form').waitFor();
    },
  );

  test(
    'sounds are off until somebody wants them; then a lost device and a countdown are heard',
    { tags: ['extended'] },
    async () => {
      const { gateway, page, go } = shared();
      await page.evaluate(`
      window.tones = 0;
      const make = AudioContext.prototype.createOscillator;
      AudioContext.prototype.createOscillator = function () {
        tones += 1;
        return make.call(this);
      };
    `);
      const tones = (): Promise<number> => page.evaluate<number>('tones');
      await go('/');
      await cardOf(page, 'Coil').waitFor();
      await disconnect(gateway, 4);
      await shows(cardOf(page, 'Coil'), 'Gone for');
      expect(await tones()).toBe(0);
      await page.getByRole('button', { name: 'Colours and sounds' }).click();
      await page.getByRole('menuitemradio', { name: 'Sounds' }).click();
      await expect.poll(tones).toBe(1);
      await disconnect(gateway, 3);
      await expect.poll(tones).toBe(3);
      await page.getByRole('button', { name: 'Calibrate all' }).last().click();
      await expect.poll(tones).toBeGreaterThan(3);
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByRole('button', { name: 'Colours and sounds' }).click();
      await page.getByRole('menuitemradio', { name: 'Sounds' }).click();
    },
  );

  test('a device is renamed on its card', async () => {
    const { simulator, page, go } = shared();
    await go('/');
    await page.getByRole('button', { name: 'Actions for Coil' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rename Coil' });
    await dialog.getByLabel('Name').fill('Coil of stage A');
    await dialog.getByRole('button', { name: 'Save name' }).click();
    await cardOf(page, 'Coil of stage A').waitFor();
    expect(simulator.world.device(4).name).toBe('Coil of stage A');
  });

  test(
    "the panel shows the studio's state, address, version, system, running uptime and latency",
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage();
      const asked = questionsOf(page);
      await page.goto(gateway.url);
      const panel = studioOf(page);
      await shows(panel, 'StateConnected');
      await shows(panel, /Address127\.0\.0\.1:\d+/);
      await shows(panel, 'Version1.0.0.0 (simulator)');
      await shows(panel, /Gateway(under 1|\d+) ms\s*Studio(under 1|\d+) ms/);
      await shows(cardOf(page, 'Coil'), 'Ready');
      await asked.quiet();
      expect(asked.all).toEqual(expect.arrayContaining(['GET /v1/info', 'ListDevices']));
      const before = asked.all.length;
      const uptime = panel.locator('dd', { hasText: /^\d+ s$/ }).first();
      const first = Number.parseInt(await uptime.innerText());
      await expect
        .poll(async () => Number.parseInt(await uptime.innerText()), { timeout: 20_000 })
        .toBeGreaterThan(first + 2);
      expect(asked.all.slice(before), 'asked by the clock').toEqual([]);
    },
  );

  test('a real studio is shown as real', { tags: ['extended'] }, async () => {
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
    await shows(studioOf(page), 'Version1.0 (5f1c0de)');
    expect(await page.getByText('Simulated', { exact: true }).count()).toBe(0);
  });

  test('a standalone simulator is shown as a simulator', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await page.getByRole('banner').getByText('Simulated').waitFor();
  });

  test(
    'a simulated studio is shown as simulated in the panel and above every view',
    { tags: ['extended'] },
    async () => {
      const gateway = await startGateway(1, { simulate: true });
      const { page } = await openPage();
      await page.goto(gateway.url);
      await page.getByRole('banner').getByText('Simulated').waitFor();
      await page.goto(`${gateway.url}/#/events`);
      await page.getByRole('banner').getByText('Simulated').waitFor();
    },
  );

  test('a device that disconnects greys out and says when, and comes back to life', async () => {
    const { gateway } = await startBoth();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    const card = cardOf(page, 'Left glove');
    await card.waitFor();
    await disconnect(gateway, 2);
    await shows(card, /Gone for 0:\d\d/);
    expect(await card.getAttribute('data-level')).toBe('bad');
    await page.getByText('3 connected, 1 disconnected').waitFor();
    await expectPresentable(opened, 'overview-disconnected');
    await gateway.call('SimulatorConnectDevice', { DeviceType: 'Smartgloves' });
    await page.getByText('4 connected').waitFor();
    await expect.poll(() => card.getAttribute('data-level')).not.toBe('bad');
    expectNoComplaints(opened, gateway.url);
  });

  test('a device that connects appears by itself, also where none was', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth({}, { devices: 0 });
    const opened = await openPage();
    await opened.page.goto(gateway.url);
    await opened.page.getByText('No device is connected.').waitFor();
    await expectPresentable(opened, 'overview-empty');
    await gateway.call('SimulatorConnectDevice', { DeviceType: 'CoilPro' });
    await shows(opened.page.getByRole('article'), 'Coil');
  });

  test(
    'a calibrated device is shown as calibrated, also on a page that is opened later',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage();
      await page.goto(gateway.url);
      await cardOf(page, 'Suit').waitFor();
      expect((await gateway.post('/v1/devices/1/calibrate')).status).toBe(204);
      await shows(cardOf(page, 'Suit'), 'Calibrated just now');
      await page.reload();
      await shows(cardOf(page, 'Suit'), 'Calibrated just now');
      await shows(cardOf(page, 'Left glove'), 'Not calibrated');
    },
  );

  test('a name that was given elsewhere is there at once', async () => {
    const { gateway, page, go } = shared();
    await go('/');
    await cardOf(page, 'Suit').waitFor();
    await gateway.put('/v1/devices/1/name', { DeviceName: 'Suit of Ada' });
    await cardOf(page, 'Suit of Ada').waitFor();
  });

  test(
    'a device without a name goes by its type and number, in every view',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      simulator.world.device(1).name = '';
      const { page } = await openPage();
      await page.goto(gateway.url);
      await page.getByRole('link', { name: 'SmartSuitPro 1' }).click();
      await page.getByRole('heading', { level: 1, name: 'SmartSuitPro 1' }).waitFor();
      await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Firmware' }).click();
      await page.getByRole('button', { name: 'Update SmartSuitPro 1' }).waitFor();
      await page.getByRole('link', { name: 'Events', exact: true }).click();
      await page.getByRole('button', { name: 'Choose channels…' }).click();
      await page.getByRole('button', { name: 'SmartSuitPro 1 (device 1)' }).waitFor();
    },
  );

  test(
    'names as long as devices take them, and as many devices as a studio has, fit',
    { tags: ['extended'] },
    async () => {
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
    },
  );

  test.each([
    [390, 844],
    [1280, 800],
    [2560, 1440],
  ])(
    '60 devices fit two screens of %i × %i, and the one in trouble is in sight',
    { tags: ['extended'] },
    async (width, height) => {
      const { gateway, page } = await sixty();
      await page.setViewportSize({ width, height });
      await page.getByRole('article').nth(59).waitFor();
      expect(await page.getByRole('article').count()).toBe(60);
      const bottom = await page
        .getByRole('article')
        .last()
        .evaluate((card) => card.getBoundingClientRect().bottom + scrollY);
      expect(bottom).toBeLessThan(2 * height);
      const lost = cardOf(page, 'Left glove 42');
      await shows(lost, 'Gone for');
      await expect.poll(() => lost.evaluate((card) => card.getBoundingClientRect().bottom)).toBeLessThan(600);
      expect(gateway.url).toContain('127.0.0.1');
    },
  );

  test('60 devices are searched by name and state', { tags: ['extended'] }, async () => {
    const { page } = await sixty();
    await page.getByLabel('Search devices').fill('coil 1');
    await page.getByText('2 of 60').waitFor();
    await page.getByLabel('Search devices').fill('gone');
    await page.getByText('1 of 60').waitFor();
    await page.getByLabel('Search devices').fill('nothing like it');
    await page.getByText('No device fits “nothing like it”.').waitFor();
  });

  async function sixty(): Promise<{ gateway: Gateway; page: Page }> {
    const { gateway } = await startBoth({}, { devices: 60 });
    const { page } = await openPage();
    await page.goto(gateway.url);
    await cardOf(page, 'Left glove 42').waitFor();
    await disconnect(gateway, 42);
    return { gateway, page };
  }

  test(
    'the wall fills the screen, takes turns above 24 devices, and is left by a key',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth({}, { devices: 30 });
      const opened = await openPage({ viewport: { width: 1280, height: 720 } });
      const { page } = opened;
      await page.goto(gateway.url);
      await page.getByRole('article').nth(29).waitFor();
      await page.keyboard.press('f');
      await page.waitForURL(/#\/wall$/);
      await page.getByRole('heading', { level: 1, name: 'Wall' }).waitFor();
      await page.getByText(/^[12] of 2$/).waitFor();
      const cards = page.getByRole('article');
      expect([24, 6]).toContain(await cards.count());
      await page.locator('time', { hasText: /^\d\d:\d\d:\d\d$/ }).waitFor();
      expect(await page.evaluate('document.documentElement.scrollHeight - innerHeight')).toBeLessThanOrEqual(
        0,
      );
      expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
      expect(await page.getByRole('navigation').count()).toBe(0);
      expect(await seriousFindings(page)).toEqual([]);
      await page.keyboard.press('f');
      await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'the keyboard skips to the content, and reaches every view and every card',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage();
      await page.goto(gateway.url);
      await cardOf(page, 'Coil').waitFor();
      const reached: string[] = [];
      for (let steps = 0; steps < 30 && reached.at(-1) !== 'Coil'; steps += 1) {
        await page.keyboard.press('Tab');
        reached.push(await page.locator(':focus').innerText());
      }
      const views = ['Devices', 'Events', 'Firmware', 'Lights', 'Console', 'API'];
      const cards = ['Suit', 'Left glove', 'Right glove', 'Coil'];
      expect(reached.filter((text) => [...views, ...cards].includes(text))).toEqual([...views, ...cards]);
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/devices\/4$/);

      await page.goto(gateway.url);
      await shows(page.getByRole('region', { name: 'Readiness' }), 'not calibrated');
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').innerText()).toBe('Calibrate all');
    },
  );

  test(
    'on a phone the views are at the bottom, and the rare ones under More',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage({ viewport: { width: 360, height: 740 } });
      await page.goto(gateway.url);
      // What is cut away cannot be pressed.
      await cardOf(page, 'Coil').click({ trial: true });
      expect((await page.getByRole('main').boundingBox())?.width).toBeGreaterThan(300);
      await page.getByRole('button', { name: 'Find anything' }).click({ trial: true });
      const views = page.getByRole('navigation', { name: 'Views' });
      const box = await views.boundingBox();
      expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(740);
      expect(await page.getByRole('link', { name: 'Lights' }).isVisible()).toBe(false);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Lights' }).click();
      await page.waitForURL(/#\/lights$/);
      await page.getByRole('menu').waitFor({ state: 'detached' });
      await views.getByRole('link', { name: 'Firmware' }).click();
      await page.getByRole('heading', { level: 1, name: 'Firmware' }).waitFor();
    },
  );

  const TOUCH = { viewport: { width: 820, height: 1180 }, hasTouch: true, isMobile: true };

  /** What can be pressed and is lower than a finger is wide. */
  function smallTargets(page: Page): Promise<unknown[]> {
    return page.evaluate(() =>
      [
        ...document.querySelectorAll<HTMLElement>(
          'button, main a, nav a, main select, main summary, label:has([type=checkbox])',
        ),
      ]
        .filter(
          (each) =>
            each.checkVisibility() && !each.matches('h3 a') && each.textContent !== 'Skip to the content',
        )
        .map((each) => [each.textContent, each.getBoundingClientRect().height] as const)
        .filter(([, size]) => size < 44),
    );
  }

  test('what is pressed is as large as a finger on a touch screen', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage(TOUCH);
    for (const view of ['/', '/devices/2', '/devices/1/sensors']) {
      await page.goto(`${gateway.url}/#${view}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      if (view.endsWith('sensors')) await page.getByRole('button', { name: 'Calibration id' }).waitFor();
      await page
        .getByText(/Not calibrated/)
        .first()
        .waitFor();
      expect(await smallTargets(page), view).toEqual([]);
    }
  });

  test('and so it is in the other views', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openPage(TOUCH);
    await page.goto(`${gateway.url}/#/events`);
    await until(() => simulator.subscriptionCount('Logs', 'Info') > 0);
    simulator.emit('Logs', 'Info', { LogMsg: 'hello' });
    await page.getByRole('list', { name: 'Events' }).getByRole('listitem').first().waitFor();
    expect(await smallTargets(page)).toEqual([]);
    for (const view of ['/notes', '/firmware', '/lights', '/console/GetDeviceInfo']) {
      await page.goto(`${gateway.url}/#${view}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      expect(await smallTargets(page), view).toEqual([]);
    }
  });

  test('nothing moves while the views load', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.addInitScript(`{
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
      }).observe({ type: 'layout-shift', buffered: true });
    }`);
    for (const [width, height] of [
      [1280, 720],
      [820, 1180],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const view of ['/', '/devices/2', '/firmware', '/events']) {
        await page.goto(`${gateway.url}/?${view}${width}#${view}`);
        await page
          .getByText(/Not calibrated|Updates of the last hour|Choose channels/)
          .first()
          .waitFor();
        await page.waitForLoadState('networkidle');
        expect(await page.evaluate<number>('shift'), `${view} at ${width}`).toBeLessThan(0.02);
      }
    }
  });

  test(
    'the colours follow the system until somebody chooses, and the choice stays',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage({ colorScheme: 'dark' });
      await page.goto(gateway.url);
      const scheme = (): Promise<string | null> =>
        page.locator('html').getAttribute('data-mantine-color-scheme');
      await expect.poll(scheme).toBe('dark');
      await page.getByRole('button', { name: 'Colours' }).click();
      await page.getByRole('menuitemradio', { name: 'Light' }).click();
      await expect.poll(scheme).toBe('light');
      await page.getByRole('button', { name: 'Colours' }).click();
      await page.getByRole('menuitemradio', { name: 'More contrast' }).click();
      await page.reload();
      await expect.poll(scheme).toBe('light');
      expect(await page.locator('html').getAttribute('data-contrast')).toBe('more');
      await cardOf(page, 'Coil').waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      await page.goto(`${gateway.url}/?theme=dark`);
      await expect.poll(scheme).toBe('dark');
    },
  );

  test(
    'the first load is under 200 kB gzipped, all of it from the gateway',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const opened = await openPage();
      const { page } = opened;
      const sizes: number[] = [];
      page.on('response', (response) => {
        if (new URL(response.url()).pathname.startsWith('/v1/')) return;
        void response.body().then((body) => sizes.push(gzipSync(body).length));
      });
      await page.goto(gateway.url);
      await cardOf(page, 'Coil').waitFor();
      await until(() => sizes.length > 0);
      await page.waitForLoadState('networkidle');
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES);
      expectNoComplaints(opened, gateway.url);
    },
  );
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
