import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  counting,
  problemOf,
  settled,
  startBoth,
  startGateway,
  startScripted,
  until,
} from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { freePort } from '../../support/scripted-server.js';
import type { ScriptedServer } from '../../support/scripted-server.js';
import { Simulator } from '../../../src/simulator/simulator.js';
import { onTestFinished } from 'vitest';

const Document = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ 'x-discovered': z.boolean().optional() })),
  ),
});

async function discoveredIn(gateway: Gateway, path: string): Promise<string[]> {
  const { paths } = Document.parse((await gateway.get(path)).json);
  return Object.entries(paths)
    .filter(([, operations]) => operations['post']?.['x-discovered'] === true)
    .map(([each]) => each);
}

const production = {
  DeviceId: 2,
  HwVersion: { Major: 3, Minor: 1 },
  DeviceType: 'Smartgloves',
  ProdBoardId: 7,
  ProdDate: 20261121,
  ProdEpoch: 1_790_000_000,
  Password: 'prod',
};

describe('commands that only the server lists', () => {
  test.each(['/openapi.json', '/docs/json'])(
    'commands that only the server lists are in %s, marked',
    async (path) => {
      const { gateway } = await startBoth();
      expect(await discoveredIn(gateway, path)).toEqual([
        '/v1/commands/SetProductionInfo',
        '/v1/commands/SimulatorConnectDevice',
        '/v1/commands/SimulatorDisconnectDevice',
        '/v1/commands/SimulatorFault',
        '/v1/commands/SimulatorPressButton',
        '/v1/commands/SimulatorSay',
      ]);
    },
  );

  test('commands that only the server lists are described with their arguments', async () => {
    const { gateway } = await startBoth();
    const { json } = await gateway.get('/openapi.json');
    const { paths } = Document.parse(json);
    const body = JSON.stringify(paths['/v1/commands/SetProductionInfo']?.['post']?.['requestBody']);
    for (const name of ['DeviceId', 'HwVersion', 'ProdBoardId', 'Password'])
      expect(body).toContain(`"${name}"`);
  });

  test('commands that only the server lists run', async () => {
    const { gateway } = await startBoth();
    expect((await gateway.call('SetProductionInfo', production)).status).toBe(204);
    expect((await gateway.get('/v1/devices/2/info')).text).toContain('20261121');
    const connected = await gateway.call('SimulatorConnectDevice', { DeviceType: 'CoilPro' });
    expect(connected.json).toEqual({ DeviceId: 5 });
  });

  test('commands that only the server lists are refused by the studio in its own words', async () => {
    const { gateway } = await startBoth();
    const reply = await gateway.call('SetProductionInfo', { ...production, Password: 'nope' });
    expect(problemOf(reply)).toMatchObject({
      status: 502,
      code: 'Device command error',
      outcome: 'rejected',
    });
  });

  test.each([
    [{ ...production, Password: undefined }, ['body.Arguments.Password']],
    [{ ...production, Password: 1234 }, ['body.Arguments.Password']],
    [
      { ...production, HwVersion: 3, ProdDate: 'today' },
      ['body.Arguments.HwVersion', 'body.Arguments.ProdDate'],
    ],
    [{ ...production, DeviceId: '2' }, ['body.Arguments.DeviceId']],
    [{}, Object.keys(production).map((name) => `body.Arguments.${name}`)],
  ])(
    'commands that only the server lists are checked against what the server lists: %j',
    async (args, paths) => {
      const { gateway, simulator } = await startBoth();
      const count = counting(simulator);
      const problem = problemOf(await gateway.call('SetProductionInfo', args));
      expect(problem).toMatchObject({
        status: 400,
        code: 'Invalid request',
        outcome: 'not-sent',
        command: 'SetProductionInfo',
      });
      expect(problem.errors?.map(({ path }) => path).sort()).toEqual([...paths].sort());
      expect(count('SetProductionInfo')).toBe(0);
    },
  );

  test('commands that only the server lists are sent as they are when nobody describes them, each time once', async () => {
    const { gateway, server } = await startScripted((each) => ({
      MakeCoffee: (command) => each.ok(command, { Strength: 11 }),
    }));
    const args = { Milk: null, Sugar: [1, { Lumps: 'two' }], 'odd key': true };
    const [first] = await Promise.all([gateway.call('MakeCoffee', args), gateway.call('MakeCoffee', args)]);
    expect([first.status, first.json]).toEqual([200, { Strength: 11 }]);
    expect(server.named('MakeCoffee').map((each) => each.args)).toEqual([args, args]);
    expect(server.named('MakeCoffee')[0]?.trackId).toBe(first.headers.get('x-track-id'));
    await gateway.call('MakeCoffee');
    expect(server.named('MakeCoffee')[2]?.args).toBeUndefined();
  });

  test('appear once the studio comes, though it comes later than the gateway', async () => {
    const port = await freePort();
    const gateway = await startGateway(port);
    expect(await discoveredIn(gateway, '/openapi.json')).toEqual([]);
    expect(problemOf(await gateway.call('SimulatorSay'))).toMatchObject({ code: 'Studio unreachable' });
    const simulator = new Simulator({ port, events: false });
    onTestFinished(() => simulator.close());
    await simulator.listen();
    await settled(gateway);
    expect(await discoveredIn(gateway, '/openapi.json')).toHaveLength(6);
    expect(problemOf(await gateway.call('SimulatorSay'))).toMatchObject({ code: 'Invalid request' });
    expect((await gateway.call('SimulatorSay', { Level: 'Info', LogMsg: 'x' })).status).toBe(204);
  });
});

