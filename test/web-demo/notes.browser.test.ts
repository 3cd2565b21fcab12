// @module-tag extended
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable } from '../support/page.js';

describe.skipIf(cannotBrowse('notes'))('notes', () => {
  const openPage = useBrowser();
  const mine = (page: Page): Locator =>
    page
      .getByRole('region', { name: 'Your notes' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('time') });
  const box = (page: Page): Locator => page.getByRole('textbox', { name: 'Note', exact: true });

  test('a note goes into the recording with what happened before, and is read from there', async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await page.getByRole('article', { name: 'Left glove' }).waitFor();
    await until(() => simulator.subscriptionCount('DeviceEvents', 'ButtonPushed', 2) > 0);
    simulator.emit('DeviceEvents', 'ButtonPushed', { DeviceId: 2, ButtonPushType: 'SinglePress' }, 2);
    await until(
      () =>
        gateway.app.hub.channel('studios/studio/devices/2/DeviceEvents/ButtonPushed')?.journal.cursor.seq ===
        1,
    );
    await page.keyboard.press('n');
    await box(page).waitFor();
    await expect.poll(() => box(page).evaluate((element) => element.matches(':focus'))).toBe(true);
    await page.getByLabel('Take', { exact: true }).fill('Walk 3');
    await box(page).fill('Left foot slid');
    await page.getByRole('group', { name: 'About' }).getByRole('button', { name: 'Left glove' }).click();
    await box(page).press('Control+Enter');
    await page.getByText('In the recording', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Retake' }).click();
    await expect.poll(() => page.getByText('In the recording', { exact: true }).count()).toBe(2);
    const { json } = await gateway.get('/v1/recording/tags/1000');
    expect(json).toMatchObject({
      UserData: {
        v: 1,
        notes: [
          {
            v: 1,
            take: 'Walk 3',
            text: 'Left foot slid',
            kind: 'note',
            devices: [{ id: 2, name: 'Left glove' }],
            marks: [{ what: 'Left glove: button pressed' }],
          },
          { kind: 'retake', text: '' },
        ],
      },
    });
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByText('Tag 1000', { exact: true }).click();
    const recorded = page.getByRole('region', { name: 'In the loaded recording' });
    await recorded.getByText('Left foot slid').waitFor();
    await expectPresentable(opened, 'notes');
    expectNoComplaints(opened, gateway.url);
  });

  test('without a recording a note is kept here, over a reload too, until a retry writes it', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.world.recording = false;
    const { page } = await openPage();
    await page.goto(`${gateway.url}/#/notes`);
    await page.getByText('It reads recordings in playback only.').waitFor();
    await box(page).fill('Nobody records');
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.getByText('Kept here, not in the recording').waitFor();
    await page.getByText('no recording is started').waitFor();
    await page.reload();
    await mine(page).getByText('Nobody records').waitFor();
    simulator.world.recording = true;
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('In the recording', { exact: true }).waitFor();
    expect((await gateway.get('/v1/recording/tags/1000')).text).toContain('Nobody records');
  });

  test('data of somebody else under the tag are not overwritten', async () => {
    const { gateway } = await startBoth();
    await gateway.put('/v1/recording/tags/1000', { UserData: { Scene: '12B' } });
    const { page } = await openPage();
    await page.goto(`${gateway.url}/#/notes`);
    await box(page).fill('mine');
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.getByText('Tag 1000 holds other data: choose another tag.').waitFor();
    expect((await gateway.get('/v1/recording/tags/1000')).json).toMatchObject({ UserData: { Scene: '12B' } });
    await page.getByText('Kept under tag 1000').click();
    await page.getByLabel('Tag', { exact: true }).fill('1001');
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('In the recording', { exact: true }).waitFor();
  });
});
