// @module-tag extended
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { cannotBrowse, useBrowser } from '../support/browser.js';
import { startGateway, startSimulator, until } from '../support/gateway.js';
import { startLight } from '../support/lights.js';
import { expectNoComplaints, expectPresentable } from '../support/page.js';

describe.skipIf(cannotBrowse('the lights view'))('the lights view', () => {
  const openPage = useBrowser();

  async function start() {
    const light = await startLight();
    const gateway = await startGateway((await startSimulator()).port, {
      lights: `127.0.0.1:${light.address.port}`,
      lightsListen: '127.0.0.1:0',
      stateFolder: temporaryFolder(),
    });
    await until(() => gateway.app.lights.nodes[0]?.state === 'connected');
    const opened = await openPage();
    await opened.page.goto(`${gateway.url}/#/lights`);
    const card = opened.page.getByRole('article', { name: 'rigsters-controller-1' });
    await card.waitFor();
    return { light, gateway, opened, card };
  }

  test('shows state and unit, and switches model light, fans and polarizer', async () => {
    const { light, gateway, opened, card } = await start();
    await card.getByText('Connected since').waitFor();
    await card.getByText('dc:a6:32:1b:4e:f0').waitFor();
    await card.getByRole('slider', { name: 'Model light' }).press('End');
    await card.getByText('Set to 100 %').waitFor();
    await card.getByRole('group', { name: 'Fans' }).getByRole('button', { name: 'On' }).click();
    await until(() => light.board.registers.get('LED_FAN')?.[0] === 1);
    await card.getByRole('group', { name: 'Polarizer' }).getByRole('button', { name: 'Off' }).click();
    await until(() => light.board.registers.get('DIGITAL_POLARIZER')?.[0] === 0);
    expect(light.board.registers.get('MODEL_LIGHT')).toEqual([100]);
    await expectPresentable(opened, 'lights');
    expectNoComplaints(opened, gateway.url);
  });

  test('uploads a sequence of edited steps, runs it, and shows its output', async () => {
    const { light, opened, card } = await start();
    const add = card.getByRole('button', { name: 'Add a step' });
    await add.click();
    await add.click();
    const second = card.getByRole('group', { name: 'Step 2' });
    await second.getByLabel('Step 2', { exact: true }).selectOption('ALL_4_CANON');
    await second.getByLabel('Power, %').fill('80');
    await second.getByLabel('Shutter, ms').fill('105');
    await card.getByRole('button', { name: 'Upload' }).click();
    await until(() => light.board.loaded.length === 2);
    expect(light.board.loaded).toEqual(['LED_FAN,1', 'ALL_4_CANON,80,105']);
    await expectPresentable(opened, 'lights-sequence');
    await card.getByRole('button', { name: 'Run' }).click();
    await card.getByText('is complete.').waitFor();
    await card.getByRole('region', { name: 'Output' }).getByText('Sequence complete').waitFor();
  });

  test('tells why a run failed, and that a node is unreachable', async () => {
    const { light, gateway, card } = await start();
    const node = gateway.app.lights.nodes[0]!.name;
    await gateway.put(`/v1/lights/${node}/sequence`, { steps: [{ register: 'LED_FAN', on: true }] });
    light.faults.add({ kind: 'error', command: 'runSeq', count: 1 });
    const reply = await gateway.ask('POST', `/v1/lights/${node}/sequence/run`);
    expect(reply.status).toBe(502);
    await card.getByText('failed: BOARDIO_ERROR: as ordered').waitFor();
    await light.pause();
    await card.getByText('Unreachable since').waitFor({ timeout: 30_000 });
    expect(
      await card.getByRole('group', { name: 'Fans' }).getByRole('button', { name: 'On' }).isDisabled(),
    ).toBe(true);
  });
});
