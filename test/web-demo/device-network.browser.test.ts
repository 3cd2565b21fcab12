// @module-tag extended
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, startBoth } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable } from '../support/page.js';
import { useSharedPage } from '../support/shared-page.js';
import type { SharedPage } from '../support/shared-page.js';
import { makeTokens } from '../support/tokens.js';

const SUIT = 1;

describe.skipIf(cannotBrowse('the network of a device'))('the network of a device', () => {
  const openPage = useBrowser();
  const shared = useSharedPage();

  /** All settings are shown. */
  async function openNetwork({ page, go }: SharedPage): Promise<void> {
    await go(`/devices/${SUIT}/wifi`);
    await page.getByText('Advanced').click();
  }

  test('the key is hidden until it is asked for', async () => {
    const { page } = shared();
    await openNetwork(shared());
    const key = page.getByLabel('Key (PSK)');
    await expect.poll(() => key.getAttribute('type')).toBe('password');
    await page.getByRole('button', { name: 'Show or hide the key' }).click();
    await expect.poll(() => key.getAttribute('type')).toBe('text');
    await expect.poll(() => key.inputValue()).toBe('simulated-key');
  });

  test('a token that may not see the key is told which scope that takes', async () => {
    const tokens = makeTokens({ anna: 'control' });
    const { gateway, simulator } = await startBoth({ tokens: tokens.file });
    const { page } = await openPage();
    await page.goto(`${gateway.url}/#/devices/${SUIT}`);
    await page.getByLabel(/^Token/).fill(tokens.of.anna);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Wi-Fi', exact: true }).click();
    await page.getByRole('note').getByText(/admin/).first().waitFor();
    expect(simulator.commandCounts.get('GetNetworkConfiguration')).toBeUndefined();
  });

  test('saving asks first, with the name of the device, and leaves alone what was not changed', async () => {
    const { simulator, page } = shared();
    const before = simulator.world.device(SUIT).network;
    const count = counting(simulator);
    await openNetwork(shared());
    await page.getByLabel('Network (SSID)').fill('Bühne 7');
    await page.getByRole('button', { name: 'Save network settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the network settings of Suit?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(count('SetNetworkConfiguration')).toBe(0);
    await page.getByRole('button', { name: 'Save network settings' }).click();
    await dialog.getByRole('button', { name: 'Change network settings' }).click();
    await page.getByText('Saved.', { exact: true }).waitFor();
    const Ssid = { Raw: [...Buffer.from('Bühne 7')], Str: 'Bühne 7' };
    expect(simulator.world.device(SUIT).network).toEqual({ ...before, Ssid });
  });

  test('settings that cannot be right are not sent', async () => {
    const { page } = shared();
    await openNetwork(shared());
    await page.getByLabel('Port', { exact: true }).fill('70000');
    await page.getByText('0 to 65535').waitFor();
    expect(await page.getByRole('button', { name: 'Save network settings' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.getByLabel('Port', { exact: true }).inputValue()).toBe('14041');
  });

  test('a scan lists networks by strength, with names as people know them', async () => {
    const { page, go } = shared();
    await go(`/devices/${SUIT}/wifi`);
    await scan(page);
    const heard = await signals(page);
    expect(heard).toHaveLength(8);
    expect(heard).toEqual([...heard].sort((a, b) => b - a));
    const table = page.getByRole('region', { name: 'Networks in reach, as a table' });
    await table
      .getByText(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
      .first()
      .waitFor();
    expect(await table.innerText()).not.toContain('WPA3_Personal');
  });

  test('an open network is joined by one press: saved, and Wi-Fi restarted', async () => {
    const { gateway, simulator, opened, page, go } = shared();
    const count = counting(simulator);
    await go(`/devices/${SUIT}/wifi`);
    await scan(page);
    await page.getByRole('button', { name: 'Join Guests, channel 6' }).click();
    const dialog = page.getByRole('dialog', { name: 'Join Guests' });
    await expectPresentable(opened, 'device-network');
    await dialog.getByRole('button', { name: 'Join', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(simulator.world.device(SUIT).network).toMatchObject({
      Ssid: { Str: 'Guests' },
      SecurityType: 'Open',
      ChannelNo: 6,
      Psk: { Str: '' },
    });
    expect(count('StartWifi')).toBe(1);
    await page.getByText('Open · 2.4 GHz, channel 6').waitFor();
    expectNoComplaints(opened, gateway.url);
  });

  test('a network with a key asks for it, and is not joined with a key that cannot be right', async () => {
    const { simulator, page, go } = shared();
    await go(`/devices/${SUIT}/wifi`);
    await scan(page);
    const open = page.getByRole('button', { name: /^Join (?!Guests|Mocap Stage A|,)/ }).first();
    await open.click();
    const dialog = page.getByRole('dialog');
    const join = dialog.getByRole('button', { name: 'Join', exact: true });
    await dialog.getByLabel('Key', { exact: false }).first().fill('short');
    expect(await join.isDisabled()).toBe(true);
    await dialog.getByLabel('Key', { exact: false }).first().fill('long enough');
    await join.click();
    await dialog.waitFor({ state: 'detached' });
    expect(simulator.world.device(SUIT).network.Psk.Str).toBe('long enough');
  });

  test('Wi-Fi is restarted only after a question with the name of the device', async () => {
    const { simulator, page } = shared();
    const count = counting(simulator);
    await openNetwork(shared());
    await page.getByRole('button', { name: 'Restart Wi-Fi' }).click();
    const dialog = page.getByRole('dialog', { name: 'Restart the Wi-Fi of Suit?' });
    await dialog.getByRole('button', { name: 'Restart Wi-Fi' }).click();
    await page.getByText('Restarted.', { exact: true }).waitFor();
    expect(count('StartWifi')).toBe(1);
  });
});

async function scan(page: Page): Promise<void> {
  await page.getByLabel('Scan band').selectOption('Both');
  await page.getByRole('button', { name: 'Scan', exact: true }).click();
  await page.getByText(/^8 networks at .*, the strongest first\.$/).waitFor();
}

/** In dBm, from top to bottom. */
async function signals(page: Page): Promise<number[]> {
  const cells = page.getByRole('region', { name: 'Networks in reach, as a table' }).getByText(/dBm$/);
  return (await cells.allInnerTexts()).map((text) => Number(/-\d+/.exec(text)?.[0]));
}
