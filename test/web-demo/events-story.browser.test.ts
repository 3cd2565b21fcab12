// @module-tag extended
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable, seriousFindings } from '../support/page.js';

const LOGS = { Publishers: [{ Publisher: 'Logs', Topics: ['Error', 'Warning', 'Info'] }] };

describe.skipIf(cannotBrowse('the log of events'))('the log of events', () => {
  const openPage = useBrowser();

  async function openEvents(gateway: Gateway, channels: readonly string[]): Promise<OpenPage> {
    const opened = await openPage();
    opened.page.setDefaultTimeout(15_000);
    await opened.page.addInitScript(
      `sessionStorage.setItem('events-channels', '${JSON.stringify(channels)}')`,
    );
    await opened.page.goto(`${gateway.url}/#/events`);
    await opened.page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    return opened;
  }

  const rows = (page: Page, text?: string): Locator => {
    const all = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
    return text === undefined ? all : all.filter({ hasText: text });
  };
  const levelOf = (row: Locator): Promise<string | null> =>
    row.locator('[data-level]').first().getAttribute('data-level');
  const facet = (page: Page, name: string): Locator =>
    page.getByRole('group', { name: 'Show only' }).getByRole('button', { name });

  test('it shows what came before, in sentences with their level, and survives leaving the view', async () => {
    const { gateway, simulator } = await startBoth();
    await gateway.post('/v1/subscribe', LOGS);
    simulator.emit('Logs', 'Error', { LogMsg: 'sensor did not answer' });
    simulator.emit('Logs', 'Warning', { LogMsg: 'signal is weak' });
    await until(() => gateway.app.hub.channel('studios/studio/Logs/Warning')?.journal.cursor.seq === 1);
    const opened = await openEvents(gateway, ['Logs/*', 'DeviceEvents/*', 'devices/*/*/*']);
    const { page } = opened;
    await rows(page, 'signal is weak').waitFor();
    expect(await levelOf(rows(page, 'sensor did not answer'))).toBe('error');
    expect(await levelOf(rows(page, 'signal is weak'))).toBe('warning');

    await until(() => simulator.subscriptionCount('DeviceEvents', 'GyrSaturated') > 0);
    simulator.emit('DeviceEvents', 'GyrSaturated', { DeviceId: 2 });
    await rows(page, 'Left glove: gyroscope saturated').waitFor();
    expect(await levelOf(rows(page, 'gyroscope'))).toBe('warning');

    await page.evaluate("location.hash = '#/'");
    await rows(page).first().waitFor({ state: 'detached' });
    simulator.emit('Logs', 'Info', { LogMsg: 'meanwhile' });
    await until(() => gateway.app.hub.channel('studios/studio/Logs/Info')?.journal.cursor.seq === 1);
    await page.evaluate("location.hash = '#/events'");
    await rows(page, 'meanwhile').waitFor();
    const texts = await rows(page).allInnerTexts();
    expect(texts.map((text) => /sensor|signal|gyroscope|meanwhile/.exec(text)?.[0])).toEqual([
      'sensor',
      'signal',
      'gyroscope',
      'meanwhile',
    ]);
    expectNoComplaints(opened, gateway.url);
  });

  test('equal lines are folded, facets count and narrow, and a mark is a row', async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openEvents(gateway, ['Logs/*', 'DeviceEvents/*', 'devices/*/*/*']);
    const { page } = opened;
    await until(() => simulator.subscriptionCount('Logs', 'Info') > 0);
    await until(() => simulator.subscriptionCount('DeviceEvents', 'EmfSaturated') > 0);
    for (let i = 0; i < 214; i++) simulator.emit('Logs', 'Warning', { LogMsg: 'signal is weak' });
    simulator.emit('DeviceEvents', 'EmfSaturated', { DeviceId: 3 });
    await rows(page, 'Right glove: EMF sensor saturated').waitFor();
    await rows(page, '×214').waitFor();
    expect(await rows(page, 'signal is weak').count()).toBe(1);

    await expect.poll(() => facet(page, 'Warnings').innerText()).toMatch(/215$/);
    await facet(page, 'Right glove').click();
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByText('1 of 215 rows').waitFor();
    await page.getByRole('button', { name: 'Show everything' }).click();

    await page.getByRole('searchbox', { name: 'Filter' }).fill('-saturated /SIG.*weak/');
    await expect.poll(() => rows(page).count()).toBe(1);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('/(/');
    await page.getByText('/(/ is not a regular expression.').waitFor();
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');

    await page.getByRole('img', { name: /^The last ten minutes/ }).hover();
    await page.getByRole('region', { name: 'Event stream' }).focus();
    await page.keyboard.press('m');
    await rows(page, 'Mark 1').waitFor();
    await page.keyboard.press('p');
    await page.getByRole('button', { name: 'Resume (0 new)' }).waitFor();
    await page.keyboard.press('p');
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByLabel('Event as JSON').waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save as NDJSON' }).click();
    expect((await downloading).suggestedFilename()).toMatch(/^events-[\dT-]+\.ndjson$/);
    await expectPresentable(opened, 'events-log');
    expectNoComplaints(opened, gateway.url);
  });

  test('the timeline names each lane in words, and a part of it narrows the list', async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openEvents(gateway, ['Logs/*']);
    const { page } = opened;
    await until(() => simulator.subscriptionCount('Logs', 'Error') > 0);
    simulator.emit('Logs', 'Error', { LogMsg: 'sensor did not answer' });
    const timeline = page.getByRole('img', { name: 'Studio: 1 event, 1 error, 0 warnings' });
    await timeline.waitFor();
    const box = await timeline.boundingBox();
    if (box === null) throw new Error('the timeline is not shown');
    await page.mouse.move(box.x + 20, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + 200, box.y + 10);
    await page.mouse.up();
    await page.getByText('The only row is not among what is chosen above.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await rows(page, 'sensor did not answer').waitFor();
    expectNoComplaints(opened, gateway.url);
  });

  test('a channel that nothing offers gets a suggestion, which is taken at a press', async () => {
    const { gateway } = await startBoth();
    const opened = await openEvents(gateway, ['Logs/Eror', 'Log/*']);
    const { page } = opened;
    await page.getByRole('button', { name: 'Logs/Error', exact: true }).click();
    await page.getByRole('button', { name: 'Remove Logs/Error' }).waitFor();
    await page.getByRole('button', { name: 'Logs/*', exact: true }).click();
    await page.getByRole('button', { name: 'Remove Logs/*' }).waitFor();
    expect(await page.getByText('Did you mean').count()).toBe(0);
  });

  test('in a storm all are counted, a part is drawn, and errors are all drawn', async () => {
    const { gateway, simulator } = await startBoth({ clientBuffer: 64 * 1024 * 1024 });
    const opened = await openEvents(gateway, ['Logs/*']);
    const { page } = opened;
    await until(() => simulator.subscriptionCount('Logs', 'Info') > 0);
    let sent = 0;
    const storm = setInterval(() => {
      for (const end = sent + 100; sent < end; sent++)
        simulator.emit('Logs', 'Info', { LogMsg: `storm ${sent}` });
    }, 10);
    try {
      await page.getByText('Sampling:').waitFor({ timeout: 30_000 });
      for (let i = 0; i < 20; i++) simulator.emit('Logs', 'Error', { LogMsg: `error ${i}.` });
      await facet(page, 'Errors').click();
      await rows(page, 'error 19.').waitFor();
      await expect.poll(() => rows(page).last().getAttribute('aria-setsize')).toBe('20');
    } finally {
      clearInterval(storm);
    }
    const counted = async (): Promise<number> =>
      Number(
        (await facet(page, 'Logs').count()) > 0
          ? (await facet(page, 'Logs').innerText()).replace(/\D/g, '')
          : -1,
      );
    if ((await facet(page, 'Logs').count()) > 0) await expect.poll(counted).toBe(sent + 20);
    await page.getByText('A part was drawn').waitFor({ timeout: 30_000 });
    expectNoComplaints(opened, gateway.url);
  });

  test('events of light arrays are told by their address', async () => {
    const { gateway } = await startBoth();
    const { page } = await openEvents(gateway, ['lights/*/Pycom/*']);
    await page.getByRole('button', { name: 'Choose channels…' }).click();
    const picker = page.getByRole('dialog', { name: 'Channels' });
    await picker.getByRole('checkbox', { name: 'Everything from every light array' }).waitFor();
    expect(await seriousFindings(page)).toEqual([]);
  });
});
