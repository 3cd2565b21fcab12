import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { Simulator } from '../../src/simulator/simulator.js';
import type { SimulatorOptions } from '../../src/simulator/simulator.js';
import type { Device } from '../../src/simulator/device.js';
import { watch } from './browser.js';
import type { OpenPage } from './browser.js';
import { makeGateway, settled, until } from './gateway.js';
import type { Gateway } from './gateway.js';

/** What the tests of a file share: one studio, one gateway, one loaded page. */
export interface SharedPage {
  readonly simulator: Simulator;
  readonly gateway: Gateway;
  readonly opened: OpenPage;
  readonly page: Page;
  /** Goes to a view without loading the page anew. */
  readonly go: (hash: string) => Promise<void>;
}

/**
 * One loaded page for the tests of a file that do not depend on a fresh load: each begins on an empty view, with
 * the devices as they were at first. A test that changes more than devices loads a page of its own.
 */
export function useSharedPage(options: SimulatorOptions = {}): () => SharedPage {
  let shared: (SharedPage & { readonly browser: Browser; readonly reset: () => Promise<void> }) | undefined;
  beforeAll(async () => {
    const endpoint = inject('browserEndpoint');
    if (endpoint === undefined) return;
    shared = await open(endpoint, options);
  });
  beforeEach(async () => {
    await shared?.reset();
  });
  afterAll(async () => {
    await shared?.browser.close();
    await shared?.gateway.app.close();
    await shared?.simulator.close();
  });
  return () => {
    if (shared === undefined) throw new Error('the browser did not start');
    return shared;
  };
}

/** A view that shows nothing, and so neither reads nor keeps anything. */
const NOWHERE = '/nowhere';

async function open(
  endpoint: string,
  options: SimulatorOptions,
): Promise<SharedPage & { readonly browser: Browser; readonly reset: () => Promise<void> }> {
  const simulator = new Simulator({ events: false, speed: 20, ...options });
  const { port } = await simulator.listen();
  const gateway = await makeGateway(port);
  await settled(gateway);
  const browser = await chromium.connect(endpoint);
  const page = await browser.newPage();
  const opened = watch(page);
  await page.goto(`${gateway.url}/#${NOWHERE}`);
  const restoreDevices = remember(simulator);
  const go = async (hash: string): Promise<void> => {
    await page.evaluate((to) => (location.hash = to), hash);
  };
  const reset = async (): Promise<void> => {
    await go(NOWHERE);
    await page.getByRole('heading', { name: 'There is no such view' }).waitFor();
    await page.evaluate('localStorage.clear(); sessionStorage.clear()');
    simulator.faults.clear();
    while (simulator.world.away.length > 0) await gateway.call('SimulatorConnectDevice', {});
    const renamed = restoreDevices();
    for (const device of renamed)
      await gateway.put(`/v1/devices/${device.id}/name`, { DeviceName: device.name });
    await until(() => page.evaluate(() => document.querySelector('dialog') === null));
    opened.complaints.length = 0;
    opened.requests.length = 0;
    opened.statuses.length = 0;
  };
  return { simulator, gateway, opened, page, go, reset, browser };
}

/** The result puts back what commands change, and gives the devices that had another name. */
function remember({ world }: Simulator): () => Device[] {
  const kept = [...world.devices.values()].map((device) => {
    const { name, fwVersion, frameRate, emfChannel, magnetometerOffset, network, wifiStarted } = device;
    return [
      device,
      { name, fwVersion, frameRate, emfChannel, magnetometerOffset, network, wifiStarted },
    ] as const;
  });
  return () => {
    const renamed = kept.filter(([device, { name }]) => device.name !== name).map(([device]) => device);
    for (const [device, values] of kept) Object.assign(device, values);
    return renamed;
  };
}
