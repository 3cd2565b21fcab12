import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { startGateway, startSimulator, until } from '../support/gateway.js';
import { startLight } from '../support/lights.js';
import { makeTokens } from '../support/tokens.js';
import { connect } from './connect.js';

test('lights lists, changes and runs light arrays with the token, and rejects with the problem', async () => {
  const light = await startLight();
  const node = `127.0.0.1:${light.address.port}`;
  const tokens = makeTokens({ one: 'control' });
  const gateway = await startGateway((await startSimulator()).port, {
    lights: node,
    lightsListen: '127.0.0.1:0',
    stateFolder: temporaryFolder(),
    tokens: tokens.file,
  });
  await until(() => gateway.app.lights.nodes[0]?.state === 'connected');
  const { studio } = connect(gateway.url, { token: tokens.of.one });
  expect(await studio.lights()).toMatchObject({ lights: [{ node, state: 'connected' }] });
  expect(await studio.lights(`${node}/model-light`, { power: 40 })).toBeNull();
  expect(light.board.registers.get('MODEL_LIGHT')).toEqual([40]);
  await studio.lights(`${node}/sequence`, { steps: [{ register: 'LED_FAN', on: true }] });
  expect(await studio.lights(`${node}/sequence/run`, undefined, 'POST')).toBeNull();
  await expect(studio.lights(`${node}/model-light`, { power: 101 })).rejects.toMatchObject({
    code: 'Invalid request',
    status: 400,
    outcome: 'not-sent',
  });
  await expect(studio.lights('elsewhere')).rejects.toMatchObject({ code: 'Not found', status: 404 });
  await gateway.app.close();
  await expect(studio.lights()).rejects.toMatchObject({ code: 'Connection lost', status: 502 });
});
