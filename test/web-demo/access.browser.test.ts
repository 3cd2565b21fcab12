import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { createLink } from '../../src/access/sign-in-links.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { startBoth, until } from '../support/gateway.js';
import { startLight } from '../support/lights.js';
import { cardOf, expectNoComplaints, expectPresentable, shows } from '../support/page.js';
import { makeTokens } from '../support/tokens.js';

const SCOPES = { viewer: 'read', anna: 'control', boris: 'control', chief: 'admin' } as const;
type Name = keyof typeof SCOPES;

type Guarded = Awaited<ReturnType<typeof startBoth>> & {
  readonly tokens: ReturnType<typeof makeTokens<Name>>;
};

async function startGuarded(settings: object = {}): Promise<Guarded> {
  const tokens = makeTokens(SCOPES);
  return { ...(await startBoth({ tokens: tokens.file, ...settings })), tokens };
}

/** The page of somebody who is signed in. */
async function enter(opened: OpenPage, { gateway, tokens }: Guarded, name: Name, path = '/'): Promise<Page> {
  const { page } = opened;
  await page.addInitScript((token) => sessionStorage.setItem('rcsp-gateway-token', token), tokens.of[name]);
  await page.goto(`${gateway.url}/#${path}`);
  return page;
}

function linkOf({ gateway, tokens }: Guarded, name: Name): string {
  return `${gateway.url}/#sign-in=${createLink(tokens.file, name)}`;
}

const WHO = /^anna\.[a-z2-9]{4} · control$/;

describe.skipIf(cannotBrowse('signing in by a link'))('signing in by a link', () => {
  const openPage = useBrowser();

  test(
    'a link signs in once, and leaves neither the address nor the history with its code',
    { tags: ['extended'] },
    async () => {
      const guarded = await startGuarded();
      const opened = await openPage();
      const { page } = opened;
      const link = linkOf(guarded, 'anna');
      await page.goto(link);
      await page.getByRole('button', { name: WHO }).waitFor();
      expect(page.url()).toBe(`${guarded.gateway.url}/#/`);
      expect(await page.evaluate('history.length')).toBe(2);
      await page.reload();
      await page.getByRole('button', { name: WHO }).waitFor();
      expectNoComplaints(opened, guarded.gateway.url);
      const { page: other } = await openPage();
      await other.goto(link);
      await shows(other.getByRole('alert'), 'This sign-in link was used already; it works once.');
      expect(other.url()).toBe(`${guarded.gateway.url}/#/`);
    },
  );

  test(
    'a link that is opened in a page that is open signs that page in',
    { tags: ['extended'] },
    async () => {
      const guarded = await startGuarded();
      const page = await enter(await openPage(), guarded, 'viewer');
      await page.getByRole('button', { name: 'viewer · may look' }).waitFor();
      await page.evaluate((url) => (location.href = url), linkOf(guarded, 'anna'));
      await page.getByRole('button', { name: WHO }).waitFor();
      expect(page.url()).toBe(`${guarded.gateway.url}/#/`);
    },
  );

  test('a link that is wrong does not sign out who is signed in', { tags: ['extended'] }, async () => {
    const guarded = await startGuarded();
    const page = await enter(await openPage(), guarded, 'viewer');
    await page.getByRole('button', { name: 'viewer · may look' }).waitFor();
    await page.evaluate(() => (location.hash = '#sign-in=wrong'));
    await expect.poll(() => page.url()).toBe(`${guarded.gateway.url}/#/`);
    await page.getByRole('button', { name: 'viewer · may look' }).waitFor();
  });

  test('a link waits for a gateway that cannot be reached yet', { tags: ['extended'] }, async () => {
    const guarded = await startGuarded();
    const { page } = await openPage();
    await page.route('**/v1/sign-in', (route) => route.abort(), { times: 1 });
    await page.goto(linkOf(guarded, 'anna'));
    await shows(page.getByRole('alert'), 'The gateway cannot be reached.');
    await page.getByRole('button', { name: WHO }).waitFor();
  });
});

