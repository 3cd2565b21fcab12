import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { revokeToken } from '../../src/access/token-file.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startBoth } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable, shows } from '../support/page.js';
import { makeTokens } from '../support/tokens.js';

const SCOPES = { viewer: 'read', anna: 'control', boris: 'control' } as const;

describe.skipIf(cannotBrowse('signing in'))('signing in', () => {
  const openPage = useBrowser();

  test('a gateway without tokens shows no sign-in', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await page.getByRole('heading', { level: 1, name: 'Devices' }).waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(0);
  });

  test('a gateway with tokens shows the sign-in, explains a wrong token and opens for a valid one', async () => {
    const { gateway, tokens } = await startGuarded();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await expectPresentable(opened, 'sign-in');
    await signIn(page, 'rcspgw_wrong');
    await shows(page.getByRole('alert'), 'The gateway does not know this token');
    await expectPresentable(opened, 'sign-in-refused');
    await signIn(page, 'größer als ein Byte');
    await shows(page.getByRole('alert'), 'The gateway does not know this token');
    await signIn(page, ` ${tokens.of.viewer} `);
    await page.getByRole('article', { name: 'Suit' }).waitFor();
    expectNoComplaints(opened, gateway.url);
  });

  test(
    'opening the page, a wrong token and a good one are no errors of the page',
    { tags: ['extended'] },
    async () => {
      const { gateway, tokens } = await startGuarded({ controlLease: true });
      const { page, statuses, requests } = await openPage();
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      await page.goto(gateway.url);
      await page.getByLabel(/^Token/).waitFor();
      expect(requests.filter((url) => url.includes('/v1/'))).toEqual([]);
      await signIn(page, 'rcspgw_wrong');
      await shows(page.getByRole('alert'), 'does not know this token');
      await signIn(page, tokens.of.viewer);
      await page.getByRole('article', { name: 'Suit' }).waitFor();
      await page.reload();
      await page.getByRole('article', { name: 'Suit' }).waitFor();
      await page.getByText('Nobody has control').waitFor();
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel(/^Token/).waitFor();
      expect(errors).toEqual([]);
      expect(statuses).toEqual([]);
    },
  );

  test(
    'the page shows that the gateway does not know yet who may come in, and goes on by itself',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const opened = await openPage();
      const { page } = opened;
      await page.route('**/live', (route) =>
        route.fulfill({ status: 503, json: { code: 'Too busy', detail: 'Too many requests are waiting.' } }),
      );
      await page.goto(gateway.url);
      await shows(page.getByRole('alert'), /No answer from the gateway.*Too many requests are waiting\./);
      await expectPresentable(opened, 'sign-in-waiting');
      expect(opened.requests.filter((url) => url.includes('/v1/'))).toEqual([]);
      await page.unroute('**/live');
      await page.getByRole('article', { name: 'Suit' }).waitFor();
    },
  );

  test(
    'the token is kept for the tab and nowhere else, and is in no address',
    { tags: ['extended'] },
    async () => {
      const { gateway, tokens } = await startGuarded();
      const opened = await openPage();
      const { page } = opened;
      await page.goto(gateway.url);
      await signIn(page, tokens.of.viewer);
      await page.getByRole('article', { name: 'Suit' }).waitFor();
      await page.reload();
      await page.getByRole('article', { name: 'Suit' }).waitFor();
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).toContain(tokens.of.viewer);
      expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('rcspgw_');
      expect(await page.evaluate('document.cookie')).toBe('');
      expect(opened.requests.filter((url) => url.includes('rcspgw_'))).toEqual([]);
      const other = await page.context().newPage();
      await other.goto(gateway.url);
      await other.getByLabel(/^Token/).waitFor();
    },
  );

  test(
    'a token that is revoked meanwhile: the page asks for another, and says why',
    { tags: ['extended'] },
    async () => {
      const { gateway, tokens } = await startGuarded();
      const { page } = await openPage();
      await page.goto(gateway.url);
      await signIn(page, tokens.of.viewer);
      await page.getByRole('article', { name: 'Suit' }).waitFor();
      revokeToken(tokens.file, 'viewer');
      await shows(page.getByRole('alert'), /Signed out.*revoked or has expired/);
      expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('rcspgw_');
      await signIn(page, tokens.of.anna);
      await page.getByRole('article', { name: 'Suit' }).waitFor();
    },
  );

  test(
    'a token that was revoked while the page was away is told apart from none at all',
    { tags: ['extended'] },
    async () => {
      const { gateway, tokens } = await startGuarded();
      const { page } = await openPage();
      await page.goto(gateway.url);
      await signIn(page, tokens.of.viewer);
      await page.getByRole('article', { name: 'Suit' }).waitFor();
      await page.goto('about:blank');
      revokeToken(tokens.file, 'viewer');
      await expect
        .poll(async () => (await gateway.get('/v1/jobs', tokens.as('viewer'))).status, { timeout: 20_000 })
        .toBe(401);
      await page.goto(gateway.url);
      await shows(page.getByRole('alert'), 'Signed out');
    },
  );

  test('signing out forgets the token', { tags: ['extended'] }, async () => {
    const { gateway, tokens } = await startGuarded();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await signIn(page, tokens.of.viewer);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel(/^Token/).waitFor();
    expect(await page.getByText('revoked').count()).toBe(0);
    expect(await page.evaluate('JSON.stringify(sessionStorage)')).not.toContain('rcspgw_');
  });

  test('too many wrong tokens: the page says to wait', { tags: ['extended'] }, async () => {
    const { gateway } = await startGuarded({ authRate: 1 });
    const { page } = await openPage();
    await page.goto(gateway.url);
    await signIn(page, 'rcspgw_wrong');
    await shows(page.getByRole('alert'), 'does not know this token');
    await signIn(page, 'rcspgw_wronger');
    await shows(page.getByRole('alert'), 'Too many wrong tokens');
  });

  test(
    'a gateway that cannot answer is told apart from one that is not there',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startGuarded();
      const { page } = await openPage();
      await page.goto(gateway.url);
      await page.getByLabel(/^Token/).waitFor();
      await page.route('**/live', (route) =>
        route.fulfill({ status: 503, json: { code: 'Too busy', detail: 'Too many commands are waiting.' } }),
      );
      await signIn(page, 'rcspgw_some');
      await shows(page.getByRole('alert'), /cannot answer now: Too many commands are waiting\./);
      await page.unroute('**/live');
      await gateway.app.close();
      await signIn(page, 'rcspgw_some');
      await shows(page.getByRole('alert'), 'cannot be reached');
    },
  );
});

