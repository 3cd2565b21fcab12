import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { expectFocusBack, expectNoComplaints, expectPresentable } from '../support/page.js';
import type { Simulator } from '../../src/simulator/simulator.js';

const Copied = z.array(
  z.object({
    channel: z.string(),
    cursor: z.string(),
    receivedAt: z.number(),
    event: z.object({ EventData: z.object({ LogMsg: z.string() }) }),
  }),
);

describe.skipIf(cannotBrowse('the events view'))('the events view', () => {
  const openPage = useBrowser();

  async function openView(gateway: Gateway, simulator: Simulator): Promise<OpenPage> {
    const opened = await openPage({ permissions: ['clipboard-read', 'clipboard-write'] });
    opened.page.setDefaultTimeout(8000);
    await opened.page.goto(`${gateway.url}/#/events`);
    await opened.page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
    await listening(gateway, 'Logs/Info');
    await until(() => simulator.subscriptionCount('Logs', 'Info') > 0);
    return opened;
  }

  /** Somebody listens to the channel: the page, where nobody else is. */
  async function listening(gateway: Gateway, channel: string): Promise<void> {
    await until(() => [...gateway.app.hub.subscribers].some((each) => each.modes.has(channel)));
  }

  function log(simulator: Simulator, LogMsg: string, topic = 'Info'): void {
    simulator.emit('Logs', topic, { LogMsg });
  }

  function rows(page: Page, text?: string): Locator {
    const all = page.getByRole('list', { name: 'Events' }).getByRole('listitem');
    return text === undefined ? all : all.filter({ hasText: text });
  }

  async function openPicker(page: Page): Promise<Locator> {
    await page.getByRole('button', { name: 'Choose channels…' }).click();
    const picker = page.getByRole('dialog', { name: 'Channels' });
    await picker.getByRole('button', { name: 'Studio' }).waitFor();
    return picker;
  }

  test(
    'events of channels that the page listened to before the view was opened are read from history',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth({}, { events: false });
      const opened = await openPage();
      await opened.page.goto(gateway.url);
      await opened.page.getByRole('article', { name: 'Suit' }).waitFor();
      await listening(gateway, 'DeviceEvents/Mapped');
      await until(() => simulator.subscriptionCount('DeviceEvents', 'Mapped') > 0);
      simulator.emit('DeviceEvents', 'Mapped', { DeviceId: 1 });
      await until(async () =>
        (await gateway.get('/v1/history?channel=DeviceEvents/Mapped')).text.includes('receivedAt'),
      );
      await opened.page.getByRole('link', { name: 'Events' }).first().click();
      await rows(opened.page, 'DeviceEvents/Mapped').waitFor();
      expect(await rows(opened.page, 'DeviceEvents/Mapped').count()).toBe(1);
      simulator.emit('DeviceEvents', 'Mapped', { DeviceId: 2 });
      await expect.poll(() => rows(opened.page, 'DeviceEvents/Mapped').count()).toBe(2);
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'an event shows as it comes, with its time, its channel and all of its JSON',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const opened = await openView(gateway, simulator);
      log(simulator, 'here I am');
      const row = rows(opened.page, 'here I am');
      await row.waitFor();
      expect(await row.innerText()).toMatch(/\d\d:\d\d:\d\d\.\d{3}/);
      expect(await row.innerText()).toContain('Logs/Info');
      await row.getByRole('button').first().click();
      await expect.poll(() => row.innerText()).toContain('"Publisher": "Logs"');
      expectNoComplaints(opened, gateway.url);
    },
  );

  test('the rates know of an event as soon as its row is there', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    const seen = page.evaluate(
      () =>
        new Promise<string>((resolve) => {
          const look = (): unknown =>
            document.querySelector('[role=list][aria-label=Events] [role=listitem]') === null
              ? requestAnimationFrame(look)
              : resolve(document.querySelector<HTMLElement>('[aria-label="Rates"]')?.innerText ?? '');
          look();
        }),
    );
    log(simulator, 'the first');
    expect(await seen).toMatch(/Logs\/Info\s+\d+\s+1/);
  });

  test('channels are chosen from what the studio and its devices publish', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    const picker = await openPicker(page);
    await picker.getByRole('button', { name: 'Choose none' }).click();
    await picker.getByRole('group', { name: 'Logs' }).getByRole('checkbox', { name: 'Warning' }).check();
    await picker.getByRole('button', { name: 'Right glove' }).click();
    const glove = picker.getByRole('region', { name: 'Right glove' });
    await glove.getByRole('group', { name: 'DeviceLogs' }).getByRole('checkbox', { name: 'Error' }).check();
    await picker.getByRole('button', { name: 'Done' }).click();
    const chosen = page.getByRole('list', { name: 'Chosen channels' }).getByRole('listitem');
    expect(await chosen.allInnerTexts()).toEqual(['Logs/Warning', 'devices/3/DeviceLogs/Error']);
    await listening(gateway, 'devices/3/DeviceLogs/Error');
    await until(() => simulator.subscriptionCount('Logs', 'Warning') > 0);
    log(simulator, 'not asked for');
    simulator.emit('DeviceLogs', 'Error', { LogMsg: 'from the glove' }, 3);
    log(simulator, 'a warning', 'Warning');
    await rows(page, 'a warning').waitFor();
    expect(await rows(page).count()).toBe(2);
    await rows(page, 'from the glove').waitFor();
  });

  test(
    'a channel that a wildcard covers is shown as included, and its events come once',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const { page } = await openView(gateway, simulator);
      const picker = await openPicker(page);
      await picker.getByRole('checkbox', { name: 'Everything from the studio' }).check();
      const included = picker
        .getByRole('group', { name: 'Logs' })
        .getByRole('checkbox', { name: 'Info (included)' });
      expect([await included.isChecked(), await included.isDisabled()]).toEqual([true, true]);
      await picker.getByRole('button', { name: 'Done' }).click();
      log(simulator, 'once');
      log(simulator, 'end');
      await rows(page, 'end').waitFor();
      expect(await rows(page, 'once').count()).toBe(1);
    },
  );

  test(
    'a channel that nobody publishes may be named, and its refusal is told',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const { page } = await openView(gateway, simulator);
      const picker = await openPicker(page);
      await picker.getByRole('textbox', { name: 'Another channel' }).fill('nonsense');
      await picker.getByRole('button', { name: 'Add' }).click();
      await picker.getByText('Write Publisher/Topic').waitFor();
      await picker.getByRole('textbox', { name: 'Another channel' }).fill('No/Such');
      await picker.getByRole('button', { name: 'Add' }).click();
      await picker.getByRole('button', { name: 'Done' }).click();
      await page.getByText('No/Such was refused.').waitFor();
      await page.getByRole('button', { name: 'Remove No/Such' }).click();
      await expect.poll(() => page.getByText('No/Such was refused.').count()).toBe(0);
    },
  );

  test('a wildcard follows a device that connects later', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    const picker = await openPicker(page);
    await picker.getByRole('button', { name: 'Every device' }).click();
    const every = picker.getByRole('region', { name: 'Every device' });
    await every
      .getByRole('group', { name: 'DeviceLogs' })
      .getByRole('checkbox', { name: 'All topics' })
      .check();
    await picker.getByRole('button', { name: 'Done' }).click();
    await gateway.call('SimulatorConnectDevice', {});
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 5) > 0);
    await listening(gateway, 'devices/5/DeviceLogs/Info');
    simulator.emit('DeviceLogs', 'Info', { LogMsg: 'the fifth speaks' }, 5);
    await rows(page, 'devices/5/DeviceLogs/Info').waitFor();
  });

  test('the filter looks into channels and JSON', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    const filter = page.getByRole('searchbox', { name: 'Filter' });
    log(simulator, 'apples');
    await rows(page, 'apples').waitFor();
    await filter.fill('plums');
    await page.getByText('The only row does not contain “plums”.').waitFor();
    await filter.clear();
    log(simulator, 'pears', 'Error');
    await rows(page, 'pears').waitFor();
    await filter.fill('APPLE');
    await expect.poll(() => rows(page).count()).toBe(1);
    log(simulator, 'more apples');
    log(simulator, 'more pears');
    await rows(page, 'more apples').waitFor();
    expect(await rows(page).count()).toBe(2);
    await filter.fill('logs/error');
    await expect.poll(() => rows(page).allInnerTexts()).toEqual([expect.stringContaining('pears')]);
    await filter.fill('plums');
    await page.getByText('None of the 4 rows contains “plums”.').waitFor();
  });

  test('a pause holds what comes, and resuming shows it', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    log(simulator, 'before');
    await rows(page, 'before').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    log(simulator, 'meanwhile');
    await page.getByRole('button', { name: 'Resume (1 new)' }).waitFor();
    expect(await rows(page).count()).toBe(1);
    await page.getByRole('button', { name: 'Resume' }).click();
    await rows(page, 'meanwhile').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('Nothing has come on these channels yet.').waitFor();
  });

  test('what is shown, or one row, is copied as JSON', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    log(simulator, 'first');
    log(simulator, 'second');
    await rows(page, 'second').waitFor();
    await page.getByRole('button', { name: 'Copy shown as JSON' }).click();
    await page.getByText('Copied 2 rows.').waitFor();
    const read = (): Promise<unknown> =>
      page.evaluate<string>('navigator.clipboard.readText()').then((text): unknown => JSON.parse(text));
    const copied = Copied.parse(await read());
    expect(copied.map(({ event }) => event.EventData.LogMsg)).toEqual(['first', 'second']);
    await rows(page, 'first').getByRole('button').click();
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await page.getByText('Copied one row.').waitFor();
    expect(Copied.element.parse(await read()).event.EventData.LogMsg).toBe('first');
  });

  test(
    'where the browser gives no clipboard, rows are copied the old way, or selected, or downloaded',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const { page } = await openView(gateway, simulator);
      await page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })");
      log(simulator, 'out of reach');
      await rows(page, 'out of reach').waitFor();
      await page.getByRole('button', { name: 'Copy shown as JSON' }).click();
      await page.getByText('Copied one row.').waitFor();
      await page.evaluate('document.execCommand = () => false');
      await page.getByRole('button', { name: 'Copy shown as JSON' }).click();
      const text = await page.getByRole('textbox', { name: 'JSON' }).inputValue();
      expect(Copied.parse(JSON.parse(text))[0]?.event.EventData.LogMsg).toBe('out of reach');
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download events.json' }).click();
      expect((await downloading).suggestedFilename()).toBe('events.json');
      await expectFocusBack(page, 'Copy shown as JSON', () => page.keyboard.press('Escape'));
    },
  );

  test('a gap stands where it happened, with its cause', async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openView(gateway, simulator);
    const { page } = opened;
    log(simulator, 'before the gap');
    await rows(page, 'before the gap').waitFor();
    simulator.dropConnections();
    await until(() => !gateway.rcsp.events.connected);
    await until(() => gateway.rcsp.events.connected && simulator.subscriptionCount('Logs', 'Info') > 0);
    log(simulator, 'after the gap');
    await rows(page, 'after the gap').waitFor();
    const texts = await rows(page).allInnerTexts();
    const at = (text: string): number => texts.findIndex((each) => each.includes(text));
    const gap = at('Connection lost: events of');
    expect(gap).toBeGreaterThan(at('before the gap'));
    expect(gap).toBeLessThan(at('after the gap'));
    expectNoComplaints(opened, gateway.url);
  });

  test(
    'of more than 10,000 rows the newest are kept, few are drawn, and the page answers',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth({ clientBuffer: 64 * 1024 * 1024 });
      const opened = await openView(gateway, simulator);
      const { page } = opened;
      for (let sent = 0; sent < 12_000;) {
        for (const end = sent + 200; sent < end; sent++) log(simulator, `number ${sent}`);
        await until(
          () => Number(gateway.app.hub.channel('studios/studio/Logs/Info')?.journal.cursor.seq) >= sent,
        );
        // Below the rate from which only a part is drawn.
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      await rows(page, 'number 11999').waitFor();
      await page.getByText('10,000 rows; 2,000 older dropped').waitFor({ timeout: 30_000 });
      expect(await page.evaluate('document.querySelectorAll("[role=listitem]").length')).toBeLessThan(200);
      const before = performance.now();
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))');
      expect(performance.now() - before).toBeLessThan(1000);
      await page
        .getByRole('region', { name: 'Event stream' })
        .evaluate((element) => element.scrollTo({ top: 0 }));
      await rows(page, 'number 2000').waitFor();
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'it follows the newest row until the reader scrolls up, and back there at a press',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const { page } = await openView(gateway, simulator);
      for (let i = 0; i < 100; i++) log(simulator, `row ${i}.`);
      await rows(page, 'row 99.').waitFor();
      await page.getByRole('region', { name: 'Event stream' }).hover();
      await page.mouse.wheel(0, -1500);
      const jump = page.getByRole('button', { name: 'Jump to newest' });
      await jump.waitFor();
      const top = rows(page).first();
      const seen = await top.innerText();
      for (let i = 100; i < 200; i++) log(simulator, `row ${i}.`);
      await page.getByText('200 rows').waitFor();
      expect(await top.innerText()).toBe(seen);
      await jump.click();
      await rows(page, 'row 199.').waitFor();
      await expect.poll(() => jump.count()).toBe(0);
    },
  );

  test('the rates are plotted, and told in a table', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openView(gateway, simulator);
    const { page } = opened;
    for (let i = 0; i < 30; i++) log(simulator, 'tick');
    log(simulator, 'an error', 'Error');
    simulator.emit('DeviceEvents', 'Seen', { DeviceId: 1 });
    const plot = page.getByRole('img', { name: 'Events per second over the last 60 seconds' });
    await plot.locator('canvas').waitFor();
    const row = page.getByRole('table', { name: 'Events per second' }).getByRole('row');
    await expect.poll(() => row.filter({ hasText: 'Logs/Info' }).innerText()).toMatch(/30$/);
    await expectPresentable(opened, 'events');
    await openPicker(page);
    await expectPresentable(opened, 'events-picker');
    expectNoComplaints(opened, gateway.url);
  });

  test('without the studio the rows say that they are old', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openView(gateway, simulator);
    log(simulator, 'the last word');
    await rows(page, 'the last word').waitFor();
    await simulator.close();
    await page.getByText('Not live: no events arrive.').waitFor();
  });
});