describe.skipIf(cannotBrowse('staying signed in'))('staying signed in on a device', () => {
  const openPage = useBrowser();

  async function signIn(page: Page, token: string, isKept: boolean): Promise<void> {
    await page.getByLabel(/^Token/).fill(token);
    if (isKept) await page.getByLabel('Stay signed in on this device').check();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await cardOf(page, 'Suit').waitFor();
  }

  test(
    'a token that is kept opens new tabs, and signing out of one forgets it in all',
    { tags: ['extended'] },
    async () => {
      const { gateway, tokens } = await startGuarded();
      const { page } = await openPage();
      await page.goto(gateway.url);
      await signIn(page, tokens.of.viewer, true);
      const other = await page.context().newPage();
      await other.goto(gateway.url);
      await cardOf(other, 'Suit').waitFor();
      await other.getByRole('button', { name: 'Sign out' }).click();
      await page.getByLabel(/^Token/).waitFor();
      expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage])')).not.toContain('rcspgw_');
    },
  );

  test('whoever signed in by a link may choose to stay, and not to', { tags: ['extended'] }, async () => {
    const guarded = await startGuarded();
    const opened = await openPage();
    const { page } = opened;
    await page.goto(linkOf(guarded, 'anna'));
    await page.getByRole('button', { name: WHO }).click();
    await expectPresentable(opened, 'who-is-here');
    const stored = (): Promise<unknown> => page.evaluate('JSON.stringify(localStorage)');
    expect(await stored()).not.toContain('rcspgw_');
    await page.getByLabel('Stay signed in on this device').check();
    expect(await stored()).toContain('rcspgw_');
    await page.getByLabel('Stay signed in on this device').uncheck();
    expect(await stored()).not.toContain('rcspgw_');
    await page.reload();
    await page.getByRole('button', { name: WHO }).waitFor();
  });
});

describe.skipIf(cannotBrowse('scopes'))('the page knows the scope of its user', () => {
  const openPage = useBrowser();

  test('nobody is named where nobody has to sign in', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const { page } = await openPage();
    await page.goto(gateway.url);
    await cardOf(page, 'Suit').waitFor();
    expect(await page.getByRole('button', { name: /·/ }).count()).toBe(0);
    await page.getByRole('button', { name: 'Actions for Suit' }).click();
    expect(await page.getByRole('menuitem', { name: 'Rename' }).isEnabled()).toBe(true);
  });

  test('the actions of a card are locked for a token that may look, with the reason', async () => {
    const guarded = await startGuarded();
    const opened = await openPage();
    const page = await enter(opened, guarded, 'viewer');
    await page.getByRole('button', { name: 'Actions for Suit' }).click();
    await shows(page.getByRole('menu'), 'viewer may look, and change nothing. This needs the scope control.');
    for (const name of ['Calibrate', 'Rename'])
      expect(await page.getByRole('menuitem', { name }).isDisabled()).toBe(true);
    await expectPresentable(opened, 'overview-locked');
  });

  test('notes are locked for a token that may look', { tags: ['extended'] }, async () => {
    const guarded = await startGuarded();
    const page = await enter(await openPage(), guarded, 'viewer', '/notes');
    await shows(page.getByRole('main'), 'viewer may look, and change nothing. This needs the scope control.');
    expect(await page.getByRole('button', { name: 'Good' }).isDisabled()).toBe(true);
  });

  test(
    'firmware is locked for a token of control before the file is asked for',
    { tags: ['extended'] },
    async () => {
      const guarded = await startGuarded();
      const opened = await openPage();
      const page = await enter(opened, guarded, 'anna', '/firmware');
      await shows(
        page.getByRole('note'),
        'anna may control devices, but not change firmware or networks. This needs the scope admin.',
      );
      const update = page.getByRole('button', { name: 'Update Suit' });
      expect(await update.isDisabled()).toBe(true);
      await expectPresentable(opened, 'firmware-locked');
    },
  );

  test(
    'the page of a device is locked for a token that may look, with one reason for all',
    { tags: ['extended'] },
    async () => {
      const guarded = await startGuarded();
      const opened = await openPage();
      const page = await enter(opened, guarded, 'viewer', '/devices/1/wifi');
      await page.getByRole('region', { name: 'Wi-Fi' }).getByRole('note').waitFor();
      await shows(page.getByRole('note').first(), 'viewer may look, and change nothing.');
      await page.getByRole('button', { name: 'Run self test' }).waitFor();
      const parts = page.locator('#setup, #calibrate, #light, #wifi, #self-test, aside');
      expect(await parts.locator('button:enabled, input:enabled, select:enabled').count()).toBe(0);
      expect(await page.getByLabel('Device name').isDisabled()).toBe(true);
      for (const name of ['Find me', 'Run self test', 'Calibrate'])
        expect(await page.getByRole('button', { name }).first().isDisabled(), name).toBe(true);
      await expectPresentable(opened, 'device-locked');
    },
  );

  test(
    'a token of control may set up a device, and is told why not its network and firmware',
    { tags: ['extended'] },
    async () => {
      const guarded = await startGuarded();
      const page = await enter(await openPage(), guarded, 'anna', '/devices/1/firmware');
      const firmware = page.getByRole('region', { name: 'Firmware' });
      await shows(firmware.getByRole('note'), 'This needs the scope admin.');
      expect(await firmware.getByRole('link').count()).toBe(0);
      await shows(
        page.getByRole('region', { name: 'Wi-Fi' }).getByRole('note'),
        'This needs the scope admin.',
      );
      expect(await page.getByLabel('Device name').isEnabled()).toBe(true);
      expect(await page.getByRole('button', { name: 'Find me' }).isEnabled()).toBe(true);
    },
  );

  test(
    'the console locks commands beyond the scope, and leaves the others',
    { tags: ['extended'] },
    async () => {
      const guarded = await startGuarded();
      const opened = await openPage();
      const page = await enter(opened, guarded, 'viewer', '/console/SetDeviceName');
      const send = page.getByRole('button', { name: 'Send SetDeviceName' });
      await shows(page.getByRole('note'), 'This needs the scope control.');
      expect(await send.isDisabled()).toBe(true);
      await page.goto(`${guarded.gateway.url}/#/console/GetDeviceName`);
      await expect
        .poll(() => page.getByRole('button', { name: 'Send GetDeviceName' }).isEnabled())
        .toBe(true);
      expect(await page.getByRole('note').count()).toBe(0);
    },
  );

  test('light arrays are locked for a token that may look', { tags: ['extended'] }, async () => {
    const light = await startLight();
    const guarded = await startGuarded({
      lights: `127.0.0.1:${light.address.port}`,
      lightsListen: '127.0.0.1:0',
    });
    await until(() => guarded.gateway.app.lights.nodes[0]?.state === 'connected');
    const page = await enter(await openPage(), guarded, 'viewer', '/lights');
    const card = page.getByRole('article').first();
    await shows(card.getByRole('note'), 'viewer may look, and change nothing.');
    for (const name of ['On', 'Off', 'Add a step'])
      expect(await card.getByRole('button', { name, exact: true }).first().isDisabled()).toBe(true);
  });
});