describe('the version that is sent', () => {
  /** That of the newest command of this name. */
  function versionOf(server: ScriptedServer, name: string): number {
    const sent = server.connections.map(({ chunks }) => Buffer.concat(chunks).toString('latin1')).join('');
    const found = [...sent.matchAll(/"Command":"(\w+)","TrackId":"[^"]*","Version":(\d+)/g)];
    return Number(found.findLast(([, each]) => each === name)?.[2]);
  }

  const listing = (Version: number) => ({
    ListDevices: { Devices: [{ DeviceId: 4 }] },
    ListDeviceCommands: { DeviceCommands: [{ Command: 'GetEmfChannel', Version, Info: '', Args: [] }] },
  });

  async function startListing(version: number) {
    return startScripted((server) =>
      Object.fromEntries(
        Object.entries(listing(version)).map(([name, response]) => [
          name,
          (command) => server.ok(command, response),
        ]),
      ),
    );
  }

  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
  ])(
    'of GetEmfChannel is the newest that both sides know: listed with %i, sent with %i',
    async (listed, sent) => {
      const { gateway, server } = await startListing(listed);
      expect((await gateway.get('/v1/devices/4/emf-channel')).status).toBe(200);
      expect(versionOf(server, 'GetEmfChannel')).toBe(sent);
    },
  );

  test('the version that is sent is 1 where the server lists nothing', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    await gateway.get('/v1/devices/4/emf-channel');
    await gateway.call('MakeCoffee');
    expect([versionOf(server, 'GetEmfChannel'), versionOf(server, 'MakeCoffee')]).toEqual([1, 1]);
  });

  test("the version that is sent is the caller's when the body says one", async () => {
    const { gateway, server } = await startListing(2);
    for (const Version of [1, 7]) {
      await gateway.post('/v1/commands/GetEmfChannel', { Arguments: { DeviceId: 4 }, Version });
      expect(versionOf(server, 'GetEmfChannel')).toBe(Version);
    }
  });
});

describe('devices that come and go', () => {
  const devices = async (gateway: Gateway): Promise<unknown> => (await gateway.get('/ready')).json;

  test('change what /ready counts', async () => {
    const { gateway } = await startBoth();
    expect(await devices(gateway)).toMatchObject({ devices: 4 });
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: 3 });
    await until(
      async () => z.looseObject({ devices: z.number() }).parse(await devices(gateway)).devices === 3,
    );
    await gateway.call('SimulatorConnectDevice');
    await until(
      async () => z.looseObject({ devices: z.number() }).parse(await devices(gateway)).devices === 4,
    );
  });

  test('devices that come and go take the commands that only they had with them', async () => {
    const { gateway } = await startBoth({}, { devices: 1 });
    expect(await discoveredIn(gateway, '/openapi.json')).toContain('/v1/commands/SetProductionInfo');
    await gateway.call('SimulatorDisconnectDevice', { DeviceId: 1 });
    await until(
      async () => !(await discoveredIn(gateway, '/openapi.json')).includes('/v1/commands/SetProductionInfo'),
    );
  });
});

test.each(['ListCommands', 'ListPublishers', 'ListErrorCodes', 'ListDeviceCommands', 'Info'])(
  'a studio that refuses %s can still be commanded',
  async (name) => {
    const { gateway } = await startBoth(
      {},
      { faults: [{ kind: 'error', command: name, code: 'Runtime error' }] },
    );
    expect((await gateway.get('/v1/devices/1/name')).status).toBe(200);
    expect(gateway.log.some((line) => line['command'] === name && line['level'] === 40)).toBe(true);
  },
);

test('one odd entry of a listing does not hide the others', async () => {
  const { gateway } = await startScripted((server) => ({
    ListCommands: (command) =>
      server.ok(command, {
        Commands: [
          null,
          { Version: 1 },
          {
            Command: 'MakeCoffee',
            Version: 'one',
            Args: [{ Info: 'no name' }, { Name: 'Milk', Type: 'Boolean' }],
          },
          { Command: '__proto__', Version: 1, Args: null },
          { Command: 'MakeTea', Args: [{ Name: 'Leaves', Type: 'Herb', Optional: true }] },
        ],
      }),
  }));
  expect(await discoveredIn(gateway, '/openapi.json')).toEqual(
    expect.arrayContaining(['/v1/commands/MakeCoffee', '/v1/commands/MakeTea']),
  );
  const problem = problemOf(await gateway.call('MakeCoffee', { Milk: 'yes' }));
  expect(problem.errors?.map(({ path }) => path)).toEqual(['body.Arguments.Milk']);
  expect((await gateway.call('MakeTea', { Leaves: 5 })).status).toBe(200);
});
