import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import type { Browser, Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';

/** The distribution's own build; Playwright drives its own builds only. */
const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find(existsSync);
const TIMEOUT_MS = 20_000;

/** True on a developer's machine without Firefox; prints that it skips. With `CI` set it is false. */
export function cannotUseFirefox(what: string): boolean {
  if (FIREFOX !== undefined || process.env['CI']) return false;
  process.stderr.write(`skipped: ${what}, because there is no Firefox (apt install firefox-esr)\n`);
  return true;
}

/** A page in Firefox, used by role and name, as a user finds things. */
export class FirefoxPage {
  readonly page: Page;
  /** Console errors and exceptions. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(String(error)));
  }

  async goto(url: string): Promise<void> {
    await this.page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  /** Waits until it is there. */
  async sees(role: string, name: string): Promise<void> {
    await this.page.locator(byRole(role, name)).setVisibility(null).waitHandle();
  }

  async click(role: string, name: string): Promise<void> {
    await this.page.locator(byRole(role, name)).click();
  }

  /** Replaces what stands in the field that the CSS selector finds. */
  async fill(selector: string, text: string): Promise<void> {
    await this.page.locator(selector).fill(text);
  }

  /** Waits until the element that the CSS selector finds fulfils the condition. */
  async shows(selector: string, text: RegExp): Promise<void> {
    await expect
      .poll(() => this.text(selector), { timeout: TIMEOUT_MS })
      .toEqual(expect.stringMatching(text));
  }

  /** Of the first element that the CSS selector finds; empty while there is none. */
  text(selector: string): Promise<string> {
    return this.page.evaluate((css) => document.querySelector(css)?.textContent ?? '', selector);
  }
}

function byRole(role: string, name: string): string {
  return `::-p-aria([role="${role}"][name="${name}"])`;
}

/** Opens pages in one Firefox for the tests of a file; each page has a profile of its own and ends with its test. */
export function useFirefox(): () => Promise<FirefoxPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (FIREFOX === undefined) return;
    browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX });
  });
  afterAll(() => browser?.close());
  return async () => {
    if (browser === undefined) throw new Error('Firefox is not there');
    const context = await browser.createBrowserContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.setViewport({ width: 1280, height: 880 });
    return new FirefoxPage(page);
  };
}
