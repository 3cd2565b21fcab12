import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { OpenPage } from '../support/browser.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { counting, startBoth } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable } from '../support/page.js';
import { makeTokens } from '../support/tokens.js';

const SUIT = 1;

describe.skipIf(cannotBrowse('the network of a device'))('the network of a device', () => {
  const openPage = useBrowser();

  async function openNetwork(gateway: Gateway): Promise<OpenPage> {
    const opened = await openPage();
    await opened.page.goto(`${gateway.url}/#/devices/${SUIT}`);
    await opened.page.getByRole('tab', { name: 'Network' }).click();
    return opened;
  }

  test('the key is hidden until it is asked for', async () => {
    const { gateway } = await startBoth();
    const { page } = await openNetwork(gateway);
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
    await page.getByRole('tab', { name: 'Network' }).click();
    const settings = page.getByRole('region', { name: 'Network settings' });
    await settings.getByRole('alert').getByText('Forbidden').waitFor();
    await settings.getByRole('alert').getByText(/admin/).waitFor();
    expect(simulator.commandCounts.get('GetNetworkConfiguration')).toBeUndefined();
  });

  test('saving asks first, with the name of the device, and leaves alone what was not changed', async () => {
    const { gateway, simulator } = await startBoth();
    const before = simulator.world.device(SUIT).network;
    const count = counting(simulator);
    const { page } = await openNetwork(gateway);
    await page.getByLabel('Network (SSID)').fill('Bühne 7');
    await page.getByRole('button', { name: 'Save network settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Change the network settings of Suit?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(count('SetNetworkConfiguration')).toBe(0);
    await page.getByRole('button', { name: 'Save network settings' }).click();
    await dialog.getByRole('button', { name: 'Change network settings' }).click();
    await page.getByText('Saved.').waitFor();
    const Ssid = { Raw: [...Buffer.from('Bühne 7')], Str: 'Bühne 7' };
    expect(simulator.world.device(SUIT).network).toEqual({ ...before, Ssid });
  });

  test('settings that cannot be right are not sent', async () => {
    const { gateway } = await startBoth();
    const { page } = await openNetwork(gateway);
    await page.getByLabel('Port there').fill('70000');
    await page.getByText('0 to 65535').waitFor();
    expect(await page.getByRole('button', { name: 'Save network settings' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => page.getByLabel('Port there').inputValue()).toBe('14041');
  });

  test('a scan lists networks by strength, and one of them goes into the settings', async () => {
    const { gateway } = await startBoth();
    const opened = await openNetwork(gateway);
    const { page } = opened;
    await page.getByLabel('Scan band').selectOption('Both');
    await page.getByRole('button', { name: 'Scan', exact: true }).click();
    await page.getByText(/^8 networks at .*, the strongest first\.$/).waitFor();
    const heard = await signals(page);
    expect(heard).toHaveLength(8);
    expect(heard).toEqual([...heard].sort((a, b) => b - a));
    await page.getByRole('button', { name: 'Use this network: Guests, channel 6' }).click();
    await expect.poll(() => page.getByLabel('Network (SSID)').inputValue()).toBe('Guests');
    expect(await page.getByLabel('Security', { exact: true }).inputValue()).toBe('Open');
    expect(await page.getByLabel('Wi-Fi channel').inputValue()).toBe('6');
    expect(await page.getByLabel('Key (PSK)').inputValue()).toBe('');
    await expectPresentable(opened, 'device-network');
    expectNoComplaints(opened, gateway.url);
  });

  test('Wi-Fi is started anew only after a question with the name of the device', async () => {
    const { gateway, simulator } = await startBoth();
    const count = counting(simulator);
    const { page } = await openNetwork(gateway);
    await page.getByRole('button', { name: 'Start Wi-Fi anew' }).click();
    const dialog = page.getByRole('dialog', { name: 'Start the Wi-Fi of Suit anew?' });
    await dialog.getByRole('button', { name: 'Start Wi-Fi anew' }).click();
    await page.getByText('Started.').waitFor();
    expect(count('StartWifi')).toBe(1);
  });
});

/** In dBm, from top to bottom. */
async function signals(page: Page): Promise<number[]> {
  const cells = page.getByRole('region', { name: 'Networks in reach, as a table' }).getByText(/dBm$/);
  return (await cells.allInnerTexts()).map((text) => Number(/-\d+/.exec(text)?.[0]));
}
