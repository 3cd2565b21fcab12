import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/catalog/index.js';
import type { CommandDefinition } from '../../src/catalog/index.js';
import { RCSP_ERRORS } from '../../src/errors/errors.js';
import { describeArguments } from '../../src/simulator/arguments.js';
import { Client, startSimulator } from './harness.js';
import type { Running } from './harness.js';

async function open(options = {}): Promise<Running & { client: Client }> {
  const running = await startSimulator({ speed: 200, ...options });
  return { ...running, client: await Client.open(running.port) };
}

const CALLABLE: readonly CommandDefinition[] = COMMANDS.filter(({ name }) => name !== 'GracefulExit');

test.each(CALLABLE.map((command) => [command.name, command] as const))(
  '%s runs with the example of the catalog and its answer fits',
  async (name, { version, example, response }) => {
    const { client } = await open();
    await client.ask('SaveUserData', { Tag: 1, UserData: { Take: 3 } });
    const answer = await client.ask(name, { ...example.arguments }, version);
    expect(answer.Error).toBeUndefined();
    if (response === null) expect(answer).not.toHaveProperty('Response');
    else expect(response.safeParse(answer.Response).error).toBeUndefined();
  },
);

test('every command is listed once, with the arguments that it takes', async () => {
  const { client } = await open();
  const server = await client.response('ListCommands');
  const names = server['Commands'];
  expect(names).toEqual(
    expect.arrayContaining([{ Command: 'Info', Version: 1, Info: expect.any(String), Args: [] }]),
  );
  const suit = JSON.stringify(await client.response('ListDeviceCommands', { DeviceId: 1 }));
  const glove = JSON.stringify(await client.response('ListDeviceCommands', { DeviceId: 2 }));
  const all = JSON.stringify(names) + suit + glove;
  for (const { name } of COMMANDS) expect(all).toContain(`"Command":"${name}"`);
  for (const name of ['PressButton', 'ConnectDevice', 'DisconnectDevice', 'Fault', 'Say']) {
    expect(names).toContainEqual(expect.objectContaining({ Command: `Simulator${name}` }));
  }
});

test('arguments are described by name, type and whether they may be left out', async () => {
  const { client } = await open();
  const { DeviceCommands } = await client.response('ListDeviceCommands', { DeviceId: 2 });
  const argument = (Name: string, Type: string, Optional = false): object =>
    expect.objectContaining({ Name, Type, Optional, Info: expect.stringMatching(/./) });
  expect(DeviceCommands).toContainEqual(
    expect.objectContaining({
      Command: 'SetProductionInfo',
      Args: [
        argument('DeviceId', 'Number'),
        argument('HwVersion', 'Object'),
        argument('DeviceType', 'String'),
        argument('ProdBoardId', 'Number'),
        argument('ProdDate', 'Number'),
        argument('ProdEpoch', 'Number'),
        argument('Password', 'String'),
        argument('SmartglovesInfo', 'Object', true),
      ],
    }),
  );
  expect(DeviceCommands).toContainEqual(
    expect.objectContaining({
      Command: 'UpdateFirmware',
      Args: [
        argument('DeviceId', 'Number'),
        argument('FwPath', 'String'),
        argument('ForceUpdate', 'Boolean', true),
      ],
    }),
  );
  const { Commands } = await client.response('ListCommands');
  expect(Commands).toContainEqual(
    expect.objectContaining({ Command: 'Subscribe', Args: [argument('Publishers', 'Array')] }),
  );
});

test('the described types are those of the examples in the catalog', () => {
  const types = { string: 'String', number: 'Number', boolean: 'Boolean', object: 'Object' };
  for (const { arguments: schema, example } of CALLABLE) {
    for (const { Name, Type } of describeArguments(schema)) {
      const value = example.arguments[Name];
      if (value === undefined || value === null) continue;
      const type = Object.entries(types).find(([name]) => name === typeof value)?.[1];
      expect([Name, Type]).toEqual([Name, Array.isArray(value) ? 'Array' : type]);
    }
  }
});

test('each type of device has commands of its own and refuses the others', async () => {
  const { client } = await open();
  expect(await client.code('SetColorLed', { DeviceId: 4, LedId: 'RingLed', Red: 1, Green: 2, Blue: 3 })).toBe(
    'Unsupported command',
  );
  expect(await client.code('GetWifiVersion', { DeviceId: 2 })).toBe('Unsupported command');
  expect(await client.code('GetWifiVersion', { DeviceId: 1 })).toBeUndefined();
  const { DeviceCommands } = await client.response('ListDeviceCommands', { DeviceId: 4 });
  expect(JSON.stringify(DeviceCommands)).not.toMatch(/Led|Wifi/);
});