describe.skipIf(cannotBrowse('the control lease'))('the control lease', { tags: ['extended'] }, () => {
  const openPage = useBrowser();

  /** The page of anna, who has taken control. */
  async function inControl({ gateway, tokens }: Guarded): Promise<Page> {
    const { page } = await openPage();
    await page.goto(gateway.url);
    await signIn(page, tokens.of.anna);
    await openControl(page);
    await page.getByRole('button', { name: 'Take control' }).click();
    await page.getByText('You have control.').waitFor();
    return page;
  }

  test('the page shows no control region on a gateway without a lease', async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await page.getByRole('article', { name: 'Suit' }).waitFor();
    expect(await page.getByRole('region', { name: 'Control' }).count()).toBe(0);
  });

  test('a token that may only read is told which scope it lacks, before it tries', async () => {
    const { gateway, tokens } = await startGuarded({ controlLease: true });
    const opened = await openPage();
    const { page } = opened;
    await page.goto(gateway.url);
    await signIn(page, tokens.of.viewer);
    await openControl(page);
    const bar = page.getByRole('region', { name: 'Control' });
    await shows(bar, 'viewer may look, and change nothing. Control needs the scope control.');
    expect(await page.getByRole('button', { name: 'Take control' }).count()).toBe(0);
    await expectPresentable(opened, 'lease-forbidden');
  });

  test('the lease is taken, taken over after a question and released, live on every page', async () => {
    const { gateway, tokens } = await startGuarded({ controlLease: true });
    const opened = await openPage();
    const { page: anna } = opened;
    const { page: boris } = await openPage();
    for (const [page, token] of [
      [anna, tokens.of.anna],
      [boris, tokens.of.boris],
    ] as const) {
      await page.goto(gateway.url);
      await signIn(page, token);
      await page.getByText('Nobody has control').waitFor();
    }
    await openControl(anna);
    await anna.getByRole('button', { name: 'Take control' }).click();
    await anna.getByText('You have control.').waitFor();
    await openControl(boris);
    await boris.getByText('anna has control.').waitFor();

    await boris.getByRole('button', { name: 'Take over' }).click();
    const question = boris.getByRole('dialog', { name: 'Take control over?' });
    await shows(question, 'anna has control');
    await question.getByRole('button', { name: 'Leave it' }).click();
    await question.waitFor({ state: 'hidden' });
    await anna.getByText('You have control.').waitFor();
    await boris.getByRole('button', { name: 'Take over' }).click();
    await question.getByRole('button', { name: 'Take over' }).click();
    await boris.getByText('You have control.').waitFor();
    await anna.getByText('boris took control from you.').waitFor();
    await expectPresentable(opened, 'lease-taken-over');

    await boris.getByRole('button', { name: 'Release control' }).click();
    await shows(anna.getByRole('region', { name: 'Control' }), 'Nobody has control');
    expectNoComplaints(opened, gateway.url);
  });

  test('an answer from before a takeover, or none at all, does not pretend that the page has control', async () => {
    const guarded = await startGuarded({ controlLease: true, leaseTime: 2 });
    const { gateway, tokens } = guarded;
    const page = await inControl(guarded);
    const takeOver = (): Promise<unknown> =>
      gateway.ask('POST', '/v1/lease?takeover=true', { headers: tokens.as('boris') });
    // The renewal is answered, and boris takes over before the page hears of it.
    const answered = page.waitForResponse('**/v1/lease');
    await page.route('**/v1/lease', async (route) => {
      const answer = await route.fetch();
      await takeOver();
      await page.getByText('boris took control from you.').waitFor();
      await route.fulfill({ response: answer });
    });
    await answered;
    await page.getByText('boris took control from you.').waitFor();
    expect(await page.getByText('You have control.').count()).toBe(0);
  });

  test('a renewal that fails is tried again, and one that is refused names who has it', async () => {
    const page = await inControl(await startGuarded({ controlLease: true, leaseTime: 2 }));
    const failed = page.waitForResponse((answer) => answer.status() === 503);
    await page.route('**/v1/lease', (route) => route.fulfill({ status: 503, json: { code: 'Too busy' } }), {
      times: 1,
    });
    await failed;
    await page.waitForResponse((answer) => answer.url().endsWith('/v1/lease') && answer.ok());
    await page.getByText('You have control.').waitFor();
    await page.route('**/v1/lease', (route) =>
      route.fulfill({ status: 503, json: { code: 'Busy', detail: 'boris has it.', holder: 'boris' } }),
    );
    await page.getByText('boris took control from you.').waitFor();
    await shows(page.getByRole('region', { name: 'Control' }), 'boris has control');
  });

  test('the page renews its lease, and the lease ends with the page', async () => {
    const guarded = await startGuarded({ controlLease: true, leaseTime: 1 });
    const { gateway, tokens } = guarded;
    const page = await inControl(guarded);
    const expiry = async (): Promise<unknown> => (await gateway.get('/v1/lease', tokens.as('viewer'))).json;
    const until = Date.now() + 3000;
    await expect
      .poll(expiry, { timeout: 20_000 })
      .toMatchObject({ holder: 'anna', expiresAt: expect.toSatisfy((at: number) => at > until) });
    await page.goto('about:blank');
    await expect.poll(expiry, { timeout: 20_000 }).toMatchObject({ holder: null, expiresAt: null });
  });
});

type Guarded = Awaited<ReturnType<typeof startBoth>> & {
  tokens: ReturnType<typeof makeTokens<keyof typeof SCOPES>>;
};

async function startGuarded(settings: object = {}): Promise<Guarded> {
  const tokens = makeTokens(SCOPES);
  return { ...(await startBoth({ tokens: tokens.file, ...settings })), tokens };
}

/** Opens the chip that tells who has control. */
async function openControl(page: Page): Promise<void> {
  await page.getByRole('region', { name: 'Control' }).getByRole('button').first().click();
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel(/^Token/).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
