import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type ArgumentsOf,
  type CommandDefinition,
  COMMANDS,
  type CommandName,
  commandByName,
  PUBLISHERS,
  type ResponseOf,
} from '../../src/catalog/index.js';

const commands: readonly CommandDefinition[] = COMMANDS;

const NAMES_OF_THE_SPECIFICATION = [
  ...['Info', 'GracefulExit', 'ListCommands', 'ListDevices', 'ListErrorCodes', 'ListDeviceCommands'],
  ...['ListPublishers', 'Subscribe', 'Unsubscribe', 'DeviceSubscribe', 'DeviceUnsubscribe'],
  ...['SetEmfChannel', 'GetEmfChannel', 'ReadSensorFwInfo', 'SetDeviceName', 'GetDeviceName'],
  ...['SetFrameRate', 'GetFrameRate', 'GetDeviceInfo', 'CalibrateStaticPose', 'ReinitAlgo'],
  ...['GetWifiVersion', 'SetNetworkConfiguration', 'GetNetworkConfiguration', 'ScanNetwork', 'StartWifi'],
  ...['PostProcess', 'UpdateFirmware', 'UpdateSensorFirmware', 'UpdateWifiModule', 'SetColorLed'],
  ...['SetLedBehavior', 'SetMagnetometerCalOffset', 'GetMagnetometerCalOffset', 'RunSelfTest'],
  ...['SubscribeToData', 'UnsubscribeFromData', 'SaveUserData', 'LoadJsonData', 'ListJsonDataTags'],
  'TestEvent',
];

const ROUTES_OF_THE_CONTRACT = [
  'GET /v1/info Info',
  'POST /v1/exit GracefulExit',
  'GET /v1/commands ListCommands',
  'GET /v1/devices ListDevices',
  'GET /v1/error-codes ListErrorCodes',
  'GET /v1/publishers ListPublishers',
  'POST /v1/subscribe Subscribe',
  'POST /v1/unsubscribe Unsubscribe',
  'POST /v1/test-event TestEvent',
  'GET /v1/recording/tags ListJsonDataTags',
  'GET /v1/recording/tags/{Tag} LoadJsonData',
  'PUT /v1/recording/tags/{Tag} SaveUserData',
  'GET /v1/devices/{DeviceId}/commands ListDeviceCommands',
  'GET /v1/devices/{DeviceId}/publishers ListPublishers',
  'POST /v1/devices/{DeviceId}/subscribe DeviceSubscribe',
  'POST /v1/devices/{DeviceId}/unsubscribe DeviceUnsubscribe',
  'GET /v1/devices/{DeviceId}/info GetDeviceInfo',
  'GET /v1/devices/{DeviceId}/name GetDeviceName',
  'PUT /v1/devices/{DeviceId}/name SetDeviceName',
  'GET /v1/devices/{DeviceId}/frame-rate GetFrameRate',
  'PUT /v1/devices/{DeviceId}/frame-rate SetFrameRate',
  'GET /v1/devices/{DeviceId}/emf-channel GetEmfChannel',
  'PUT /v1/devices/{DeviceId}/emf-channel SetEmfChannel',
  'GET /v1/devices/{DeviceId}/magnetometer-offset GetMagnetometerCalOffset',
  'PUT /v1/devices/{DeviceId}/magnetometer-offset SetMagnetometerCalOffset',
  'GET /v1/devices/{DeviceId}/network GetNetworkConfiguration',
  'PUT /v1/devices/{DeviceId}/network SetNetworkConfiguration',
  'POST /v1/devices/{DeviceId}/network/scan ScanNetwork',
  'GET /v1/devices/{DeviceId}/wifi/version GetWifiVersion',
  'POST /v1/devices/{DeviceId}/wifi/start StartWifi',
  'POST /v1/devices/{DeviceId}/wifi/firmware UpdateWifiModule',
  'POST /v1/devices/{DeviceId}/firmware UpdateFirmware',
  'GET /v1/devices/{DeviceId}/sensors/firmware ReadSensorFwInfo',
  'POST /v1/devices/{DeviceId}/sensors/firmware UpdateSensorFirmware',
  'POST /v1/devices/{DeviceId}/calibrate CalibrateStaticPose',
  'POST /v1/devices/{DeviceId}/reinit-algo ReinitAlgo',
  'POST /v1/devices/{DeviceId}/post-process PostProcess',
  'POST /v1/devices/{DeviceId}/self-test RunSelfTest',
  'PUT /v1/devices/{DeviceId}/leds/{LedId}/color SetColorLed',
  'PUT /v1/devices/{DeviceId}/leds/{LedId}/behavior SetLedBehavior',
  'PUT /v1/devices/{DeviceId}/data-stream SubscribeToData',
  'DELETE /v1/devices/{DeviceId}/data-stream UnsubscribeFromData',
];

const namesWhere = (holds: (command: CommandDefinition) => boolean): string[] =>
  commands
    .filter(holds)
    .map((command) => command.name)
    .sort();

