// @module-tag extended
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startBoth } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable, shows } from '../support/page.js';
import { makeTokens } from '../support/tokens.js';

/** A reverse proxy below a path. Ends with the test; returns its URL, without a slash at its end. */
async function behindPrefix(gateway: string, prefix: string): Promise<string> {
  const proxy = http.createServer((request, response) => {
    const path =
      request.url?.startsWith(`${prefix}/`) === true ? request.url.slice(prefix.length) : undefined;
    if (path === undefined) return void response.writeHead(404).end();
    const headers = {
      ...request.headers,
      'x-forwarded-prefix': prefix,
      'x-forwarded-host': request.headers.host ?? '',
    };
    const forwarded = http.request(new URL(path, gateway), { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    request.pipe(forwarded);
  });
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}${prefix}`;
}

/** Opens an operation, sends it, and waits for the answer. */
async function execute(page: Page, operation: string): Promise<string> {
  const block = page.locator(`.opblock[id$="-${operation}"]`);
  await block.locator('.opblock-summary-control').click();
  await block.getByRole('button', { name: 'Execute' }).click();
  const status = block.locator('.live-responses-table tbody .response-col_status').first();
  return (await status.textContent()) ?? '';
}

async function opened(page: Page): Promise<void> {
  await page.locator('.opblock').first().waitFor();
}

describe.skipIf(cannotBrowse('the API explorer'))('the API explorer', () => {
  const openPage = useBrowser();

  test.each<[state: string, prepare: (page: Page) => Promise<unknown>]>([
    ['as it opens', () => Promise.resolve()],
    ['with an answer', (page) => execute(page, 'SetDeviceName')],
    ['with a schema', (page) => page.locator('.models button').first().click()],
    [
      'with the dialog for a token',
      (page) => page.getByRole('button', { name: 'Authorize' }).first().click(),
    ],
  ])(
    'the explorer is presentable %s',
    async (state, prepare) => {
      const { gateway } = await startBoth();
      const explorer = await openPage();
      await explorer.page.goto(`${gateway.url}/docs/`);
      await opened(explorer.page);
      await prepare(explorer.page);
      await expectPresentable(explorer, `docs-${state.replaceAll(' ', '-')}`);
      expectNoComplaints(explorer, gateway.url);
    },
    // axe-core reads a long page three times.
    120_000,
  );

  test('the explorer uses the token of the page, names its owner, and leads back to the page', async () => {
    const tokens = makeTokens({ anna: 'control' });
    const { gateway } = await startBoth({ tokens: tokens.file });
    const explorer = await openPage();
    const { page } = explorer;
    await page.goto(gateway.url);
    await page.getByLabel(/^Token/).fill(tokens.of.anna);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'API' }).click();
    await shows(page.getByRole('banner'), 'anna · control');
    expect(await page.getByText('Explore', { exact: true }).count()).toBe(0);
    expect(await execute(page, 'GetDeviceName')).toContain('200');
    await page.getByRole('link', { name: 'RCSP gateway' }).click();
    await page.getByRole('button', { name: 'anna · control' }).waitFor();
    expectNoComplaints(explorer, gateway.url);
  });

  test('the explorer says that nobody is signed in', async () => {
    const tokens = makeTokens({ anna: 'control' });
    const { gateway } = await startBoth({ tokens: tokens.file });
    const { page } = await openPage();
    await page.goto(`${gateway.url}/docs`);
    await shows(page.getByRole('banner'), 'Not signed in');
    expect(await execute(page, 'GetDeviceName')).toContain('401');
  });

  test('the explorer works below the path of a reverse proxy', async () => {
    const tokens = makeTokens({ anna: 'control' });
    const { gateway } = await startBoth({ tokens: tokens.file, trustProxy: 'loopback' });
    const url = await behindPrefix(gateway.url, '/stage');
    const explorer = await openPage();
    const { page } = explorer;
    await page.goto(`${url}/`);
    await page.getByLabel(/^Token/).fill(tokens.of.anna);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'API' }).click();
    await shows(page.getByRole('banner'), 'anna · control');
    expect(new URL(page.url()).pathname).toBe('/stage/docs/');
    expect(await execute(page, 'GetDeviceName')).toContain('200');
    expect(explorer.requests.filter((each) => !each.replace(/^ws/, 'http').startsWith(url))).toEqual([]);
    await page.getByRole('link', { name: 'RCSP gateway' }).click();
    await expect.poll(() => new URL(page.url()).pathname).toBe('/stage/');
  });
});
