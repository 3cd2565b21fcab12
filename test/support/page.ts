import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import type { OpenPage } from './browser.js';

/** Where screenshots go when `SCREENSHOTS` is set; git ignores it. No test compares them, and each costs a second. */
const SHOTS = process.env['SCREENSHOTS'] === undefined ? undefined : join(PACKAGE_ROOT, 'screenshots');
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const Findings = z.array(
  z.object({
    id: z.string(),
    impact: z.string().nullable(),
    help: z.string(),
    nodes: z.array(z.object({ html: z.string() })),
  }),
);

/** What the page and the gateway say to each other, as far as it tells what it is about. */
export const SocketMessage = z.looseObject({
  op: z.string(),
  id: z.unknown().optional(),
  command: z.string().optional(),
});

/** What axe-core finds that is serious or critical, in words. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // A page's own policy lets no foreign script in, hence not as a tag.
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(AXE);
  const found = Findings.parse(
    await page.evaluate('axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations)'),
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

const LOOKS = [
  ['light', 1280, 800],
  ['dark', 1280, 800],
  ['phone', 360, 740],
] as const;

/**
 * Checks the view as it stands, light, dark and on a phone: axe-core has no serious finding, and nothing is wider than
 * the window.
 */
export async function expectPresentable({ page }: OpenPage, name: string): Promise<void> {
  for (const [look, width, height] of LOOKS) {
    await page.emulateMedia({ colorScheme: look === 'dark' ? 'dark' : 'light', reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    await expect.poll(() => seriousFindings(page), { timeout: 20_000, interval: 200 }).toEqual([]);
    const excess = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    expect(excess, `${name}, ${look}: wider than the window`).toBeLessThanOrEqual(0);
    if (SHOTS !== undefined) {
      await page.screenshot({ path: join(SHOTS, `${name}-${look}.png`), fullPage: look === 'phone' });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Nothing in the console, and nothing asked of anybody but the gateway. */
export function expectNoComplaints({ complaints, requests }: OpenPage, origin: string): void {
  expect(complaints).toEqual([]);
  const foreign = requests.filter((url) => new URL(url.replace(/^ws/, 'http')).origin !== origin);
  expect(foreign.filter((url) => !url.startsWith('data:') && !url.startsWith('blob:'))).toEqual([]);
}

/** A device's card on the overview. */
export function cardOf(page: Page, name: string): Locator {
  return page.getByRole('article', { name, exact: true });
}

/** What the overview says of the studio. */
export function studioOf(page: Page): Locator {
  return page.getByRole('region', { name: 'Studio', exact: true });
}

/** Waits until it is shown. */
export async function shows(where: Locator, text: string | RegExp): Promise<void> {
  const all = async (): Promise<string> => (await where.textContent()) ?? '';
  const matcher = typeof text === 'string' ? expect.stringContaining(text) : expect.stringMatching(text);
  await expect.poll(all).toEqual(matcher);
}

/** Leaves the dialog, and the button that opened it has the focus. */
export async function expectFocusBack(
  page: Page,
  button: string,
  leave: () => Promise<unknown>,
): Promise<void> {
  await leave();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const opener = page.getByRole('button', { name: button, exact: true });
  await expect.poll(() => opener.evaluate((element) => element.matches(':focus'))).toBe(true);
}

/** Opens the view of a device, at one of its parts. */
export function deviceOpener(
  openPage: () => Promise<OpenPage>,
): (gateway: { readonly url: string }, id: number, part?: string) => Promise<OpenPage> {
  return async ({ url }, id, part) => {
    const opened = await openPage();
    await opened.page.goto(`${url}/#/devices/${id}${part === undefined ? '' : `/${part}`}`);
    return opened;
  };
}
