// @module-tag extended
import { expect, test } from 'vitest';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { expectNoComplaints } from '../support/page.js';
import { startJoined } from '../support/relay.js';

const open = useBrowser();

test.skipIf(cannotBrowse('the page through the relay'))(
  'the page works below a name at the relay',
  async () => {
    const { relay, url, tokens } = await startJoined();
    const opened = await open();
    await opened.page.addInitScript(
      `sessionStorage.setItem('rcsp-gateway-token /stage/', '${tokens.of.operator}')`,
    );
    await opened.page.goto(`${url}/`);
    await expect.poll(() => opened.page.getByRole('article').count()).toBeGreaterThan(0);
    expect(opened.requests.some((each) => each.includes('/stage/v1/ws'))).toBe(true);
    expectNoComplaints(opened, relay.url);
  },
);