describe.skipIf(cannotBrowse('the control lease'))(
  'the page takes control when it needs it',
  { tags: ['extended'] },
  () => {
    const openPage = useBrowser();

    /** Gives the suit another name, by its card. */
    async function rename(page: Page, name: string): Promise<void> {
      await page.getByRole('button', { name: 'Actions for Suit' }).click();
      await page.getByRole('menuitem', { name: 'Rename' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox').fill(name);
      await dialog.getByRole('textbox').press('Enter');
      await cardOf(page, name).waitFor();
    }

    test('the first change takes control where nobody has it', async () => {
      const guarded = await startGuarded({ controlLease: true });
      const opened = await openPage();
      const page = await enter(opened, guarded, 'anna');
      await page.getByRole('button', { name: 'Nobody has control' }).waitFor();
      await rename(page, 'Hero');
      await page.getByRole('button', { name: 'You have control' }).waitFor();
      expectNoComplaints(opened, guarded.gateway.url);
    });

    test('the first request of the console takes control, too', async () => {
      const guarded = await startGuarded({ controlLease: true });
      const page = await enter(await openPage(), guarded, 'anna', '/console/ReinitAlgo');
      await page.getByRole('button', { name: 'Send ReinitAlgo' }).click();
      await page.getByRole('button', { name: 'You have control' }).waitFor();
      await page.getByText('204').first().waitFor();
    });

    test('a page that is loaded anew keeps its control, and goes on to renew it', async () => {
      const guarded = await startGuarded({ controlLease: true, leaseTime: 2 });
      const { gateway, tokens } = guarded;
      const page = await enter(await openPage(), guarded, 'anna');
      await rename(page, 'Hero');
      await page.getByRole('button', { name: 'You have control' }).waitFor();
      await page.reload();
      await page.getByRole('button', { name: 'You have control' }).waitFor();
      const until = Date.now() + 4000;
      const standing = async (): Promise<unknown> =>
        (await gateway.get('/v1/lease', tokens.as('viewer'))).json;
      await expect
        .poll(standing)
        .toMatchObject({ holder: 'anna', expiresAt: expect.toSatisfy((at: number) => at > until) });
      await page.getByRole('button', { name: 'You have control' }).waitFor();
    });

    test('the palette takes control and gives it back', async () => {
      const guarded = await startGuarded({ controlLease: true });
      const page = await enter(await openPage(), guarded, 'anna');
      const choose = async (query: string, label: string): Promise<void> => {
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox').fill(query);
        await page.getByRole('option', { name: label }).click();
      };
      await page.getByRole('button', { name: 'Nobody has control' }).waitFor();
      await choose('take control', 'Take control');
      await page.getByRole('button', { name: 'You have control' }).waitFor();
      await choose('give back', 'Give back control');
      await page.getByRole('button', { name: 'Nobody has control' }).waitFor();
      await guarded.gateway.ask('POST', '/v1/lease', { headers: guarded.tokens.as('boris') });
      await page.getByRole('button', { name: 'boris has control' }).waitFor();
      expect(await page.getByRole('button', { name: 'Select', exact: true }).isDisabled()).toBe(true);
      await choose('take control', 'Take control');
      await page.getByText('boris has control. Take it over at the top of the page.').waitFor();
    });

    test('looking at a device takes no control, and its network is shown to whoever has it', async () => {
      const guarded = await startGuarded({ controlLease: true });
      const page = await enter(await openPage(), guarded, 'chief', '/devices/1/wifi');
      const wifi = page.getByRole('region', { name: 'Wi-Fi', exact: true });
      await shows(wifi, 'This is shown to whoever has control.');
      await page.getByRole('button', { name: 'Nobody has control' }).waitFor();
      await wifi.getByRole('button', { name: 'Take control' }).click();
      await wifi.getByRole('button', { name: /^Scan/ }).waitFor();
      await page.getByRole('button', { name: 'You have control' }).waitFor();
    });

    test('control that is lost locks the page of a device, which says who has it', async () => {
      const guarded = await startGuarded({ controlLease: true });
      const { gateway, tokens } = guarded;
      const opened = await openPage();
      const page = await enter(opened, guarded, 'anna', '/devices/2');
      await page.getByRole('button', { name: 'Find me' }).click();
      await page.getByRole('button', { name: 'You have control' }).waitFor();
      await gateway.ask('POST', '/v1/lease?takeover=true', { headers: tokens.as('boris') });
      const notice = page.getByRole('main').getByRole('note');
      await shows(notice, 'boris has control.');
      expect(await notice.count()).toBe(1);
      await shows(page.getByRole('region', { name: 'Control' }), 'boris took control from you.');
      await expect.poll(() => page.getByLabel('Device name').isDisabled()).toBe(true);
      await expectPresentable(opened, 'device-held');
      await notice.getByRole('button', { name: 'Take over' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click();
      await expect.poll(() => page.getByLabel('Device name').isEnabled()).toBe(true);
    });

    test('while somebody else has control, changes are locked, with one button that takes over in place', async () => {
      const guarded = await startGuarded({ controlLease: true });
      const { gateway, tokens } = guarded;
      await gateway.ask('POST', '/v1/lease', { headers: tokens.as('boris') });
      const opened = await openPage();
      const page = await enter(opened, guarded, 'chief', '/firmware');
      const notice = page.getByRole('note');
      await shows(notice, 'boris has control.');
      const update = page.getByRole('button', { name: 'Update Suit' });
      expect(await update.isDisabled()).toBe(true);
      await expectPresentable(opened, 'firmware-held');
      await notice.getByRole('button', { name: 'Take over' }).click();
      const question = page.getByRole('dialog', { name: 'Take control over?' });
      await shows(question, 'boris has control. If you take it over');
      await expectPresentable(opened, 'take-over');
      await question.getByRole('button', { name: 'Take over' }).click();
      await expect.poll(() => update.isEnabled()).toBe(true);
      expect(await notice.count()).toBe(0);
      await page.getByRole('button', { name: 'You have control' }).waitFor();
    });
  },
);