test('the frequencies of an EMF channel are told in version 2 only', async () => {
  const { client } = await open();
  expect(await client.response('GetEmfChannel', { DeviceId: 4 }, 1)).toEqual({ Channel: 3 });
  expect(await client.response('GetEmfChannel', { DeviceId: 4 }, 2)).toEqual({
    Channel: 3,
    FreqX: expect.any(Number),
    FreqY: expect.any(Number),
    FreqZ: expect.any(Number),
  });
});

test('what is set is what is read', async () => {
  const { client, simulator } = await open();
  await client.response('SetDeviceName', { DeviceId: 2, DeviceName: 'Ünlü 🧤' });
  expect(await client.response('GetDeviceName', { DeviceId: 2 })).toEqual({ DeviceName: 'Ünlü 🧤' });
  await client.response('SetFrameRate', { DeviceId: 1, FrameRate: 58 });
  expect(await client.response('GetFrameRate', { DeviceId: 1 })).toEqual({ FrameRate: 60 });
  await client.response('SetEmfChannel', { DeviceId: 1, Channel: 7 });
  expect(await client.response('GetEmfChannel', { DeviceId: 1 })).toEqual({ Channel: 7 });
  await client.response('SetMagnetometerCalOffset', { DeviceId: 1, Offset: { X: 1.5, Y: -2, Z: 0 } });
  expect(await client.response('GetMagnetometerCalOffset', { DeviceId: 1 })).toEqual({ X: 1.5, Y: -2, Z: 0 });
  const settings = {
    ...(await client.response('GetNetworkConfiguration', { DeviceId: 1 })),
    ServerIp: '10.0.0.9',
  };
  await client.response('SetNetworkConfiguration', { DeviceId: 1, Settings: settings });
  expect(await client.response('GetNetworkConfiguration', { DeviceId: 1 })).toEqual(settings);
  expect(settings).toMatchObject({ Psk: { Str: expect.stringMatching(/./) } });
  await client.response('SetColorLed', { DeviceId: 2, LedId: 'RingLed', Red: 1, Green: 2, Blue: 255 });
  await client.response('SetLedBehavior', { DeviceId: 2, LedId: 'StatusLed', BehaviorType: 'Off' });
  expect(Object.fromEntries(simulator.world.device(2).leds)).toEqual({
    RingLed: { color: { Red: 1, Green: 2, Blue: 255 } },
    StatusLed: { behavior: 'Off' },
  });
  expect([1, 2].map((id) => simulator.world.device(id).streaming)).toEqual([true, false]);
  await client.response('SubscribeToData', { DeviceId: 2 });
  await client.response('UnsubscribeFromData', { DeviceId: 1 });
  expect([1, 2].map((id) => simulator.world.device(id).streaming)).toEqual([false, true]);
});

test('recordings keep JSON by tag, and fail without a recording', async () => {
  const { client, simulator } = await open();
  await client.response('SaveUserData', { Tag: 9, UserData: { a: [1, null] } });
  await client.response('SaveUserData', { Tag: 2, UserData: {} });
  expect(await client.response('LoadJsonData', { Tag: 9 })).toEqual({ Tag: 9, UserData: { a: [1, null] } });
  expect(await client.response('ListJsonDataTags')).toEqual({ Tags: [2, 9] });
  expect(await client.code('LoadJsonData', { Tag: 3 })).toBe('Invalid value');
  simulator.world.recording = false;
  expect(await client.code('SaveUserData', { Tag: 9, UserData: {} })).toBe('Runtime error');
  expect(await client.code('LoadJsonData', { Tag: 9 })).toBe('Runtime error');
});

const PRODUCTION = {
  DeviceId: 3,
  HwVersion: { Major: 9, Minor: 1 },
  DeviceType: 'Smartgloves',
  ProdBoardId: 77,
  ProdDate: 20250102,
  ProdEpoch: 1735776000,
  Password: 'prod',
  SmartglovesInfo: { IsLeftGlove: true },
};

test('production data is written with the password only', async () => {
  const { client } = await open();
  expect(await client.code('SetProductionInfo', { ...PRODUCTION, Password: 'nope' })).toBe(
    'Device command error',
  );
  const long = await client.ask('SetProductionInfo', { ...PRODUCTION, Password: 'far-too-long' });
  expect(long.Error?.Code).toBe('Invalid value');
  expect(JSON.stringify(long)).not.toContain('far-too-long');
  expect(await client.code('SetProductionInfo', PRODUCTION)).toBeUndefined();
  expect(await client.response('GetDeviceInfo', { DeviceId: 3 })).toMatchObject({
    HwVersion: { Major: 9, Minor: 1 },
    ProdBoardId: 77,
    Smartgloves: { IsLeft: true },
  });
});

