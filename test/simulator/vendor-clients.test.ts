/** The vendor's two example clients, played over a bare socket with frames put together by hand. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startSimulator } from './harness.js';

const COMMAND = 0x01;
const RESPONSE_OK = 0x02;
const EVENT = 0x04;

const Devices = z.looseObject({
  TrackId: z.string(),
  Status: z.literal('Ok'),
  Response: z.object({ Devices: z.array(z.looseObject({ DeviceId: z.number() })) }),
});

/** `dc 01 08 01`, the size as a little-endian uint32, the payload. */
function frame(payload: string): Buffer {
  const bytes = Buffer.from(payload, 'utf8');
  const size = bytes.length;
  const header = [
    0xdc,
    0x01,
    0x08,
    COMMAND,
    size & 0xff,
    (size >> 8) & 0xff,
    (size >> 16) & 0xff,
    size >>> 24,
  ];
  return Buffer.concat([Buffer.from(header), bytes]);
}

interface Received {
  readonly type: number;
  readonly json: unknown;
}

/** Reads frames off a socket, one at a time. */
async function* frames(socket: Socket): AsyncGenerator<Received> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, z.instanceof(Buffer).parse(chunk)]);
    while (bytes.length >= 8) {
      const size = bytes[4]! + bytes[5]! * 0x100 + bytes[6]! * 0x10000 + bytes[7]! * 0x1000000;
      if (bytes.length < 8 + size) break;
      expect([...bytes.subarray(0, 3)]).toEqual([0xdc, 0x01, 0x08]);
      yield { type: bytes[3]!, json: JSON.parse(bytes.subarray(8, 8 + size).toString('utf8')) };
      bytes = bytes.subarray(8 + size);
    }
  }
}

async function open(port: number): Promise<{ socket: Socket; next: () => Promise<Received> }> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  const received = frames(socket);
  const next = async (): Promise<Received> => {
    const { done, value } = await received.next();
    if (done === true) throw new Error('the server closed the connection');
    return value;
  };
  return { socket, next };
}

test('a client lists the devices and asks each for its information', async () => {
  const { port } = await startSimulator();
  const { socket, next } = await open(port);

  socket.write(frame('{"Command":"ListDevices","TrackId":"list","Version":1,"Arguments":null}'));
  const list = await next();
  expect(list.type).toBe(RESPONSE_OK);
  const { TrackId, Response } = Devices.parse(list.json);
  expect(TrackId).toBe('list');
  expect(Response.Devices.map(({ DeviceId }) => DeviceId)).toEqual([1, 2, 3, 4]);

  const keys: (string | undefined)[] = [];
  for (const { DeviceId } of Response.Devices) {
    socket.write(
      frame(
        `{"Command":"GetDeviceInfo","TrackId":"i${DeviceId}","Version":1,"Arguments":{"DeviceId":${DeviceId}}}`,
      ),
    );
    const info = await next();
    expect(info.type).toBe(RESPONSE_OK);
    expect(info.json).toMatchObject({ TrackId: `i${DeviceId}`, Status: 'Ok', Version: 1 });
    const response = z.object({ Response: z.record(z.string(), z.unknown()) }).parse(info.json).Response;
    keys.push(Object.keys(response).at(-1));
  }
  expect(keys).toEqual(['SmartSuitPro', 'Smartgloves', 'Smartgloves', 'BuildEpoch']);
});

test('a client subscribes to the button of a device and receives presses that others cause', async () => {
  const { port } = await startSimulator();
  const listener = await open(port);
  const other = await open(port);

  listener.socket.write(
    frame(
      '{"Command":"DeviceSubscribe","TrackId":"s","Version":1,"Arguments":{"DeviceId":2,"Publishers":[{"Publisher":"DeviceEvents","Topics":["ButtonPushed"]}]}}',
    ),
  );
  expect(await listener.next()).toEqual({
    type: RESPONSE_OK,
    json: { TrackId: 's', Status: 'Ok', Version: 1 },
  });

  other.socket.write(
    frame(
      '{"Command":"SimulatorPressButton","TrackId":"p","Version":1,"Arguments":{"DeviceId":2,"ButtonPushType":"LongPress"}}',
    ),
  );
  expect(await listener.next()).toEqual({
    type: EVENT,
    json: {
      Publisher: 'DeviceEvents',
      Topic: 'ButtonPushed',
      EventData: { DeviceId: 2, ButtonPushType: 'LongPress' },
    },
  });

  await other.next();
  other.socket.write(
    frame(
      '{"Command":"TestEvent","TrackId":"e","Version":1,"Arguments":{"Publisher":"DeviceEvents","Topic":"ButtonPushed"}}',
    ),
  );
  const press = await listener.next();
  expect(press.type).toBe(EVENT);
  expect(press.json).toMatchObject({ Topic: 'ButtonPushed', EventData: { DeviceId: 2 } });
  expect(await other.next()).toMatchObject({ json: { TrackId: 'e', Status: 'Ok' } });
});
