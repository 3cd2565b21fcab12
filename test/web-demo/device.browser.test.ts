import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, startBoth, until } from '../support/gateway.js';
import { deviceOpener, expectNoComplaints, expectPresentable } from '../support/page.js';

const SUIT = 1;
const GLOVE = 2;
const COIL = 4;

describe.skipIf(cannotBrowse('the view of a device'))('the view of a device', () => {
  const openDevice = deviceOpener(useBrowser());

  test("the view shows the device's values and reads a section only when it is opened", async () => {
    const { gateway, simulator } = await startBoth();
    const count = counting(simulator);
    const opened = await openDevice(gateway, SUIT);
    const { page } = opened;
    await page.getByRole('heading', { level: 1, name: 'Suit' }).waitFor();
    await hasValue(page.getByLabel('Device name'), 'Suit');
    await hasValue(page.getByLabel('Frames per second'), '100 Hz');
    await hasValue(page.getByLabel('Channel', { exact: true }), '0');
    await page.getByText('X 1000 Hz, Y 1020 Hz, Z 1040 Hz').waitFor();
    await page.getByText(simulator.world.device(SUIT).serialNumber.Str).waitFor();
    expect(count('GetNetworkConfiguration')).toBe(0);
    expect(count('ReadSensorFwInfo')).toBe(0);
    await page.getByRole('tab', { name: 'Network' }).click();
    await hasValue(page.getByLabel('Network (SSID)'), 'Mocap Stage A');
    expect(count('GetNetworkConfiguration')).toBe(1);
    await page.getByRole('tab', { name: 'Settings' }).click();
    await expectPresentable(opened, 'device');
    expectNoComplaints(opened, gateway.url);
  });

  test('a new name is kept by the device and stands on the overview', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openDevice(gateway, GLOVE);
    await page.getByLabel('Device name').fill('Glove of performer 2');
    await page.getByRole('button', { name: 'Save name' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Glove of performer 2' }).waitFor();
    expect(simulator.world.device(GLOVE).name).toBe('Glove of performer 2');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('link', { name: 'Glove of performer 2' }).waitFor();
  });

  test('the frame rate that the device chose is shown after saving', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openDevice(gateway, SUIT);
    await page.getByLabel('Frames per second').fill('110');
    await page.getByRole('button', { name: 'Save frame rate' }).click();
    await page.getByText('Saved. The device runs at 120 Hz.').waitFor();
    await hasValue(page.getByLabel('Frames per second'), '120 Hz');
    expect(simulator.world.device(SUIT).frameRate).toBe(120);
  });

  test('EMF channel and magnetometer offset go to the device and come back', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openDevice(gateway, COIL);
    await page.getByLabel('Channel', { exact: true }).fill('5');
    await page.getByRole('button', { name: 'Save channel' }).click();
    await page.getByText('X 1300 Hz, Y 1320 Hz, Z 1340 Hz').waitFor();
    for (const [axis, value] of Object.entries({ X: '12.5', Y: '-3.25', Z: '40' })) {
      await page.getByLabel(`${axis} (mG)`).fill(value);
    }
    await page.getByRole('button', { name: 'Save offset' }).click();
    await section(page, 'Magnetometer offset').getByText('Saved.').waitFor();
    expect(simulator.world.device(COIL)).toMatchObject({
      emfChannel: 5,
      magnetometerOffset: { X: 12.5, Y: -3.25, Z: 40 },
    });
  });

  test('what the studio refuses is explained where it was asked', async () => {
    const { gateway } = await startBoth();
    const { page } = await openDevice(gateway, COIL);
    await page.getByLabel('Channel', { exact: true }).fill('8');
    await page.getByRole('button', { name: 'Save channel' }).click();
    const alert = section(page, 'EMF channel').getByRole('alert');
    await alert.getByText('Invalid value').waitFor();
    await alert.getByText('The studio refused it.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await hasValue(page.getByLabel('Channel', { exact: true }), '3');
  });

  test('an LED takes the colour that was set by keyboard and by hand', async () => {
    const { gateway, simulator } = await startBoth();
    const opened = await openDevice(gateway, GLOVE, 'LEDs');
    const { page } = opened;
    await page.getByLabel('Colour', { exact: true }).fill('#10a0f0');
    const red = page.getByRole('slider', { name: 'Red' });
    await expect.poll(() => red.getAttribute('aria-valuenow')).toBe('16');
    await red.press('ArrowRight');
    await page.getByRole('img', { name: 'Preview of #11a0f0' }).waitFor();
    await page.getByRole('button', { name: 'Set colour' }).click();
    await page.getByText('RingLed is #11a0f0 now.').waitFor();
    const ring = simulator.world.device(GLOVE).leds.get('RingLed');
    expect(ring?.color).toEqual({ Red: 0x11, Green: 0xa0, Blue: 0xf0 });
    await expectPresentable(opened, 'device-leds');
    expectNoComplaints(opened, gateway.url);
  });

  test('an LED is switched off and on; one that is not there is said not to be', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openDevice(gateway, GLOVE, 'LEDs');
    const behaviour = section(page, 'LED behaviour');
    const led = simulator.world.device(GLOVE).leds.get('StatusLed');
    await behaviour.getByRole('button', { name: 'Switch off' }).click();
    await behaviour.getByText('StatusLed is off now.').waitFor();
    expect(led?.behavior).toBe('Off');
    await behaviour.getByRole('button', { name: 'Switch on' }).click();
    await behaviour.getByText('StatusLed is on now.').waitFor();
    expect(led?.behavior).toBe('On');
    await behaviour.getByLabel('LED', { exact: true }).fill('TailLed');
    await behaviour.getByRole('button', { name: 'Switch on' }).click();
    await behaviour.getByText('Sub-device not found').waitFor();
  });

  test('a coil shows that it does not support LEDs, network, calibration and sensors', async () => {
    const { gateway } = await startBoth();
    const { page } = await openDevice(gateway, COIL);
    for (const [tab, places] of Object.entries({ LEDs: 2, Network: 1, Calibration: 1, Sensors: 1 })) {
      await page.getByRole('tab', { name: tab }).click();
      const words = page.getByRole('tabpanel', { name: tab }).getByText('This device does not do that.');
      await expect.poll(() => words.count()).toBe(places);
    }
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('an unsupported command shows a note instead of an alert', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'error', code: 'Unsupported command', command: 'SetLedBehavior' });
    const { page } = await openDevice(gateway, GLOVE, 'LEDs');
    await page.getByRole('button', { name: 'Switch on' }).click();
    await section(page, 'LED behaviour').getByText('This device does not do that.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('the sensors stand in a table that can be sorted', async () => {
    const { gateway } = await startBoth();
    const opened = await openDevice(gateway, SUIT, 'Sensors');
    const { page } = opened;
    const table = page.getByRole('region', { name: 'Sensors, as a table' });
    const first = table.getByRole('row').nth(1);
    await expect.poll(() => table.getByRole('row').count()).toBe(21);
    await first.getByText('1101').waitFor();
    await table.getByRole('button', { name: 'Calibration id' }).click();
    await table.getByRole('button', { name: 'Calibration id' }).click();
    await first.getByText('1120').waitFor();
    await table.locator('th[aria-sort="descending"]', { hasText: 'Calibration id' }).waitFor();
    await expectPresentable(opened, 'device-sensors');
    expectNoComplaints(opened, gateway.url);
  });

  test('a device that goes is said to be gone and can be sent nothing, until it is back', async () => {
    const { gateway, simulator } = await startBoth();
    const { page } = await openDevice(gateway, GLOVE);
    await page.getByLabel('Device name').fill('Another name');
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: GLOVE });
    await page.getByRole('alert').getByText('Left glove is gone').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Save name' }).isDisabled()).toBe(true);
    await page.getByRole('tab', { name: 'LEDs' }).click();
    expect(await page.getByRole('button', { name: 'Set colour' }).isDisabled()).toBe(true);
    await section(page, 'LED colour').getByText('The device is gone.').waitFor();
    await gateway.call('SimulatorConnectDevice', {});
    await page.getByText('Left glove is gone').waitFor({ state: 'detached' });
    await page.getByRole('tab', { name: 'Settings' }).click();
    await page.getByRole('button', { name: 'Save name' }).click();
    await until(() => simulator.world.device(GLOVE).name === 'Another name');
  });

  test('an unknown device number is reported as unknown', async () => {
    const { gateway } = await startBoth();
    const { page } = await openDevice(gateway, 99);
    await page.getByText('The studio has no such device.').waitFor();
  });
});

function section(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

async function hasValue(field: Locator, value: string): Promise<void> {
  await field.waitFor();
  await expect.poll(() => field.inputValue()).toBe(value);
}