test.each([
  ['Unknown command', 'NoSuchCommand', {}],
  ['Missing required argument', 'SetDeviceName', { DeviceId: 1 }],
  ['Missing required argument', 'GetDeviceName', undefined],
  ['Missing required key', 'SetMagnetometerCalOffset', { DeviceId: 1, Offset: { X: 1, Y: 2 } }],
  ['Invalid value type', 'SetDeviceName', { DeviceId: 1, DeviceName: 5 }],
  ['Invalid value type', 'PostProcess', { DeviceId: 1, ProcessType: 5 }],
  ['Invalid value', 'PostProcess', { DeviceId: 1, ProcessType: 'Sharpen' }],
  ['Invalid value', 'SetColorLed', { DeviceId: 2, LedId: 'RingLed', Red: 256, Green: 0, Blue: 0 }],
  ['Invalid value', 'SetEmfChannel', { DeviceId: 1, Channel: 8 }],
  ['Invalid value', 'SetFrameRate', { DeviceId: 1, FrameRate: -1 }],
  ['Invalid value', 'GetDeviceName', { DeviceId: 1.5 }],
  ['Runtime error', 'PostProcess', { DeviceId: 1, ProcessType: 'StopSmoothing' }],
  ['Device not found', 'GetDeviceName', { DeviceId: 99 }],
  ['Device not found', 'ListPublishers', { DeviceId: 99 }],
  ['Sub-device not found', 'SetColorLed', { DeviceId: 2, LedId: 'NoLed', Red: 0, Green: 0, Blue: 0 }],
  ['Unsupported command', 'ScanNetwork', { DeviceId: 4, Band: 0, ChannelNo: 1 }],
  ['Device not updatable', 'UpdateFirmware', { DeviceId: 4, FwPath: 'a.bin' }],
])('%s is what %s answers to %j', async (code, command, args) => {
  const { client } = await open();
  expect(await client.code(command, args)).toBe(code);
});

test('smoothing stops once for each start', async () => {
  const { client } = await open();
  expect(await client.code('PostProcess', { DeviceId: 1, ProcessType: 'StartSmoothing' })).toBeUndefined();
  expect(await client.code('PostProcess', { DeviceId: 1, ProcessType: 'StopSmoothing' })).toBeUndefined();
  expect(await client.code('PostProcess', { DeviceId: 1, ProcessType: 'StopSmoothing' })).toBe(
    'Runtime error',
  );
});

test('a refusal names path and reason and keeps secrets to itself', async () => {
  const { client } = await open();
  const settings = await client.response('GetNetworkConfiguration', { DeviceId: 1 });
  const { Error } = await client.ask('SetNetworkConfiguration', {
    DeviceId: 1,
    Settings: { ...settings, Psk: 'open sesame' },
  });
  expect(Error?.Code).toBe('Invalid value type');
  expect(Error?.Message).toMatch(/^Settings\.Psk: /);
  expect(Error?.Message).not.toContain('sesame');
});

test('every error code of the specification can be had by a fault', async () => {
  const { client } = await open();
  expect((await client.response('ListErrorCodes'))['ErrorCodes']).toEqual(Object.keys(RCSP_ERRORS));
  for (const code of Object.keys(RCSP_ERRORS)) {
    await client.response('SimulatorFault', { Fault: `error:${code}=Info*1` });
    expect(await client.code('Info')).toBe(code);
  }
  expect(await client.code('Info')).toBeUndefined();
});

test('more devices repeat the types under other names and serial numbers', async () => {
  const { client, simulator } = await open({ devices: 9 });
  const { Devices } = await client.response('ListDevices');
  expect(Devices).toHaveLength(9);
  expect(Devices).toContainEqual(expect.objectContaining({ DeviceId: 9, DeviceType: 'SmartSuitPro' }));
  const devices = [...simulator.world.devices.values()];
  expect(new Set(devices.map(({ name }) => name)).size).toBe(9);
  expect(new Set(devices.map(({ serialNumber }) => serialNumber.Str)).size).toBe(9);
});

test('the same seed measures the same, another one does not', async () => {
  const measure = async (seed: number): Promise<unknown> => {
    const { client } = await open({ seed });
    return client.response('RunSelfTest', { DeviceId: 1 });
  };
  const first = await measure(7);
  expect(first).toMatchObject({ IndexToSmartglovesSensorLoc: expect.arrayContaining(['Hip', 'LeftHand']) });
  expect(await measure(7)).toEqual(first);
  expect(await measure(8)).not.toEqual(first);
});
