import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest';
import { CHROMIUM } from './chromium.js';

/** A page, and what it did that it should perhaps not have done. */
export interface OpenPage {
  readonly page: Page;
  /** Console errors, warnings and exceptions; failed requests are in `statuses`. */
  readonly complaints: string[];
  /** URLs of every request, WebSockets included. */
  readonly requests: string[];
  /** Those of answers above 399. */
  readonly statuses: { readonly url: string; readonly status: number }[];
}

/**
 * True on a developer's machine without a browser; prints that it skips. Where `CI` is set it is false, so
 * that the tests run and fail.
 */
export function cannotBrowse(what: string): boolean {
  if (existsSync(CHROMIUM) || process.env['CI']) return false;
  process.stderr.write(`skipped: ${what}, because ${CHROMIUM} is not there (apt install chromium)\n`);
  return true;
}

/** Opens pages in the run's one browser; each page has a profile of its own and ends with its test. */
export function useBrowser(): (options?: BrowserContextOptions) => Promise<OpenPage> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    const endpoint = inject('browserEndpoint');
    if (endpoint !== undefined) browser = await chromium.connect(endpoint);
  });
  afterAll(() => browser?.close());
  return async (options) => {
    if (browser === undefined) throw new Error('the browser did not start');
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    return watch(await context.newPage());
  };
}

/** Notes what the page does from now on. */
export function watch(page: Page): OpenPage {
  const opened: OpenPage = { page, complaints: [], requests: [], statuses: [] };
  page.on('console', (message) => {
    const noted = ['error', 'warning'].includes(message.type());
    // The browser's own line about a request, which tells less than the request itself.
    const isRequest = message.text().startsWith('Failed to load resource');
    if (noted && !isRequest) opened.complaints.push(message.text());
  });
  page.on('pageerror', (error) => opened.complaints.push(error.message));
  page.on('request', (request) => opened.requests.push(request.url()));
  page.on('websocket', (socket) => opened.requests.push(socket.url()));
  page.on('response', (response) => {
    if (response.status() > 399) opened.statuses.push({ url: response.url(), status: response.status() });
  });
  return opened;
}
