/** Chromium, and what its pages cost: time of the main thread, bytes, shifts of the layout. */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
/** A phone in a hall: bytes per second and milliseconds of latency. */
export const SLOW_4G = { throughput: (1.6 * 1024 * 1024) / 8, latency: 150 };

export const isBrowserThere = () => existsSync(CHROMIUM);

/** Gives `use` a function that opens a page in a profile of its own, and ends the browser afterwards. */
export async function withBrowser(use) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  try {
    return await use((options) => openPage(browser, options));
  } finally {
    await browser.close();
  }
}

/** `cpuSlowdown`: a factor. `network`: as SLOW_4G. */
async function openPage(browser, { viewport, cpuSlowdown = 1, network } = {}) {
  const context = await browser.newContext({ viewport: viewport ?? { width: 1280, height: 880 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  const bytes = { sum: 0 };
  await cdp.send('Network.enable');
  cdp.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes.sum += encodedDataLength));
  if (network !== undefined) {
    const { throughput, latency } = network;
    const conditions = {
      offline: false,
      latency,
      downloadThroughput: throughput,
      uploadThroughput: throughput,
    };
    await cdp.send('Network.emulateNetworkConditions', conditions);
  }
  if (cpuSlowdown !== 1) await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpuSlowdown });
  await page.addInitScript(watch);
  return { page, cdp, bytes, close: () => context.close() };
}

/** In the page, from its first moment on. */
function watch() {
  const seen = { shift: 0, shifts: [], longest: 0, usableAt: undefined };
  globalThis.seen = seen;
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries()) {
      if (hadRecentInput) continue;
      seen.shift += value;
      seen.shifts.push([value, ...sources.map(({ node }) => node?.className ?? node?.nodeName)].join(' '));
    }
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longest = Math.max(seen.longest, duration);
  }).observe({ type: 'longtask', buffered: true });
  // Every device has its card, and the question whether one can roll its answer.
  new MutationObserver(() => {
    const strip = document.querySelector('[aria-label="Readiness"]');
    const isUsable =
      (strip?.dataset.level ?? 'none') !== 'none' && document.querySelector('article') !== null;
    if (isUsable) seen.usableAt ??= performance.now();
  }).observe(document, { subtree: true, childList: true, attributes: true });
}

/**
 * What the main thread did while `ms` milliseconds passed: its CPU time and its busy time as shares, and the
 * milliseconds of CPU and of the clock that its longest task took.
 */
export async function mainThread({ page, cdp }, ms) {
  await page.evaluate('seen.longest = 0');
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await taskSeconds(cdp);
  const started = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = await taskSeconds(cdp);
  const seconds = (performance.now() - started) / 1000;
  await cdp.send('Performance.disable');
  const longest = await page.evaluate('seen.longest');
  return { share: (after - before) / seconds, longest };
}

async function taskSeconds(cdp) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}
