import { expect, test } from 'vitest';
import { startBoth, startScripted } from '../support/gateway.js';
import { frame } from '../support/scripted-server.js';
import type { ReceivedCommand } from '../support/scripted-server.js';

const RESPONSE_OK = 2;

/** What is put, and what is got when that is something else. */
const PUT_THEN_GOT: readonly { path: string; put: unknown; got?: unknown }[] = [
  { path: '/v1/devices/1/name', put: { DeviceName: 'Suit of performer 1' } },
  { path: '/v1/devices/1/name', put: { DeviceName: 'Überzieher 服装 🕺 "quoted"\\' } },
  { path: '/v1/devices/1/frame-rate', put: { FrameRate: 60 } },
  { path: '/v1/devices/1/frame-rate', put: { FrameRate: 97 }, got: { FrameRate: 100 } },
  {
    path: '/v1/devices/4/magnetometer-offset',
    put: { Offset: { X: 12.5, Y: -3.25, Z: 0 } },
    got: { X: 12.5, Y: -3.25, Z: 0 },
  },
  {
    path: '/v1/recording/tags/12',
    put: { UserData: { Scene: 'Straße', Nested: { List: [1, null, true] } } },
    got: { Tag: 12, UserData: { Scene: 'Straße', Nested: { List: [1, null, true] } } },
  },
];

test.each(PUT_THEN_GOT)('$path: what is put ($put) is what is got', async ({ path, put, got = put }) => {
  const { gateway } = await startBoth();
  expect((await gateway.put(path, put)).status).toBe(204);
  expect((await gateway.get(path)).json).toEqual(got);
});

test('an EMF channel that was put is got with the frequencies of version 2', async () => {
  const { gateway } = await startBoth();
  expect((await gateway.put('/v1/devices/4/emf-channel', { Channel: 6 })).status).toBe(204);
  const { json } = await gateway.get('/v1/devices/4/emf-channel');
  expect(json).toMatchObject({ Channel: 6, FreqX: expect.any(Number) as number });
});

test('network settings that were got can be changed and put back', async () => {
  const { gateway } = await startBoth();
  const before = (await gateway.get('/v1/devices/1/network')).json as Record<string, unknown>;
  const changed = { ...before, DeviceIp: '10.1.2.3', Ssid: { Raw: [67, 97, 102, 195, 169], Str: 'Café' } };
  expect((await gateway.put('/v1/devices/1/network', { Settings: changed })).status).toBe(204);
  expect((await gateway.get('/v1/devices/1/network')).json).toEqual(changed);
});

test('a saved tag is listed', async () => {
  const { gateway } = await startBoth();
  await gateway.put('/v1/recording/tags/3', { UserData: {} });
  expect((await gateway.get('/v1/recording/tags')).json).toEqual({ Tags: [3] });
});

test('an argument repeated in the body is fine when it is that of the path', async () => {
  const { gateway } = await startBoth();
  expect((await gateway.put('/v1/devices/1/name', { DeviceId: 1, DeviceName: 'A' })).status).toBe(204);
});

test('an LED whose name needs escaping in a path arrives as it is', async () => {
  const { gateway, server } = await startScripted((each) => ({ SetLedBehavior: (got) => each.ok(got) }));
  await gateway.put(`/v1/devices/1/leds/${encodeURIComponent('Links/oben ü%')}/behavior`, {
    BehaviorType: 'On',
  });
  expect(server.named('SetLedBehavior')[0]?.args).toEqual({
    DeviceId: 1,
    LedId: 'Links/oben ü%',
    BehaviorType: 'On',
  });
});

const VERBATIM = [
  '{"DeviceName":"x","Big":18446744073709551615,"Exact":1.10}',
  '{ "Z" : 1 ,\n\t"A": [ 1.0 , 2e0 ], "Nested": { "B":"\\u00e4/\\/", "A":null } }',
  '[1,2,3]',
  '"only text"',
  'false',
  '0',
];

test.each(VERBATIM)('an answer is passed on byte for byte: %s', async (response) => {
  const answer = (command: ReceivedCommand): void =>
    command.connection.raw(
      frame(
        RESPONSE_OK,
        `{"Status":"Ok", "Response" :  ${response}  ,"TrackId":"${command.trackId}","Version":1}`,
      ),
    );
  const { gateway } = await startScripted(() => ({ GetDeviceName: answer }));
  const { status, text } = await gateway.get('/v1/devices/1/name');
  expect(status).toBe(200);
  expect(text).toBe(response);
});

test.each(['"Response":null,', ''])('an answer with %j has no body', async (response) => {
  const { gateway } = await startScripted(() => ({
    GetDeviceName: ({ connection, trackId }) =>
      connection.raw(frame(RESPONSE_OK, `{"Status":"Ok",${response}"TrackId":"${trackId}","Version":1}`)),
  }));
  expect(await gateway.get('/v1/devices/1/name')).toMatchObject({ status: 204, text: '' });
});

test('a query that the route does not know never reaches the studio', async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const before = server.named('Info').length;
  expect((await gateway.get('/v1/info?_=1700000000')).status).toBe(200);
  expect(server.named('Info')[before]?.args).toBeUndefined();
  expect((await gateway.get('/v1/devices/1/name?token=s3cret')).status).toBe(200);
  expect(server.named('GetDeviceName')[0]?.args).toEqual({ DeviceId: 1 });
  expect((await gateway.ask('POST', '/v1/devices/1/calibrate?DeviceId=2')).status).toBe(200);
  expect(server.named('CalibrateStaticPose')[0]?.args).toEqual({ DeviceId: 1 });
});
