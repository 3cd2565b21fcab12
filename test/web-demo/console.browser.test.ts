import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Simulator } from '../../src/simulator/simulator.js';
import openapi from '../../openapi/openapi.json' with { type: 'json' };
import { operationsOf } from '../../web-demo/src/features/console/operations.js';
import {
  curlLine,
  deviceOf,
  pruned,
  quoted,
  requestOf,
  withDevice,
  withoutSecrets,
} from '../../web-demo/src/features/console/request.js';
import { simplified } from '../../web-demo/src/features/console/simplify-schema.js';
import { fieldKind } from '../../web-demo/src/features/console/form-kind.js';
import { violationsOf } from '../../web-demo/src/features/console/violations.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import type { OpenPage } from '../support/browser.js';
import { counting, startBoth, startGateway, startSimulator } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { expectNoComplaints, expectPresentable, seriousFindings } from '../support/page.js';

const sh = promisify(execFile);
const CATALOG = operationsOf(openapi);
const NO_PREFERENCE = { wait: undefined, isAsync: false };

function operation(id: string) {
  const found = CATALOG.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no operation ${id}`);
  return found;
}

describe('the form of a command', () => {
  test('a reference becomes what it refers to, with its own description', () => {
    const components = { Name: { type: 'string', description: 'Any name.', minLength: 1 } };
    const schema = {
      type: 'object',
      properties: { A: { $ref: '#/components/schemas/Name', description: 'A.' } },
    };
    expect(simplified(schema, components)).toEqual({
      type: 'object',
      properties: { A: { type: 'string', description: 'A.', minLength: 1 } },
    });
  });

  test('a schema within itself comes to an end', () => {
    const components = {
      Tree: { type: 'object', properties: { Left: { $ref: '#/components/schemas/Tree' } } },
    };
    expect(simplified({ $ref: '#/components/schemas/Tree' }, components)).toEqual({
      type: 'object',
      properties: { Left: { description: 'Any JSON value.' } },
    });
  });

  test('a nullable schema loses its null and leaves no choice', () => {
    const anyOf = [{ type: 'integer', minimum: 0 }, { type: 'null' }];
    expect(simplified({ description: 'Time.', anyOf }, {})).toEqual({
      type: 'integer',
      minimum: 0,
      description: 'Time.',
    });
    expect(simplified({ type: ['boolean', 'null'] }, {})).toEqual({ type: 'boolean' });
    expect(simplified({ type: ['string', 'null'], enum: ['On', null] }, {})).toEqual({
      type: 'string',
      enum: ['On'],
    });
  });

  test('real choices stay, and are shown as JSON', () => {
    const schema = simplified({ anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }] }, {});
    expect(schema).toEqual({ anyOf: [{ type: 'string' }, { type: 'number' }] });
    expect(fieldKind(schema)).toBe('json');
  });

  test('further properties are not offered', () => {
    expect(simplified({ type: 'object', properties: {}, additionalProperties: {} }, {})).toEqual({
      type: 'object',
      properties: {},
    });
  });

  test('no form of the catalog has references, nulls or choices left', () => {
    expect(CATALOG.length).toBeGreaterThan(40);
    expect(JSON.stringify(CATALOG.map(({ schema }) => schema))).not.toMatch(
      /\$ref|anyOf|oneOf|"null"|additionalProp/,
    );
  });

  test('every example of the catalog fits its form and makes a whole request', () => {
    for (const each of CATALOG) {
      const data = withDevice(each.example, each.schema, 1);
      expect(violationsOf(pruned(data, each.schema), each.schema), each.id).toEqual([]);
      expect(requestOf(each, data, NO_PREFERENCE).path, each.id).not.toContain('{');
    }
  });

  test('a violation is explained in words at its field', () => {
    const { schema } = operation('SetColorLed');
    const data = { DeviceId: 2, LedId: 'RingLed', Red: 300, Green: 1.5 };
    expect(violationsOf(data, schema)).toEqual(
      expect.arrayContaining([
        { path: ['Red'], message: 'This must be 255 or less.', isMissing: false },
        { path: ['Green'], message: 'This must be a whole number.', isMissing: false },
        { path: ['Blue'], message: 'Required', isMissing: true },
      ]),
    );
    const subscribe = operation('Subscribe').schema;
    expect(violationsOf({ Publishers: [] }, subscribe)).toEqual([
      { path: ['Publishers'], message: 'At least one is needed.', isMissing: false },
    ]);
    expect(violationsOf({ Publishers: [{ Publisher: '', Topics: ['A'] }] }, subscribe)).toEqual([
      { path: ['Publishers', '0', 'Publisher'], message: 'This must not be empty.', isMissing: false },
    ]);
  });
});

describe('the request of a command', () => {
  test('the request of a command arguments of the path go there, the others into the body, and what is empty nowhere', () => {
    const data = { DeviceId: 2, LedId: 'Ring/Led ö', Red: 0, Green: undefined, Blue: '' };
    expect(requestOf(operation('SetColorLed'), data, NO_PREFERENCE)).toEqual({
      method: 'PUT',
      path: '/v1/devices/2/leds/Ring%2FLed%20%C3%B6/color',
      headers: { 'content-type': 'application/json' },
      body: { Red: 0 },
    });
  });

  test('an optional body that nobody filled in is not sent', () => {
    expect(requestOf(operation('StartWifi'), { DeviceId: 1 }, NO_PREFERENCE).body).toBeUndefined();
    expect(requestOf(operation('StartWifi'), { DeviceId: 1, TimeoutMs: 5 }, NO_PREFERENCE).body).toEqual({
      TimeoutMs: 5,
    });
  });

  test('an optional query parameter is there when it is given', () => {
    expect(requestOf(operation('ListPublishers'), {}, NO_PREFERENCE).path).toBe('/v1/publishers');
    expect(requestOf(operation('ListPublishers'), { DeviceId: 3 }, NO_PREFERENCE).path).toBe(
      '/v1/publishers?DeviceId=3',
    );
  });

  test('timeout and job become one Prefer header, and only a job responds asynchronously', () => {
    const impatient = { wait: 3, isAsync: true };
    expect(requestOf(operation('UpdateFirmware'), {}, impatient).headers['prefer']).toBe(
      'respond-async, wait=3',
    );
    expect(requestOf(operation('Info'), {}, impatient).headers['prefer']).toBe('wait=3');
  });

  test('the shell gives back a quoted word as it was', async () => {
    for (const word of [`it's`, `''`, '$(id) `id` $HOME "x" \\ \n \t !', 'Grüße 🎬 日本', '']) {
      const { stdout } = await sh('sh', ['-c', `printf %s ${quoted(word)}`]);
      expect(stdout).toBe(word);
    }
  });

  test('a token is never in the line, only the variable that holds it', () => {
    const request = requestOf(operation('Info'), {}, NO_PREFERENCE);
    expect(curlLine(request, 'http://a/v1/info', true)).toBe(
      `curl -sS 'http://a/v1/info' -H "authorization: Bearer $TOKEN"`,
    );
  });

  test('the request of a command keys and passwords are not kept', () => {
    const data = {
      DeviceId: 1,
      Settings: { Psk: { Str: 'x' }, Band: 1 },
      List: [{ Password: 'y', Name: 'z' }],
    };
    expect(withoutSecrets(data)).toEqual({
      data: { DeviceId: 1, Settings: { Band: 1 }, List: [{ Name: 'z' }] },
      isPartial: true,
    });
    expect(withoutSecrets({ DeviceId: 1 })).toEqual({ data: { DeviceId: 1 }, isPartial: false });
  });

  test('a device is chosen where one is needed, also of a discovered command', () => {
    const inner = { type: 'object', properties: { DeviceId: { type: 'number' } }, required: ['DeviceId'] };
    const schema = { type: 'object', properties: { Arguments: inner }, required: ['Arguments'] };
    const data = withDevice({}, schema, 4);
    expect(data).toEqual({ Arguments: { DeviceId: 4 } });
    expect(deviceOf(data)).toBe(4);
    expect(withDevice({}, operation('ListPublishers').schema, 4)).toEqual({});
  });
});

