/** Takes web-demo/screenshot.png: the devices of two simulated studios, one updating, one disconnected. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const ROOT = join(import.meta.dirname, '..', '..');
const PICTURE = join(ROOT, 'web-demo', 'screenshot.png');
const MOST_BYTES = 200_000;
const TIMEOUT_MS = 30_000;

const gateway = spawn(
  process.execPath,
  [
    join(ROOT, 'dist', 'src', 'cli', 'main.js'),
    ...['serve', '--simulate', '--studio', 'stage', '--studio', 'lab', '--listen', '127.0.0.1:0'],
  ],
  { stdio: ['ignore', 'pipe', 'pipe'] },
);
const ended = once(gateway, 'exit');
let browser;
try {
  const url = await addressOf(gateway);
  browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox'],
  });
  const page = await browser.newPage({
    viewport: { width: 1280, height: 880 },
    deviceScaleFactor: 1,
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  page.setDefaultTimeout(TIMEOUT_MS);
  await page.goto(url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await described(page, url);
  await happenings(page, url);
  await page.screenshot({ path: PICTURE });
} finally {
  await browser?.close();
  gateway.kill('SIGTERM');
  await ended;
}
const { size } = statSync(PICTURE);
process.stdout.write(`web-demo/screenshot.png: ${size} bytes\n`);
if (size >= MOST_BYTES) {
  process.stderr.write(`that is more than ${MOST_BYTES} bytes\n`);
  process.exitCode = 1;
}

/** Where the gateway says that it listens. */
async function addressOf(child) {
  const timer = setTimeout(() => child.kill(), TIMEOUT_MS);
  let told = '';
  child.stderr.on('data', (chunk) => (told += chunk));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, url] = /listening on (http:\S+)/.exec(line) ?? [];
      if (url !== undefined) return url;
    }
  } finally {
    clearTimeout(timer);
    // Nobody reads on: it must not wait for that.
    child.stdout.resume();
  }
  throw new Error(`the gateway did not start: ${told}`);
}

/** Until every device's card shows its name. */
async function described(page, url) {
  const { Devices } = await ask(`${url}/v1/devices`);
  for (const { DeviceId } of Devices) {
    const { DeviceName } = await ask(`${url}/v1/devices/${DeviceId}/name`);
    await page.getByText(DeviceName).first().waitFor();
  }
}

/** The suit is calibrated and updated, the right glove goes away. */
async function happenings(page, url) {
  for (const id of [1, 2]) await send(`${url}/v1/devices/${id}/calibrate`, { CountdownSecs: 0 });
  await send(`${url}/v1/commands/SimulatorDisconnectDevice`, { Arguments: { DeviceId: 3 } });
  await send(`${url}/v1/devices/1/firmware`, { FwPath: 'suit.bin' });
  await page
    .getByText(/Updating [2-9]\d %/)
    .first()
    .waitFor();
}

async function send(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}

async function ask(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}