describe('the list of commands', () => {
  test('the list of commands holds exactly the commands of the specification, in its order', () => {
    expect(commands.map((command) => command.name)).toEqual(NAMES_OF_THE_SPECIFICATION);
    expect(commands).toHaveLength(41);
  });

  test('the list of commands finds each command by its name', () => {
    expect(commandByName.size).toBe(41);
    for (const command of commands) expect(commandByName.get(command.name)).toBe(command);
  });

  test('the list of commands knows a second version of GetEmfChannel only', () => {
    expect(namesWhere((command) => command.version !== 1)).toEqual(['GetEmfChannel']);
    expect(commandByName.get('GetEmfChannel')?.version).toBe(2);
  });

  test('the list of commands counts 26 commands as device commands, and all of them take a DeviceId', () => {
    const ofDevices = commands.filter((command) => command.target === 'device');
    expect(ofDevices).toHaveLength(26);
    for (const command of ofDevices)
      expect(command.arguments.safeParse({}).success, command.name).toBe(false);
  });

  test('the list of commands gives every command a short summary and a description', () => {
    for (const { name, summary, description } of commands) {
      expect(summary, name).toMatch(/^[A-Z].*[^.]$/);
      expect(summary.length, name).toBeLessThanOrEqual(60);
      expect(description?.length, name).toBeGreaterThan(20);
    }
  });

  test('the list of commands infers arguments and answers from the schemas', () => {
    expectTypeOf<ArgumentsOf<'GetDeviceName'>>().toEqualTypeOf<{
      [key: string]: unknown;
      DeviceId: number;
    }>();
    expectTypeOf<ResponseOf<'GetDeviceName'>>().toEqualTypeOf<{
      [key: string]: unknown;
      DeviceName: string;
    }>();
    expectTypeOf<ResponseOf<'SetDeviceName'>>().toEqualTypeOf<null>();
    expectTypeOf<ArgumentsOf<'SetLedBehavior'>['BehaviorType']>().toEqualTypeOf<'On' | 'Off'>();
    expectTypeOf<'NoSuchCommand'>().not.toExtend<CommandName>();
  });
});

describe('routes', () => {
  test("routes are the contract's, one for each line of its table", () => {
    const routes = commands.flatMap(({ name, routes }) =>
      routes.map(({ method, path }) => `${method} ${path} ${name}`),
    );
    expect(routes.sort()).toEqual([...ROUTES_OF_THE_CONTRACT].sort());
  });

  test('routes take every path parameter from the arguments of the command', () => {
    for (const { name, arguments: args, routes } of commands) {
      for (const { path } of routes) {
        for (const [, parameter] of path.matchAll(/\{(\w+)\}/g)) {
          expect(Object.keys(args.shape), `${name} ${path}`).toContain(parameter);
        }
      }
    }
  });

  test('routes have operation ids that are all different', () => {
    const ids = commands.flatMap(({ name, routes }) => routes.map((route) => route.operationId ?? name));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('ListDevicePublishers');
  });

  test('use GET for what may be repeated and nothing else', () => {
    for (const { name, policy, routes } of commands) {
      for (const { method } of routes) expect(method === 'GET', name).toBe(policy.repeatable);
    }
  });
});

describe('policies', () => {
  test('policies ask for admin where a studio, its firmware or its network secrets are at stake', () => {
    expect(namesWhere(({ policy }) => policy.scope === 'admin')).toEqual([
      'GetNetworkConfiguration',
      'GracefulExit',
      'SetNetworkConfiguration',
      'UpdateFirmware',
      'UpdateSensorFirmware',
      'UpdateWifiModule',
    ]);
  });

  test('policies let read do every other read and nothing that changes anything', () => {
    expect(namesWhere(({ policy }) => policy.scope === 'read')).toEqual(
      namesWhere(({ policy, name }) => policy.repeatable && name !== 'GetNetworkConfiguration'),
    );
    expect(namesWhere(({ policy }) => policy.repeatable)).toEqual([
      ...['GetDeviceInfo', 'GetDeviceName', 'GetEmfChannel', 'GetFrameRate', 'GetMagnetometerCalOffset'],
      ...['GetNetworkConfiguration', 'GetWifiVersion', 'Info', 'ListCommands', 'ListDeviceCommands'],
      ...['ListDevices', 'ListErrorCodes', 'ListJsonDataTags', 'ListPublishers', 'LoadJsonData'],
      'ReadSensorFwInfo',
    ]);
  });

  test('policies keep commands that take seconds away from the quick ones', () => {
    const slow = commands.filter(({ policy }) => policy.lane === 'slow');
    expect(Object.fromEntries(slow.map(({ name, policy }) => [name, policy.timeoutMs]))).toEqual({
      ReadSensorFwInfo: 20_000,
      CalibrateStaticPose: 30_000,
      ReinitAlgo: 15_000,
      ScanNetwork: 30_000,
      StartWifi: 60_000,
      PostProcess: 60_000,
      UpdateFirmware: 600_000,
      UpdateSensorFirmware: 600_000,
      UpdateWifiModule: 600_000,
      RunSelfTest: 60_000,
    });
    for (const { name, policy } of commands) {
      if (policy.lane !== 'slow') expect(policy.timeoutMs, name).toBe(5_000);
    }
  });

  test('policies send subscriptions, and only those, over the connection that carries events', () => {
    expect(namesWhere(({ policy }) => policy.lane === 'events')).toEqual([
      'DeviceSubscribe',
      'DeviceUnsubscribe',
      'Subscribe',
      'Unsubscribe',
    ]);
  });
});

describe('publishers', () => {
  test('publishers are those of the specification', () => {
    expect(PUBLISHERS.map(({ target, name, topics }) => `${target} ${name} ${topics.length}`)).toEqual([
      'server DeviceEvents 14',
      'server Logs 3',
      'server UpdateFwEvents 3',
      'device DeviceLogs 4',
      'device DeviceEvents 1',
    ]);
  });

  test('publishers may leave out or null every optional value of an event', () => {
    const events = PUBLISHERS.find(({ name }) => name === 'DeviceEvents');
    expect(events?.eventData.safeParse({}).success).toBe(true);
    expect(events?.eventData.safeParse({ DeviceId: null, ButtonPushType: null }).success).toBe(true);
  });
});