describe.skipIf(cannotBrowse('the console'))('the console', () => {
  const openPage = useBrowser();

  async function openConsole(gateway: Gateway, command = ''): Promise<OpenPage> {
    const opened = await openPage();
    await opened.page
      .context()
      .grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.url });
    await opened.page.goto(`${gateway.url}/#/console/${command}`);
    await opened.page.getByRole('heading', { level: 1, name: 'Console' }).waitFor();
    return opened;
  }

  const send = (page: Page, command: string): Locator =>
    page.getByRole('button', { name: `Send ${command}`, exact: true });
  const field = (page: Page, label: string): Locator =>
    page
      .getByRole('article')
      .locator('input:visible, textarea:visible, select:visible')
      .and(page.getByLabel(label, { exact: false }))
      .first();
  const answer = (page: Page): Locator => page.getByRole('region', { name: 'Answer', exact: true });
  const body = (page: Page): Locator => page.getByRole('region', { name: 'Body of the answer' });
  const isReady = (page: Page): Promise<void> => page.getByText('Ready to send.').waitFor();

  test('a command is found, sent by its form, and its answer comes with status, duration and track id', async () => {
    const { gateway } = await startBoth();
    const opened = await openConsole(gateway);
    const { page } = opened;
    await page.getByLabel('Find a command').fill('device name get');
    await page.getByText(/^\d of \d+ commands$/).waitFor();
    await page.getByLabel('Find a command').press('Enter');
    await page.getByRole('heading', { level: 2, name: 'GetDeviceName' }).waitFor();
    expect(new URL(page.url()).hash).toBe('#/console/GetDeviceName');
    await isReady(page);
    expect(await field(page, 'DeviceId').locator('option:checked').textContent()).toMatch(/^1: /);

    await field(page, 'DeviceId').selectOption({ label: '2: Left glove (Smartgloves)' });
    await send(page, 'GetDeviceName').click();
    await body(page).getByText('"Left glove"').waitFor();
    const { json } = await gateway.get('/v1/devices/2/name');
    await answer(page).getByRole('button', { name: 'JSON', exact: true }).click();
    expect(JSON.parse(await body(page).innerText())).toEqual(json);
    const told = await answer(page).innerText();
    expect(told).toMatch(/200\s+done, with an answer/);
    expect(told).toMatch(/\d ms/);
    const [, trackId] = /Track id (\S+)/.exec(told) ?? [];
    expect(gateway.lines.some((line) => line.includes(`"${trackId}"`))).toBe(true);
    await expectPresentable(opened, 'console');
    expectNoComplaints(opened, gateway.url);
  });

  test(
    'the arrow keys walk from the search into the list, and Enter opens',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const opened = await openConsole(gateway);
      const { page } = opened;
      await page.getByLabel('Find a command').fill('ListDevices');
      await page.getByText(/^1 of/).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 2, name: 'ListDevices' }).waitFor();
      expect(await page.getByRole('link', { name: /^ListDevices/ }).getAttribute('aria-current')).toBe(
        'page',
      );
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'a discovered command is marked as one, asks first, is sent, and its event arrives',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth();
      const ran = counting(simulator);
      const opened = await openConsole(gateway);
      const { page } = opened;
      const discovered = page.getByRole('region', { name: 'Discovered' });
      await discovered.getByRole('link', { name: /^SimulatorPressButton/ }).click();
      await isReady(page);
      await field(page, 'ButtonPushType').fill('LongPress');
      await send(page, 'SimulatorPressButton').click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(/It goes to device 1: /).waitFor();
      await send(page, 'SimulatorPressButton').last().click();
      await answer(page)
        .getByText(/^20[04]$/)
        .waitFor();
      expect(ran('SimulatorPressButton')).toBe(1);
      await expect
        .poll(async () => (await gateway.get('/v1/history?channel=devices/1/DeviceEvents/ButtonPushed')).text)
        .toContain('LongPress');
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'the copied curl line runs in a shell, also with quotes and other scripts in it',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const opened = await openConsole(gateway, 'SetDeviceName');
      const { page } = opened;
      const name = `Jo's "suit" $HOME 🎬`;
      await field(page, 'DeviceName').fill(name);
      await isReady(page);
      await page.getByRole('button', { name: 'Copy the line' }).click();
      await page.getByText('Copied the line.').waitFor();
      const line = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(line).toContain('-X PUT');
      const { stderr } = await sh('sh', ['-c', line]);
      expect(stderr).toBe('');
      expect((await gateway.get('/v1/devices/1/name')).json).toEqual({ DeviceName: name });
      expectNoComplaints(opened, gateway.url);
    },
  );

  test('a bad value is told at its field, and nothing is sent until it is mended', async () => {
    const { gateway, simulator } = await startBoth();
    const ran = counting(simulator);
    const opened = await openConsole(gateway, 'SetColorLed');
    const { page } = opened;
    await page.getByRole('button', { name: 'Fill in the example' }).click();
    await isReady(page);
    await field(page, 'Red').fill('300');
    await send(page, 'SetColorLed').click();
    const red = field(page, 'Red');
    await expect.poll(() => red.getAttribute('aria-invalid')).toBe('true');
    expect(await red.evaluate((each) => each === each.ownerDocument.activeElement)).toBe(true);
    await page.getByText('This must be 255 or less.').waitFor();
    expect(ran('SetColorLed')).toBe(0);
    await red.fill('200');
    await expect.poll(() => page.getByText('This must be 255 or less.').count()).toBe(0);
    await send(page, 'SetColorLed').click();
    await answer(page).getByText('204').waitFor();
    expect(ran('SetColorLed')).toBe(1);
    expectNoComplaints(opened, gateway.url);
  });

  test('a refusal is told with its status and code', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const opened = await openConsole(gateway, 'GetDeviceName');
    const { page } = opened;
    await isReady(page);
    await field(page, 'DeviceId').selectOption('Another number…');
    await field(page, 'Number of the device').fill('99');
    await isReady(page);
    await send(page, 'GetDeviceName').click();
    await page.getByRole('alert').filter({ hasText: 'Device not found' }).waitFor();
    expect(await answer(page).innerText()).toMatch(/404\s+not found/);
    expectNoComplaints(opened, gateway.url);
  });

  test(
    'every command of the catalog has a form that its example fills',
    { tags: ['extended'], timeout: 60_000 },
    async () => {
      const { gateway, simulator } = await startBoth();
      const opened = await openConsole(gateway);
      const { page } = opened;
      const before = [...simulator.commandCounts].filter(([name]) => name.startsWith('Set')).length;
      for (const { id, example } of CATALOG) {
        await page.evaluate(`location.hash = '#/console/${id}'`);
        await page.getByRole('heading', { level: 2, name: id, exact: true }).waitFor();
        const fill = page.getByRole('button', { name: 'Fill in the example' });
        if (Object.keys(example).length > 0) await fill.click();
        await isReady(page);
        expect(await page.getByText(/Unsupported|Unknown field|Option 1/).count(), id).toBe(0);
      }
      expect([...simulator.commandCounts].filter(([name]) => name.startsWith('Set')).length).toBe(before);
      await expectPresentable(opened, 'console-form');
      expectNoComplaints(opened, gateway.url);
    },
  );

  test('the console lists and objects are filled in by hand', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const opened = await openConsole(gateway, 'Subscribe');
    const { page } = opened;
    await page.getByText('Publishers is missing.').waitFor();
    await page.getByRole('button', { name: 'Add to Publishers' }).click();
    await field(page, 'Publisher').fill('Logs');
    await field(page, 'Topics').fill('Warning');
    await field(page, 'Topics').press('Enter');
    await isReady(page);
    await send(page, 'Subscribe').click();
    await answer(page).getByText('204').waitFor();

    await page.evaluate(`location.hash = '#/console/SaveUserData'`);
    await field(page, 'Tag').fill('7');
    await field(page, 'UserData').fill('{"Take": ');
    await page.getByText('This is not JSON yet.').waitFor();
    await page.getByText('UserData does not fit.').waitFor();
    await field(page, 'UserData').fill('{"Take": 3}');
    await isReady(page);
    await send(page, 'SaveUserData').click();
    await answer(page).getByText('204').waitFor();
    expect((await gateway.get('/v1/recording/tags/7')).text).toContain('"Take":3');
    expectNoComplaints(opened, gateway.url);
  });

  test(
    'a call is brought back from the history, after a reload too, without its secrets',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const opened = await openConsole(gateway, 'SetNetworkConfiguration');
      const { page } = opened;
      await page.getByRole('button', { name: 'Fill in the example' }).click();
      await isReady(page);
      await send(page, 'SetNetworkConfiguration').click();
      await send(page, 'SetNetworkConfiguration').last().click();
      await answer(page).getByText('204').waitFor();
      await page.evaluate(`location.hash = '#/console/SetDeviceName'`);
      await field(page, 'DeviceName').fill('Left of stage');
      await isReady(page);
      await send(page, 'SetDeviceName').click();
      await answer(page).getByText('204').waitFor();
      expect(await page.evaluate<string>('JSON.stringify(sessionStorage)')).not.toContain('passphrase');

      await page.reload();
      const calls = page.getByRole('region', { name: 'History' });
      await expect.poll(() => calls.getByRole('listitem').count()).toBe(2);
      await calls.getByRole('button', { name: /Use again SetDeviceName/ }).click();
      expect(await field(page, 'DeviceName').inputValue()).toBe('Left of stage');
      await calls.getByRole('button', { name: /Use again SetNetworkConfiguration/ }).click();
      await page.getByText('Keys and passwords are not kept').waitFor();
      expect(await field(page, 'ServerIp').inputValue()).toBe('192.168.10.20');
      await page.getByText('Settings.Psk is missing.').waitFor();
      await calls.getByRole('button', { name: 'Clear' }).click();
      await calls.getByText('None yet.').waitFor();
      expectNoComplaints(opened, gateway.url);
    },
  );

  test(
    'an answer is a tree with versions and texts in one line, and the request is code that runs',
    { tags: ['extended'] },
    async () => {
      const { gateway } = await startBoth();
      const opened = await openConsole(gateway, 'GetDeviceInfo');
      const { page } = opened;
      await isReady(page);
      await field(page, 'DeviceId').press('Control+Enter');
      await body(page)
        .getByText(/^FwVersion: 3\.\d+\.\d+(\.\d+)? version$/)
        .waitFor();
      const serial = body(page).getByText(/^HubSerialNumber: ".+" text of \d+ bytes$/);
      await serial.click();
      await body(page)
        .getByText(/^Raw: "([\da-f]{2} )+[\da-f]{2}/)
        .waitFor();
      expect(await seriousFindings(page)).toEqual([]);
      const codeFor = async (language: string): Promise<string> => {
        await page.getByRole('button', { name: language, exact: true }).click();
        return page.getByRole('region', { name: `The request for ${language}` }).innerText();
      };
      const { stdout } = await sh(process.execPath, ['--input-type=module', '-e', await codeFor('fetch')]);
      expect(stdout).toMatch(/^200 \{.*"FwVersion"/);
      expect(await codeFor('Browser client')).toContain('client.call("GetDeviceInfo"');
      expect(await codeFor('Python')).toContain('urllib.request.urlopen(request)');
      expectNoComplaints(opened, gateway.url);
    },
  );

  test('an answer and a form are there again after another view', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const opened = await openConsole(gateway, 'GetDeviceName');
    const { page } = opened;
    await isReady(page);
    await field(page, 'DeviceId').selectOption('3');
    await field(page, 'DeviceId').press('Control+Enter');
    await body(page).waitFor();
    await page.evaluate("location.hash = '#/'");
    await body(page).waitFor({ state: 'detached' });
    await page.evaluate("location.hash = '#/console/GetDeviceName'");
    await body(page).getByText('Right glove').waitFor();
    expect(await field(page, 'DeviceId').inputValue()).toBe('3');
  });

  test('stopping the studio asks first, and cancelling sends nothing', { tags: ['extended'] }, async () => {
    const { gateway, simulator } = await startBoth();
    const ran = counting(simulator);
    const opened = await openConsole(gateway, 'GracefulExit');
    const { page } = opened;
    await isReady(page);
    await send(page, 'GracefulExit').click();
    const dialog = page.getByRole('dialog', { name: 'Stop the studio?' });
    await dialog.getByText('Every device disconnects and everybody here loses it.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(opened.requests.some((url) => url.endsWith('/v1/exit'))).toBe(false);
    expect(ran('GracefulExit')).toBe(0);
    expectNoComplaints(opened, gateway.url);
  });

  test(
    'nothing can be sent while the studio is away; with it come its commands',
    { tags: ['extended'] },
    async () => {
      const { simulator, port } = await startSimulator();
      await simulator.close();
      const gateway = await startGateway(port);
      const opened = await openConsole(gateway, 'GetDeviceName');
      const { page } = opened;
      await page.getByText('The studio is not connected: nothing can be sent.').waitFor();
      expect(await send(page, 'GetDeviceName').isDisabled()).toBe(true);
      const discovered = page.getByRole('region', { name: 'Discovered' });
      expect(await discovered.count()).toBe(0);

      const studio = new Simulator({ events: false, port });
      onTestFinished(() => studio.close());
      await studio.listen();
      await isReady(page);
      await discovered.getByRole('link', { name: /^SimulatorSay/ }).waitFor();
      await send(page, 'GetDeviceName').click();
      await body(page).waitFor();
      expectNoComplaints(opened, gateway.url);
    },
  );
});
