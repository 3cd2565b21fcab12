import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, startBoth, until } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable } from '../support/page.js';

describe.skipIf(cannotBrowse('the command palette'))('the command palette', () => {
  const openPage = useBrowser();
  const palette = (page: Page): Locator => page.getByRole('dialog', { name: 'Command palette' });
  const hash = (page: Page): string => new URL(page.url()).hash;

  test(
    'a few letters open devices, views and commands, and change an LED; keys go everywhere',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const ran = counting(simulator);
      const opened = await openPage();
      const { page } = opened;
      await page.goto(gateway.url);
      await page.getByRole('article', { name: 'Left glove' }).waitFor();
      await page.keyboard.press('Control+k');
      await page.keyboard.type('left glove');
      await palette(page).getByRole('option', { name: 'Left glove Device 2', exact: true }).waitFor();
      await page.keyboard.press('Enter');
      await expect.poll(() => hash(page)).toBe('#/devices/2');

      await page.getByRole('button', { name: 'Find anything' }).click();
      await palette(page).getByRole('combobox').fill('led left #ff6000');
      await palette(page).getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await page.getByText('The ring is #ff6000').waitFor();
      await until(() => ran('SetColorLed') === 1);

      await page.keyboard.press('Control+k');
      await palette(page).getByRole('combobox').fill('scan suit');
      await palette(page).getByRole('option', { name: 'Scan networks with Suit' }).click();
      await expect.poll(() => hash(page)).toBe('#/devices/1/wifi');
      await page.getByText(/networks? at .*, the strongest first/).waitFor();
      expect(ran('ScanNetwork')).toBe(1);

      await page.keyboard.press('Control+k');
      await palette(page).getByRole('combobox').fill('devname get');
      await palette(page).getByRole('option', { name: 'GetDeviceName' }).click();
      await expect.poll(() => hash(page)).toBe('#/console/GetDeviceName');

      await page.keyboard.press('Control+k');
      await palette(page).waitFor();
      await page.keyboard.press('Escape');
      await palette(page).waitFor({ state: 'detached' });
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('g');
      await page.keyboard.press('e');
      await expect.poll(() => hash(page)).toBe('#/events');
      await page.keyboard.press('m');
      await page.getByText('Mark 1 set').waitFor();
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await expectPresentable(opened, 'keys');
      await page.keyboard.press('Escape');
      await page.keyboard.press('f');
      await expect.poll(() => hash(page)).toBe('#/wall');
      await page.keyboard.press('f');
      await expect.poll(() => hash(page)).toBe('#/');
      await page.keyboard.press('Control+k');
      await palette(page).getByRole('option').first().waitFor();
      await expectPresentable(opened, 'palette');
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'what is typed while the palette is loaded is not lost, and a letter in a field is no key',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const { page } = await openPage();
      await page.goto(`${gateway.url}/#/events`);
      await page.getByRole('searchbox', { name: 'Filter' }).pressSequentially('gnm?');
      expect(await page.getByRole('searchbox', { name: 'Filter' }).inputValue()).toBe('gnm?');
      expect(hash(page)).toBe('#/events');
      await page.evaluate('document.activeElement.blur()');
      await page.keyboard.press('Control+k');
      await page.keyboard.type('not');
      await expect.poll(() => palette(page).getByRole('combobox').inputValue()).toBe('not');
      await page.keyboard.press('Enter');
      await expect.poll(() => hash(page)).toBe('#/notes');
    },
  );
});
