// @module-tag extended
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, settled, startBoth, until } from '../support/gateway.js';
import { deviceOpener, expectFocusBack, expectNoComplaints, expectPresentable } from '../support/page.js';
import { useSharedPage } from '../support/shared-page.js';
import type { Simulator } from '../../src/simulator/simulator.js';

const SUIT = 1;
const GLOVE = 2;

describe.skipIf(cannotBrowse('what a device does'))('what a device does', () => {
  const openDevice = deviceOpener(useBrowser());
  const shared = useSharedPage();

  test('a calibration begins when the countdown is over, and its outcome is told', async () => {
    const { gateway, simulator, opened, page, go } = shared();
    const count = counting(simulator);
    await go(`/devices/${SUIT}/calibrate`);
    await page.getByRole('button', { name: 'Calibrate', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Calibrating Suit' });
    await dialog.getByText('The calibration begins in 5 seconds.').waitFor();
    await dialog.getByText('The calibration begins in 3 seconds.').waitFor();
    expect(count('CalibrateStaticPose')).toBe(0);
    await dialog.getByText('Calibrated', { exact: true }).waitFor();
    await expectPresentable(opened, 'device-calibrated');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText(/✓ Calibrated at/).waitFor();
    expect(count('CalibrateStaticPose')).toBe(1);
    await expectPresentable(opened, 'device-calibration');
    expectNoComplaints(opened, gateway.url);
  });

  test('a countdown that is cancelled, or whose device goes, calibrates nothing', async () => {
    const { gateway, simulator, page, go } = shared();
    const count = counting(simulator);
    await go(`/devices/${GLOVE}/calibrate`);
    const dialog = page.getByRole('dialog', { name: 'Calibrating Left glove' });
    await page.getByRole('button', { name: 'Calibrate', exact: true }).click();
    await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Calibrate', exact: true }).click();
    await dialog.waitFor();
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: GLOVE });
    await dialog.waitFor({ state: 'detached' });
    expect(count('CalibrateStaticPose')).toBe(0);
  });

  test('a countdown that is left gives the focus back to the button that began it', async () => {
    const { page, go } = shared();
    await go(`/devices/${GLOVE}/calibrate`);
    await page.getByRole('button', { name: 'Calibrate', exact: true }).click();
    await page.getByRole('dialog', { name: 'Calibrating Left glove' }).waitFor();
    await expectFocusBack(page, 'Calibrate', () => page.keyboard.press('Escape'));
  });

  test('a calibration that the device reports as failed is said to have failed', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${SUIT}/calibrate`);
    await section(page, 'Calibrate').waitFor();
    simulator.emit('DeviceEvents', 'Calibrated', { DeviceId: SUIT, EventSuccess: 'Failure' });
    await page.getByText(/✗ The calibration failed at/).waitFor();
  });

  test('a self test is drawn: vectors, and matrices with their numbers', async () => {
    const { gateway, opened, page, go } = shared();
    await go(`/devices/${GLOVE}/self-test`);
    await page.getByRole('button', { name: 'Run self test' }).click();
    await page.getByText(/^All 7 sensors read 1 g ± 0\.\d\d and lie still\.$/).waitFor();
    await page.getByRole('img', { name: 'Left glove, Smartgloves, 7 sensors tested' }).waitFor();
    await page.getByText('All measurements').click();
    const accelerations = section(page, 'Acceleration (g)').getByRole('img');
    await expect.poll(() => accelerations.count()).toBe(7);
    const hand = section(page, 'Acceleration (g)').getByRole('img', {
      name: /^Hand: X .+, Y .+, Z 1\.0\d|^Hand: .*Z 0\.9\d/,
    });
    await hand.waitFor();
    const matrices = section(page, 'Signed magnitudes').getByRole('table');
    expect(await matrices.count()).toBe(7);
    expect(await matrices.first().getByRole('cell').count()).toBe(9);
    await section(page, 'The device as a whole').getByText('Magnetometer of the hub (G)').waitFor();
    await expectPresentable(opened, 'device-self-test');
    expectNoComplaints(opened, gateway.url);
  });

  test('a self test that fails says why', async () => {
    const { simulator, page, go } = shared();
    simulator.faults.add({ kind: 'error', code: 'Device command error', command: 'RunSelfTest', count: 1 });
    await go(`/devices/${SUIT}/self-test`);
    await page.getByRole('button', { name: 'Run self test' }).click();
    await section(page, 'Self test')
      .getByRole('alert')
      .getByText('Device command error', { exact: true })
      .waitFor();
    await page.getByRole('button', { name: 'Run self test' }).click();
    await page.getByText(/^Measured at/).waitFor();
  });

  test('the log follows the device, by level, and can be paused', async () => {
    const { gateway, simulator, opened, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    const log = page.getByRole('log');
    await listening(simulator, 'DeviceLogs', 'Debug');
    say(simulator, 'Debug', 'bias updated');
    say(simulator, 'Error', 'sensor 3 is silent');
    await log.getByText('bias updated').waitFor();
    await page.getByRole('checkbox', { name: 'Debug' }).uncheck();
    await log.getByText('bias updated').waitFor({ state: 'detached' });
    await log.getByText('sensor 3 is silent').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    say(simulator, 'Warning', 'clock drifts');
    await page.getByText('Paused: 1 more line.').waitFor();
    expect(await log.getByText('clock drifts').count()).toBe(0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await log.getByText('clock drifts').waitFor();
    await expectPresentable(opened, 'device-log');
    expectNoComplaints(opened, gateway.url);
  });

  test('the log keeps its newest 500 lines and stays at the newest', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    const log = page.getByRole('log');
    await listening(simulator, 'DeviceLogs', 'Info');
    for (let line = 1; line <= 620; line++) say(simulator, 'Info', `line ${line}`);
    await log.getByText('line 620', { exact: true }).waitFor();
    expect(await log.getByText(/^line \d+$/).count()).toBe(500);
    const rest = await log.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
    expect(rest).toBeLessThan(30);
  });

  test('a gap stands in the log where it was', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openDevice(gateway, GLOVE);
    const log = page.getByRole('log');
    await listening(simulator, 'DeviceLogs', 'Error');
    say(simulator, 'Error', 'before');
    await log.getByText('before').waitFor();
    simulator.dropConnections();
    await settled(gateway);
    await listening(simulator, 'DeviceLogs', 'Error');
    say(simulator, 'Error', 'after');
    await log.getByText('after').waitFor();
    const gap = 'Error: Lines may be missing: the studio, the gateway or the device was away.';
    const text = (await log.innerText()).replaceAll('\n', ' ');
    expect(text).toMatch(new RegExp(`before.*${gap}.*after`));
  });

  test('a press of the button is seen at once, with its kind', async () => {
    const { gateway, simulator, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    const button = section(page, 'Button');
    await button.waitFor();
    await listening(simulator, 'DeviceEvents', 'ButtonPushed');
    await gateway.call('SimulatorPressButton', { DeviceId: GLOVE, ButtonPushType: 'LongPress' });
    await button
      .getByRole('status')
      .getByText(/^Long press at /)
      .waitFor();
    await gateway.call('SimulatorPressButton', { DeviceId: GLOVE });
    await button
      .getByRole('status')
      .getByText(/^Single press at /)
      .waitFor();
    await button
      .getByRole('list', { name: 'Earlier presses, newest first' })
      .getByText(/^Long press/)
      .waitFor();
  });
});

function section(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

function say(simulator: Simulator, level: string, LogMsg: string): void {
  simulator.emit('DeviceLogs', level, { LogMsg, TimestampNs: 1_000_000, SrcLocation: 'test/bench' }, GLOVE);
}

function listening(simulator: Simulator, publisher: string, topic: string): Promise<void> {
  return until(() => simulator.subscriptionCount(publisher, topic, GLOVE) > 0);
}
