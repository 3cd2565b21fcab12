import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { expectPresentable } from '../support/page.js';
import { startStudios } from '../support/studios.js';

describe.skipIf(cannotBrowse('several studios'))('several studios', () => {
  const openPage = useBrowser();

  test('the page names its studio, tells how the others are, and leads to them', async () => {
    const { gateway, simulators } = await startStudios(['stage', 'lab']);
    await gateway.put('/studios/lab/v1/devices/1/name', { DeviceName: 'Lab glove' });
    const opened = await openPage();
    const { page } = opened;
    await page.goto(`${gateway.url}/`);
    const switcher = page.getByRole('button', { name: 'Studio stage: choose another' });
    await switcher.waitFor();
    const others = page.getByRole('navigation', { name: 'Other studios' });
    await others.getByRole('link', { name: 'lab 4 devices' }).waitFor();
    await expectPresentable(opened, 'studios');
    await simulators.lab.close();
    await others.getByRole('link', { name: 'lab Studio offline' }).waitFor();
    await switcher.click();
    await page.getByRole('menuitemradio', { name: 'lab Offline' }).click();
    await page.waitForURL(/\/studios\/lab\/#\/$/);
    await page.getByRole('button', { name: 'Studio lab: choose another' }).waitFor();
    await page.getByRole('alert').getByText('Studio offline').waitFor();
  });

  test('a page below /studios/{studio} shows and changes that studio', { tags: ['extended'] }, async () => {
    const { gateway } = await startStudios(['stage', 'lab']);
    await gateway.put('/studios/lab/v1/devices/1/name', { DeviceName: 'Lab glove' });
    const { page } = await openPage();
    await page.goto(`${gateway.url}/studios/lab/#/devices/1`);
    await page.getByText('Lab glove').first().waitFor();
    await page.goto(`${gateway.url}/#/devices/1`);
    await page.getByText('Suit').first().waitFor();
    expect(await page.getByText('Lab glove').count()).toBe(0);
  });
});
