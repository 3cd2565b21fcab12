import { expect, test } from 'vitest';
import { counting, startBoth } from '../support/gateway.js';

const settings = {
  HubAddr: 1,
  DhcpMode: 1,
  ChannelNo: 44,
  SecurityType: 'WPA3_Personal',
  ServerIp: '10.0.0.1',
  ServerPort: 14041,
  DeviceIp: '10.0.0.2',
  Gateway: '10.0.0.254',
  Band: 1,
  Ssid: { Raw: [83], Str: 'S' },
  Psk: { Raw: [80], Str: 'P' },
};
const publishers = [{ Publisher: 'DeviceLogs', Topics: ['Info'] }];

type Row = readonly [route: string, status: 200 | 204, command: string, body?: unknown];

/** Device 1 is a suit, 2 and 3 are gloves, 4 is a coil. */
const ROUTES: readonly Row[] = [
  ['GET /v1/info', 200, 'Info'],
  ['POST /v1/exit', 204, 'GracefulExit'],
  ['GET /v1/commands', 200, 'ListCommands'],
  ['GET /v1/devices', 200, 'ListDevices'],
  ['GET /v1/error-codes', 200, 'ListErrorCodes'],
  ['GET /v1/publishers', 200, 'ListPublishers'],
  ['GET /v1/publishers?DeviceId=2', 200, 'ListPublishers'],
  ['POST /v1/test-event', 204, 'TestEvent', { Publisher: 'Logs', Topic: 'Info' }],
  ['PUT /v1/recording/tags/7', 204, 'SaveUserData', { UserData: { Take: 3 } }],
  ['GET /v1/recording/tags', 200, 'ListJsonDataTags'],
  ['GET /v1/recording/tags/7', 200, 'LoadJsonData'],
  ['GET /v1/devices/1/commands', 200, 'ListDeviceCommands'],
  ['GET /v1/devices/1/publishers', 200, 'ListPublishers'],
  ['POST /v1/devices/1/subscribe', 204, 'DeviceSubscribe', { Publishers: publishers }],
  ['GET /v1/devices/1/info', 200, 'GetDeviceInfo'],
  ['GET /v1/devices/1/name', 200, 'GetDeviceName'],
  ['PUT /v1/devices/1/name', 204, 'SetDeviceName', { DeviceName: 'A' }],
  ['GET /v1/devices/1/frame-rate', 200, 'GetFrameRate'],
  ['PUT /v1/devices/1/frame-rate', 204, 'SetFrameRate', { FrameRate: 60 }],
  ['GET /v1/devices/4/emf-channel', 200, 'GetEmfChannel'],
  ['PUT /v1/devices/4/emf-channel', 204, 'SetEmfChannel', { Channel: 5 }],
  ['GET /v1/devices/4/magnetometer-offset', 200, 'GetMagnetometerCalOffset'],
  [
    'PUT /v1/devices/4/magnetometer-offset',
    204,
    'SetMagnetometerCalOffset',
    { Offset: { X: 1, Y: 2, Z: 3 } },
  ],
  ['GET /v1/devices/1/network', 200, 'GetNetworkConfiguration'],
  ['PUT /v1/devices/1/network', 204, 'SetNetworkConfiguration', { Settings: settings }],
  ['POST /v1/devices/1/network/scan', 200, 'ScanNetwork', { Band: 2, ChannelNo: 1 }],
  ['GET /v1/devices/1/wifi/version', 200, 'GetWifiVersion'],
  ['POST /v1/devices/1/wifi/start', 204, 'StartWifi'],
  ['POST /v1/devices/1/wifi/start', 204, 'StartWifi', { TimeoutMs: 1000 }],
  ['POST /v1/devices/1/wifi/firmware', 204, 'UpdateWifiModule', { FwPath: 'C:\\wifi.bin' }],
  ['POST /v1/devices/1/firmware', 204, 'UpdateFirmware', { FwPath: 'C:\\suit.bin', ForceUpdate: true }],
  ['GET /v1/devices/1/sensors/firmware', 200, 'ReadSensorFwInfo'],
  ['POST /v1/devices/1/sensors/firmware', 204, 'UpdateSensorFirmware', { FwPath: 'C:\\sensor.bin' }],
  ['POST /v1/devices/1/calibrate', 204, 'CalibrateStaticPose'],
  ['POST /v1/devices/1/reinit-algo', 204, 'ReinitAlgo'],
  ['POST /v1/devices/1/post-process', 204, 'PostProcess', { ProcessType: 'StartSmoothing' }],
  ['POST /v1/devices/2/self-test', 200, 'RunSelfTest'],
  ['PUT /v1/devices/2/leds/RingLed/color', 204, 'SetColorLed', { Red: 0, Green: 128, Blue: 255 }],
  ['PUT /v1/devices/2/leds/StatusLed/behavior', 204, 'SetLedBehavior', { BehaviorType: 'Off' }],
  ['PUT /v1/devices/2/data-stream', 204, 'SubscribeToData'],
  ['DELETE /v1/devices/2/data-stream', 204, 'UnsubscribeFromData'],
  ['POST /v1/commands/GetDeviceName', 200, 'GetDeviceName', { Arguments: { DeviceId: 1 } }],
  ['POST /v1/commands/ListDevices', 200, 'ListDevices'],
];

