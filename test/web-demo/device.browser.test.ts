import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse } from '../support/browser.js';
import { counting, until } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable } from '../support/page.js';
import { useSharedPage } from '../support/shared-page.js';

const SUIT = 1;
const GLOVE = 2;
const COIL = 4;

describe.skipIf(cannotBrowse('the view of a device'))('the view of a device', () => {
  const shared = useSharedPage();

  test("the view shows the device's values, and reads a part only once it is near", async () => {
    const { gateway, simulator, opened, page, go } = shared();
    const count = counting(simulator);
    await page.setViewportSize({ width: 1280, height: 500 });
    await go(`/devices/${SUIT}`);
    await page.getByRole('heading', { level: 1, name: 'Suit' }).waitFor();
    await hasValue(page.getByLabel('Device name'), 'Suit');
    await chosen(page, 'Frame rate in Hz', '100 Hz');
    await chosen(page, 'EMF channel', /^3.*used by Left glove, Right glove, Coil$/);
    await page.getByText('X 1180 Hz, Y 1200 Hz, Z 1220 Hz').waitFor();
    expect(count('ReadSensorFwInfo')).toBe(0);
    await part(page, 'About').click();
    await page.getByText(simulator.world.device(SUIT).serialNumber.Str).waitFor();
    await part(page, 'Wi-Fi').click();
    await page.getByText('Mocap Stage A').waitFor();
    expect(count('GetNetworkConfiguration')).toBe(1);
    await expectPresentable(opened, 'device');
    expectNoComplaints(opened, gateway.url);
  });

  test('each part has an address, which a reload keeps', { tags: ['extended'] }, async () => {
    const { gateway, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    await part(page, 'Self test').click();
    await page.waitForURL(/#\/devices\/2\/self-test$/);
    await page.goto(`${gateway.url}/#/devices/${GLOVE}/firmware`);
    await page.reload();
    await until(() => isInView(section(page, 'Firmware')));
  });

  test('a new name is kept by the device and stands on the first view', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    const field = page.getByLabel('Device name');
    await field.fill('Glove of performer 2');
    await field.press('Enter');
    await page.getByText('Saved.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Glove of performer 2' }).waitFor();
    expect(simulator.world.device(GLOVE).name).toBe('Glove of performer 2');
    await page.getByRole('link', { name: 'All devices', exact: true }).click();
    await page.getByRole('link', { name: 'Glove of performer 2', exact: true }).waitFor();
  });

  test('a name that is being typed is kept while another view is shown; Escape takes it back', async () => {
    const { page, go } = shared();
    await go(`/devices/${GLOVE}`);
    const field = page.getByLabel('Device name');
    await field.fill('Half a na');
    await go('/');
    await go(`/devices/${COIL}`);
    await hasValue(field, 'Coil');
    await go(`/devices/${GLOVE}`);
    await hasValue(field, 'Half a na');
    await field.press('Escape');
    await hasValue(field, 'Left glove');
    await field.fill(' ');
    await page.getByText('A device needs a name.').waitFor();
    expect(await page.getByRole('button', { name: 'Save name' }).isDisabled()).toBe(true);
    await field.press('Escape');
  });

  test('the frame rate that the device chose is shown after saving, and can be taken back', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${SUIT}`);
    await section(page, 'Frame rate').getByRole('button', { name: 'Other…' }).click();
    await page.getByLabel('Frames per second').fill('110');
    await page.getByRole('button', { name: 'Save frame rate' }).click();
    await page.getByText('Saved. The device runs at 120 Hz.').waitFor();
    await chosen(page, 'Frame rate in Hz', '120 Hz');
    expect(simulator.world.device(SUIT).frameRate).toBe(120);
    await page.getByRole('button', { name: 'Undo' }).click();
    await chosen(page, 'Frame rate in Hz', '100 Hz');
    expect(simulator.world.device(SUIT).frameRate).toBe(100);
  });

  test(
    'EMF channel and magnetometer offset go to the device and come back',
    { tags: ['extended'] },
    async () => {
      const { simulator, page, go } = shared();
      await go(`/devices/${COIL}`);
      await page.getByRole('group', { name: 'EMF channel' }).getByRole('button', { name: '5' }).click();
      await page.getByText('Saved. It is on channel 5.').waitFor();
      await page.getByText('X 1300 Hz, Y 1320 Hz, Z 1340 Hz').waitFor();
      await page.getByText('Magnetometer offset').first().click();
      for (const [axis, value] of Object.entries({ X: '12.5', Y: '-3.25', Z: '40' })) {
        await page.getByLabel(`${axis} (mG)`).fill(value);
      }
      await page.getByRole('button', { name: 'Save offset' }).click();
      await section(page, 'Magnetometer offset').getByText('Saved.').waitFor();
      expect(simulator.world.device(COIL)).toMatchObject({
        emfChannel: 5,
        magnetometerOffset: { X: 12.5, Y: -3.25, Z: 40 },
      });
    },
  );

  test('what the studio refuses is explained where it was asked, and the value stays', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${COIL}`);
    const group = page.getByRole('group', { name: 'EMF channel' });
    await group.waitFor();
    simulator.faults.add({ kind: 'error', code: 'Invalid value', command: 'SetEmfChannel', count: 1 });
    await group.getByRole('button', { name: '7' }).click();
    const alert = section(page, 'EMF channel').getByRole('alert');
    await alert.getByText('Invalid value').waitFor();
    await alert.getByText(/^The studio refused \w+\.$/).waitFor();
    await chosen(page, 'EMF channel', /^3.*used by Suit, Left glove, Right glove$/);
  });

  test('values that somebody else changed are shown, also in an open form', async () => {
    const { gateway, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    await chosen(page, 'Frame rate in Hz', '100 Hz');
    await gateway.put(`/v1/devices/${GLOVE}/frame-rate`, { FrameRate: 60 });
    await chosen(page, 'Frame rate in Hz', '60 Hz');
    await gateway.put(`/v1/devices/${GLOVE}/name`, { DeviceName: 'Glove of Ada' });
    await hasValue(page.getByLabel('Device name'), 'Glove of Ada');
  });

  test(
    'an LED takes the colour of a swatch at once, and any colour by keyboard and by hand',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator, opened, page, go } = shared();
      await go(`/devices/${GLOVE}/light`);
      const colours = section(page, 'LED colour');
      const ring = simulator.world.device(GLOVE).leds.get('RingLed');
      await colours.getByRole('button', { name: 'Orange' }).click();
      await page.getByText('RingLed is #ff8000 now.').waitFor();
      expect(ring?.color).toEqual({ Red: 255, Green: 128, Blue: 0 });
      await page.getByText('Last set here: #ff8000').waitFor();
      await page.getByText('Any colour').click();
      await page.getByLabel('Colour', { exact: true }).fill('#10a0f0');
      const red = page.getByRole('slider', { name: 'Red' });
      await expect.poll(() => red.getAttribute('aria-valuenow')).toBe('16');
      await red.press('ArrowRight');
      await page.getByRole('img', { name: 'Preview of #11a0f0' }).waitFor();
      await page.getByRole('button', { name: 'Set colour' }).click();
      await page.getByText('RingLed is #11a0f0 now.').waitFor();
      expect(ring?.color).toEqual({ Red: 0x11, Green: 0xa0, Blue: 0xf0 });
      await expectPresentable(opened, 'device-leds');
      expectNoComplaints(opened, gateway.url);
    },
  );

  test('the drawing is the well of the ring: the colour that is chosen there is set, and drawn', async () => {
    const { gateway, simulator, opened, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    const well = page.getByRole('complementary', { name: 'Device' }).getByLabel('Colour of RingLed');
    await well.fill('#ff00aa');
    await expect
      .poll(() => simulator.world.device(GLOVE).leds.get('RingLed')?.color)
      .toEqual({ Red: 255, Green: 0, Blue: 0xaa });
    await page.locator('aside circle[stroke="#ff00aa"]').waitFor();
    await expectPresentable(opened, 'device-well');
    expectNoComplaints(opened, gateway.url);
  });

  test('an LED is switched off and on; one that is not there is said not to be', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${GLOVE}/light`);
    const behaviour = section(page, 'LED behaviour');
    const led = simulator.world.device(GLOVE).leds.get('StatusLed');
    await behaviour.getByRole('button', { name: 'Switch off' }).click();
    await behaviour.getByText('StatusLed is off now.').waitFor();
    expect(led?.behavior).toBe('Off');
    await behaviour.getByRole('button', { name: 'Switch on' }).click();
    await behaviour.getByText('StatusLed is on now.').waitFor();
    expect(led?.behavior).toBe('On');
    await behaviour.getByRole('button', { name: 'Other…' }).click();
    await behaviour.getByLabel('Name of the LED').fill('TailLed');
    await behaviour.getByRole('button', { name: 'Switch on' }).click();
    await behaviour.getByText('Sub-device not found').waitFor();
  });

  test('a device that is looked for blinks', { tags: ['extended'] }, async () => {
    const { simulator, page, go } = shared();
    const count = counting(simulator);
    await go(`/devices/${GLOVE}`);
    await page.getByRole('button', { name: 'Find me' }).click();
    await page.getByRole('button', { name: 'Blinking…' }).waitFor();
    await page.getByRole('button', { name: 'Find me' }).waitFor();
    expect(count('SetLedBehavior')).toBe(10);
    expect(simulator.world.device(GLOVE).leds.get('StatusLed')?.behavior).toBe('On');
  });

  test('what a device does not offer is not drawn', async () => {
    const { page, go } = shared();
    await go(`/devices/${COIL}`);
    await part(page, 'Self test').waitFor();
    const parts = page.getByRole('navigation', { name: 'Parts of the device' }).getByRole('link');
    expect(await parts.allInnerTexts()).toEqual(['Setup', 'Self test', 'Firmware', 'About', 'Activity']);
    expect(await page.getByText('This device does not do that.').count()).toBe(0);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('an unsupported command shows a note instead of an alert', async () => {
    const { simulator, page, go } = shared();
    simulator.faults.add({ kind: 'error', code: 'Unsupported command', command: 'SetLedBehavior' });
    await go(`/devices/${GLOVE}/light`);
    await page.getByRole('button', { name: 'Switch on' }).click();
    await section(page, 'LED behaviour').getByText('This device does not do that.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('the sensors stand in a table that can be sorted', { tags: ['extended'] }, async () => {
    const { gateway, opened, page, go } = shared();
    await go(`/devices/${SUIT}/sensors`);
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
    const { gateway, simulator, page, go } = shared();
    await go(`/devices/${GLOVE}`);
    await chosen(page, 'Frame rate in Hz', '100 Hz');
    await page.getByLabel('Device name').fill('Another name');
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: GLOVE });
    await page.getByRole('alert').getByText('Left glove is gone').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Save name' }).isDisabled()).toBe(true);
    await section(page, 'Frame rate')
      .getByText(/^As of \d/)
      .waitFor();
    await part(page, 'Light').click();
    const swatch = section(page, 'LED colour').getByRole('button', { name: 'Orange' });
    expect(await swatch.isDisabled()).toBe(true);
    await section(page, 'LED colour').getByText('The device is gone.').waitFor();
    await gateway.call('SimulatorConnectDevice', {});
    await page.getByText('Left glove is gone').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Save name' }).click();
    await until(() => simulator.world.device(GLOVE).name === 'Another name');
  });

  test('the arrow keys lead to the device before and after', async () => {
    const { page, go } = shared();
    await go(`/devices/${GLOVE}`);
    await page.getByRole('heading', { level: 1, name: 'Left glove' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('heading', { level: 1, name: 'Right glove' }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { level: 1, name: 'Suit' }).waitFor();
  });

  test('a name as long as devices take them leaves the rest in place', async () => {
    const { simulator, gateway, page, go } = shared();
    const long = `\u202eABC ${'W'.repeat(120)}`;
    await gateway.put(`/v1/devices/${COIL}/name`, { DeviceName: long });
    expect(simulator.world.device(COIL).name).toBe(long);
    await page.setViewportSize({ width: 390, height: 844 });
    await go(`/devices/${COIL}`);
    await page.getByRole('heading', { level: 1, name: /^ABC W+$/ }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    const box = await page.getByLabel('Device name').boundingBox();
    expect(box?.height).toBeLessThan(70);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test('an unknown device number is reported as unknown', async () => {
    const { page, go } = shared();
    await go('/devices/99');
    await page.getByText('The studio has no such device.').waitFor();
  });
});

function section(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true });
}

function part(page: Page, name: string): Locator {
  return page
    .getByRole('navigation', { name: 'Parts of the device' })
    .getByRole('link', { name, exact: true });
}

/** Waits until that button of the group is the chosen one. */
async function chosen(page: Page, group: string, name: string | RegExp): Promise<void> {
  await page
    .getByRole('group', { name: group })
    .getByRole('button', { name, exact: true, pressed: true })
    .waitFor();
}

async function isInView(place: Locator): Promise<boolean> {
  return place.evaluate((element) => {
    const { top } = element.getBoundingClientRect();
    return top >= 0 && top < innerHeight;
  });
}

async function hasValue(field: Locator, value: string): Promise<void> {
  await field.waitFor();
  await expect.poll(() => field.inputValue()).toBe(value);
}
