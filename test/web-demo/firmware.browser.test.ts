// @module-tag extended
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { counting, startBoth } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { cardOf, expectFocusBack, expectNoComplaints, expectPresentable, shows } from '../support/page.js';
import { makeTokens } from '../support/tokens.js';

const FILE = 'C:\\Firmware\\suit-3.2.1.bin';
/** An update takes about a second and a half. */
const QUICKLY = { speed: 6 };
/** In its bootloader a device does not tell its name: after a reload it is called by its type. */
const SUIT_RUNS = /the firmware of (Suit|SmartSuitPro 1) is being updated/i;
/** It takes longer than any test looks at it. */
const SLOWLY = { speed: 0.2 };

/** In the page: keeps every progress that is shown. */
function noteProgress(): void {
  const seen = new Set<string>();
  Object.assign(globalThis, { seen });
  new MutationObserver(() => {
    for (const bar of document.querySelectorAll('[role="progressbar"][aria-valuenow]'))
      seen.add(bar.getAttribute('aria-valuenow') ?? '');
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

describe.skipIf(cannotBrowse('the firmware view'))('the firmware view', () => {
  const openPage = useBrowser();

  async function openView(gateway: Gateway): Promise<OpenPage> {
    const opened = await openPage();
    opened.page.setDefaultTimeout(8000);
    await opened.page.goto(`${gateway.url}/#/firmware`);
    await opened.page.getByRole('heading', { level: 1, name: 'Firmware' }).waitFor();
    return opened;
  }

  /** Up to the question. */
  async function askFor(page: Page, device: string, file = FILE): Promise<void> {
    await page.getByRole('button', { name: `Update ${device}` }).click();
    await page.getByRole('textbox', { name: 'Firmware file' }).fill(file);
    await page.getByRole('button', { name: 'Continue…' }).click();
    await page.getByRole('dialog', { name: `Update ${device}?` }).waitFor();
  }

  async function update(page: Page, device: string, file = FILE): Promise<void> {
    await askFor(page, device, file);
    await page.getByRole('button', { name: 'Update now' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
  }

  function card(page: Page, device: string): ReturnType<Page['locator']> {
    return page.getByRole('listitem', { name: device, exact: true });
  }

  test('an update runs to its end under a progress bar, and the new version shows', async () => {
    const { gateway } = await startBoth({}, QUICKLY);
    const opened = await openView(gateway);
    const { page } = opened;
    const version = card(page, 'Suit').locator('strong');
    const before = await version.innerText();
    await page.evaluate(noteProgress);
    await update(page, 'Suit');
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'Done' }).count()).toBe(1);
    expect(await page.evaluate<number>('seen.size')).toBeGreaterThan(2);
    await expect.poll(() => version.innerText()).not.toBe(before);
    const row = page.getByRole('row').filter({ hasText: 'Done' });
    for (const isReloaded of [false, true]) {
      if (isReloaded) await page.reload();
      for (const part of ['Suit', 'Device firmware', /3\.2\.8\.391 → 3\.2\.\d+\.\d+/, FILE])
        await shows(row, part);
    }
    await page.getByRole('row').getByRole('link', { name: 'Suit' }).click();
    await page
      .getByRole('list', { name: 'Updates of the last hour' })
      .getByText(/ → .*✓ done/)
      .waitFor();
    expectNoComplaints(opened, gateway.url);
  });

  test('every view shows how far an update is: the chip, the title, the icon, the card, the device', async () => {
    const { gateway } = await startBoth({}, SLOWLY);
    const opened = await openPage();
    const { page } = opened;
    await page.goto(`${gateway.url}/#/devices/1`);
    await page.getByRole('heading', { level: 1, name: 'Suit' }).waitFor();
    await gateway.ask('POST', '/v1/devices/1/firmware', {
      body: { FwPath: FILE },
      headers: { prefer: 'respond-async' },
    });
    await page.getByRole('heading', { level: 2, name: /^Updating, \d+ %$/ }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Calibrate' }).count()).toBe(0);
    await expectPresentable(opened, 'device-updating');
    await expect.poll(() => page.title()).toMatch(/^\d+ % Suit – /);
    const icon = page.locator('link[rel="icon"]');
    expect(decodeURIComponent((await icon.getAttribute('href')) ?? '')).toMatch(/stroke-dasharray="\d+ 100"/);
    await page.getByRole('banner').getByRole('link', { name: 'Home' }).click();
    await shows(cardOf(page, 'Suit'), /Updating \d+ %/);
    await shows(page.getByRole('region', { name: 'Readiness' }), /Not ready.*Suit is being updated, \d+ %/);
    await page.getByRole('link', { name: 'Events', exact: true }).click();
    await page
      .getByRole('banner')
      .getByText(/^\d+ %$|Suit \d+ %/)
      .first()
      .waitFor();
    // In its bootloader a device does not tell its name: the page knows it from before.
    await page.reload();
    await expect.poll(() => page.title()).toMatch(/^\d+ % Suit – /);
  });

  test('the question names the device and what will happen to it', async () => {
    const { gateway } = await startBoth();
    const { page } = await openView(gateway);
    await page.getByRole('button', { name: 'Update Left glove' }).click();
    await page.getByRole('textbox', { name: 'Firmware file' }).fill(FILE);
    await page.getByRole('checkbox', { name: 'Force the update' }).check();
    await page.getByRole('button', { name: 'Continue…' }).click();
    const text = await page.getByRole('dialog', { name: 'Update Left glove?' }).innerText();
    for (const part of ['Left glove', 'Smartgloves', FILE, 'cannot be stopped', 'Forced']) {
      expect(text).toContain(part);
    }
  });

  test('cancelling sends nothing', async () => {
    const { gateway, simulator } = await startBoth();
    const count = counting(simulator);
    const { page } = await openView(gateway);
    await askFor(page, 'Suit');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(count('UpdateFirmware')).toBe(0);
    expect((await gateway.get('/v1/jobs')).json).toEqual({ jobs: [] });
  });

  test('a dialog that is left, at the form or at the question, gives the focus back to its button', async () => {
    const { gateway } = await startBoth();
    const { page } = await openView(gateway);
    await page.getByRole('button', { name: 'Update Suit' }).click();
    await page.getByRole('dialog', { name: 'Update Suit' }).waitFor();
    await expectFocusBack(page, 'Update Suit', () => page.keyboard.press('Escape'));
    await askFor(page, 'Suit');
    const cancel = page.getByRole('dialog').getByRole('button', { name: 'Cancel' });
    await expectFocusBack(page, 'Update Suit', () => cancel.click());
  });

  test('a file that does not fit fails with the reason', async () => {
    const { gateway } = await startBoth({}, QUICKLY);
    const { page } = await openView(gateway);
    await update(page, 'Suit', 'bad.bin');
    const row = page.getByRole('row').filter({ hasText: 'Failed' });
    await row.waitFor();
    expect(await row.innerText()).toContain('the header does not match the device type');
    expect(await card(page, 'Suit').innerText()).toContain('the header does not match the device type');
  });

  test('the firmware view sensors and the Wi-Fi module are updated by their own commands', async () => {
    const { gateway, simulator } = await startBoth({}, { speed: 100 });
    const count = counting(simulator);
    const { page } = await openView(gateway);
    for (const kind of ['Sensor firmware', 'Wi-Fi module firmware']) {
      await page.getByRole('button', { name: 'Update Suit' }).click();
      await page.getByRole('combobox', { name: 'What to update' }).selectOption(kind);
      await page.getByRole('textbox', { name: 'Firmware file' }).fill(FILE);
      await page.getByRole('button', { name: 'Continue…' }).click();
      await page.getByRole('button', { name: 'Update now' }).click();
      await page.getByRole('row').filter({ hasText: kind }).filter({ hasText: 'Done' }).waitFor();
    }
    expect([count('UpdateSensorFirmware'), count('UpdateWifiModule')]).toEqual([1, 1]);
  });

  test('the page blocks a second update and names the reason, also after a reload', async () => {
    const { gateway } = await startBoth({}, SLOWLY);
    const opened = await openView(gateway);
    const { page } = opened;
    await update(page, 'Suit');
    for (const isReloaded of [false, true]) {
      if (isReloaded) await page.reload();
      await page.getByRole('region', { name: SUIT_RUNS }).waitFor();
      const other = page.getByRole('button', { name: 'Update Left glove' });
      await expect.poll(() => other.isDisabled()).toBe(true);
      const why = page.getByRole('region', { name: 'Devices' }).getByText(/^Not now: the firmware of Suit/);
      expect(await other.getAttribute('aria-describedby')).toBe(await why.getAttribute('id'));
    }
    expect(await card(page, 'Coil').innerText()).toContain('Not updatable');
    await expectPresentable(opened, 'firmware-running');
    expectNoComplaints(opened, gateway.url);
  });

  test('60 devices fit two screens, are searched, and those in trouble are first', async () => {
    const { gateway } = await startBoth({}, { devices: 60 });
    const { page } = await openView(gateway);
    await page.setViewportSize({ width: 1280, height: 800 });
    const devices = page.getByRole('region', { name: 'Devices' }).getByRole('listitem');
    await expect.poll(() => devices.count()).toBe(60);
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: 42 });
    await shows(devices.first(), 'Not connected since');
    const height = await devices.last().evaluate((each) => each.getBoundingClientRect().bottom + scrollY);
    expect(height).toBeLessThan(2 * 800);
    await page.getByLabel('Search devices').fill('coil 1');
    await expect.poll(() => devices.count()).toBe(2);
    await page.getByLabel('Search devices').fill('nothing like it');
    await page.getByText('No device fits “nothing like it”.').waitFor();
  });

  test('an update that somebody else starts meanwhile is told as such', async () => {
    const { gateway } = await startBoth({}, SLOWLY);
    const { page } = await openView(gateway);
    await askFor(page, 'Left glove');
    const headers = { prefer: 'respond-async' };
    await gateway.ask('POST', '/v1/devices/1/firmware', { body: { FwPath: FILE }, headers });
    const dialog = page.getByRole('dialog');
    await dialog.getByText('the firmware of Suit is being updated').waitFor();
    expect(await dialog.getByRole('button', { name: 'Update now' }).isDisabled()).toBe(true);
  });

  test('an update at the studio itself is told without the name that nobody tells', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway);
    await expect.poll(() => simulator.subscriptionCount('UpdateFwEvents', 'Progress')).toBeGreaterThan(0);
    await page.getByText('None.').waitFor();
    simulator.emit('UpdateFwEvents', 'Progress', { PercentComplete: 35 });
    await page.getByText('It is at 35 %').waitFor();
    simulator.emit('UpdateFwEvents', 'Failure', { ErrorMsg: 'the cable is out' });
    await page.getByText('It failed: the cable is out').waitFor();
  });

  test('a token that may only read is told which scope is missing', async () => {
    const tokens = makeTokens({ reader: 'read' });
    const { gateway, simulator } = await startBoth({ tokens: tokens.file, auth: true });
    const count = counting(simulator);
    const { page } = await openPage();
    await page.goto(`${gateway.url}/#/firmware`);
    await page.getByRole('textbox', { name: 'Token' }).fill(tokens.of.reader);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const note = page.getByRole('note').filter({ hasText: 'admin' });
    await note.first().waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Update Suit' }).isDisabled()).toBe(true);
    expect(count('UpdateFirmware')).toBe(0);
  });

  test('without the studio nothing is offered and what is shown says that it is old', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway);
    await card(page, 'Suit').waitFor();
    await simulator.close();
    await page.getByText('Not live: this is how').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Update Suit' }).isDisabled()).toBe(true);
    await page.getByText('Not now: the studio is not connected.').waitFor();
  });

  test('the view and its dialogs pass the accessibility checks', async () => {
    const { gateway } = await startBoth({}, QUICKLY);
    const opened = await openView(gateway);
    const { page } = opened;
    await update(page, 'Suit', 'bad.bin');
    await page.getByRole('row').filter({ hasText: 'Failed' }).waitFor();
    await expectPresentable(opened, 'firmware');
    await page.getByRole('button', { name: 'Update Suit' }).click();
    await expectPresentable(opened, 'firmware-form');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await askFor(page, 'Suit');
    await expectPresentable(opened, 'firmware-question');
    expectNoComplaints(opened, gateway.url);
  });
});