/** What a route needs to be there before. */
const BEFORE: Readonly<Record<string, Row>> = {
  'GET /v1/recording/tags': ROUTES[8]!,
  'GET /v1/recording/tags/7': ROUTES[8]!,
};

function parts(route: string): [method: string, path: string] {
  const [method = '', path = ''] = route.split(' ');
  return [method, path];
}

const rows = ROUTES.map(([route, status, command, body]) => ({ route, status, command, body }));

test.each(rows)('$route answers $status by $command, sent once', async ({ route, status, command, body }) => {
  const { gateway, simulator } = await startBoth({ poolSize: 2 });
  const before = BEFORE[route];
  if (before !== undefined) await gateway.ask(...parts(before[0]), { body: before[3] });
  const count = counting(simulator);
  const { status: got, text, json, headers } = await gateway.ask(...parts(route), { body });
  expect(got, text).toBe(status);
  expect(count(command)).toBe(1);
  if (status === 204) expect(text).toBe('');
  else expect(json).toBeTypeOf('object');
  expect(headers.get('x-track-id')).toMatch(/^[\w-]+$/);
  expect(headers.get('server-timing')).toMatch(/^rcsp;dur=\d+(\.\d+)?$/);
  if (status === 200) expect(headers.get('content-type')).toMatch(/^application\/json\b/);
});

test('the four routes of held subscriptions answer 204', async () => {
  const { gateway } = await startBoth();
  const server = { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] };
  expect((await gateway.post('/v1/subscribe', server)).status).toBe(204);
  expect((await gateway.post('/v1/unsubscribe', server)).status).toBe(204);
  expect((await gateway.post('/v1/devices/1/subscribe', { Publishers: publishers })).status).toBe(204);
  expect((await gateway.post('/v1/devices/1/unsubscribe', { Publishers: publishers })).status).toBe(204);
});

test('the page around the commands answers: explorer, document, liveness, readiness, metrics', async () => {
  const { gateway } = await startBoth();
  for (const path of ['/docs/', '/docs/json', '/openapi.json', '/live', '/ready', '/metrics']) {
    expect((await gateway.get(path)).status, path).toBe(200);
  }
});

test('every request has a track id of its own', async () => {
  const { gateway } = await startBoth();
  const replies = await Promise.all(Array.from({ length: 5 }, () => gateway.get('/v1/info')));
  expect(new Set(replies.map(({ headers }) => headers.get('x-track-id'))).size).toBe(5);
});
