/** The page in Chromium: a storm of events, the first load over a slow network, and shifts of the layout. */
import { isBrowserThere, mainThread, SLOW_4G, withBrowser } from './lib/page-browser.js';
import { withStudio } from './lib/processes.js';
import { format, goal, spread, table } from './lib/stats.js';

const EVENTS_PER_SECOND = 20_000;
/** Every channel that the studio and its devices publish. */
const EVERYTHING = ['*/*', 'devices/*/*/*'];
const VIEWS = ['/', '/devices/1', '/events', '/firmware', '/notes', '/console', '/wall'];
const WIDTHS = [390, 820, 1280, 2560];
const PHONE = { width: 390, height: 844 };
/** Milliseconds after which a view has everything that it shows at first. */
const SETTLED_MS = 2500;

export async function page({ quick }) {
  const title = 'The page';
  if (!isBrowserThere()) return { title, parts: ['There is no Chromium.'], goals: [] };
  const rounds = quick ? 2 : 5;
  const { storms, loads, shifts } = await withBrowser(async (open) => ({
    storms: await withStudio(['--event-rate', EVENTS_PER_SECOND], (url) => storm(open, url, rounds)),
    // What happens by itself moves devices, too: those in trouble come first.
    ...(await withStudio(['--no-events'], async (url) => ({
      loads: await firstLoads(open, url, rounds),
      shifts: await layoutShifts(open, url),
    }))),
  }));
  return {
    title,
    parts: [stormTable(storms), loadTable(loads), shiftTable(shifts)],
    goals: goalsOf(storms, loads, shifts),
  };
}

function goalsOf(storms, { overview, console }, shifts) {
  const ofStorm = (name, digits, value, kind, bound) =>
    goal(`storm: ${name}`, kind, bound, storms.map(value), digits);
  const worst = Math.max(...shifts.map(({ shift }) => shift));
  return [
    ofStorm('main thread, %', 1, ({ share }) => share * 100, 'most', 30),
    ofStorm('longest task, ms', 0, ({ longest }) => longest, 'most', 100),
    ofStorm('events counted of those sent, %', 1, ({ counted }) => counted * 100, 'least', 99),
    goal('slow 4G, 4 × slower: overview usable, s', 'most', 1.8, overview.seconds),
    goal('first load, kB', 'most', 200, overview.kilobytes, 0),
    goal('console opened directly, kB', 'most', 250, console.kilobytes, 0),
    goal('layout shift of the worst view', 'most', 0.02, [worst], 3),
  ];
}

/** The events view with everything chosen. */
async function storm(open, url, rounds) {
  const opened = await open();
  const { page } = opened;
  await page.addInitScript((channels) => {
    sessionStorage.setItem('events-channels', JSON.stringify(channels));
  }, EVERYTHING);
  await page.goto(`${url}/#/events`);
  await page.getByText('sampling').first().waitFor();
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));
  const results = [];
  for (let round = 0; round < rounds; round += 1) {
    const [countedBefore, sentBefore] = [await countedBy(page), await sentBy(url)];
    const found = await mainThread(opened, 5000);
    const [counted, sent] = [await countedBy(page), await sentBy(url)];
    results.push({ ...found, counted: (counted - countedBefore) / (sent - sentBefore) });
  }
  await opened.close();
  return results;
}

/** What the page says, to the event. */
async function countedBy(page) {
  const text = await page
    .getByTitle(/^[\d,]+ events$/)
    .last()
    .getAttribute('title');
  return Number(text.split(' ', 1)[0].replaceAll(',', ''));
}

/** Events that the gateway received of the studio. */
async function sentBy(url) {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('rcsp_gateway_events_total'));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Seconds until the overview is usable on a slow phone, and the kilobytes that a first visit takes. */
async function firstLoads(open, url, rounds) {
  const loads = { overview: { seconds: [], kilobytes: [] }, console: { seconds: [], kilobytes: [] } };
  for (let round = 0; round < rounds; round += 1) {
    const slow = await open({ viewport: PHONE, cpuSlowdown: 4, network: SLOW_4G });
    await slow.page.goto(url);
    await slow.page.waitForFunction(() => globalThis.seen.usableAt !== undefined);
    loads.overview.seconds.push((await slow.page.evaluate('seen.usableAt')) / 1000);
    await settled(slow);
    loads.overview.kilobytes.push(slow.bytes.sum / 1000);
    await slow.close();
    const console = await open();
    await console.page.goto(`${url}/#/console/GetDeviceName`);
    await console.page.getByText('Ready to send.').waitFor();
    loads.console.seconds.push((await console.page.evaluate('performance.now()')) / 1000);
    await settled(console);
    loads.console.kilobytes.push(console.bytes.sum / 1000);
    await console.close();
  }
  return loads;
}

/** Of each view and width, how far it moved while it was loaded. */
async function layoutShifts(open, url) {
  const found = [];
  for (const view of VIEWS) {
    for (const width of WIDTHS) {
      const opened = await open({ viewport: { width, height: 844 } });
      await opened.page.goto(`${url}/#${view}`);
      await settled(opened);
      const { shift, shifts } = await opened.page.evaluate('seen');
      found.push({ view, width, shift, shifts });
      await opened.close();
    }
  }
  return found;
}

async function settled({ page }) {
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(SETTLED_MS);
}

function stormTable(storms) {
  return table(
    [`${format(EVENTS_PER_SECOND, 0)} events/s, everything subscribed`, ''],
    [
      [
        'main thread, CPU, %',
        spread(
          storms.map(({ share }) => share * 100),
          1,
        ),
      ],
      [
        'longest task, ms',
        spread(
          storms.map(({ longest }) => longest),
          0,
        ),
      ],
      [
        'events counted of those sent, %',
        spread(
          storms.map(({ counted }) => counted * 100),
          1,
        ),
      ],
    ],
  );
}

function loadTable({ overview, console }) {
  const row = (name, { seconds, kilobytes }) => [name, spread(seconds), spread(kilobytes, 0)];
  return table(
    ['first load', 's', 'kB'],
    [row('overview, slow 4G, CPU 4 × slower', overview), row('console, directly', console)],
  );
}

function shiftTable(shifts) {
  return table(
    ['layout shift', 'px', 'CLS', 'what moved'],
    shifts.map(({ view, width, shift, shifts: all }) => [view, width, shift.toFixed(3), all[0] ?? '']),
  );
}
