// @module-tag extended
import { describe, expect, test } from 'vitest';
import { EventClient } from '../support/event-client.js';
import { problemOf, startScripted } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';

const NUMBERS = ['1.0', '1e2', '-0.0', '9007199254740993', '1e400', '0.1234567890123456789'];
const JSON_BODY = { 'content-type': 'application/json' };

function post(gateway: Gateway, path: string, raw: string, method = 'POST') {
  return gateway.ask(method, path, { raw, headers: JSON_BODY });
}

describe('a number that JavaScript would write differently reaches the studio as it was written', () => {
  test.each(NUMBERS)('by POST /v1/commands/{Command}: %s', async (number) => {
    const { gateway, server } = await startScripted(() => ({}));
    const raw = `{ "Arguments": {"A": ${number}, "B": [1, {"C": ${number} }], "D":"x", "E":2}}`;
    expect((await post(gateway, '/v1/commands/Ghost', raw)).status).toBe(200);
    expect(server.named('Ghost')[0]?.text).toContain(
      `"Arguments":{"A":${number},"B":[1, {"C": ${number} }],"D":"x","E":2}}`,
    );
  });

  test.each(NUMBERS)('by a WebSocket: %s', async (number) => {
    const { gateway, server } = await startScripted(() => ({}));
    const client = await EventClient.connect(gateway);
    client.socket.send(
      `{"op":"command","id":1,"command":"Ghost","arguments":{"n":${number},"m":"${number}"}}`,
    );
    const command = await server.received('Ghost');
    expect(command.text).toContain(`"Arguments":{"n":${number},"m":"${number}"}}`);
  });

  test('by a route of the catalog, whose checks hold', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const raw = '{"Offset":{"X":1.0,"Y":1e2,"Z":-0.0},"DeviceId":4.0,"Extra":1e400}';
    expect((await post(gateway, '/v1/devices/4/magnetometer-offset', raw, 'PUT')).status).toBe(200);
    expect(server.named('SetMagnetometerCalOffset')[0]?.text).toContain(
      '"Arguments":{"Offset":{"X":1.0,"Y":1e2,"Z":-0.0},"DeviceId":4,"Extra":1e400}}',
    );
  });

  test('in a whole-number argument 1.0 is taken as one', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const raw = '{"Arguments":{"DeviceId":1.0,"DeviceName":"A"}}';
    expect((await post(gateway, '/v1/commands/SetDeviceName', raw)).status).toBe(200);
    expect(server.named('SetDeviceName')[0]?.text).toContain(
      '"Arguments":{"DeviceId":1.0,"DeviceName":"A"}}',
    );
  });

  test.each(['1.5', '9007199254740993', '1e400'])(
    'but a described whole number is refused when it is %s',
    async (number) => {
      const { gateway, server } = await startScripted(() => ({}));
      const raw = `{"Arguments":{"DeviceId":${number},"DeviceName":"A"}}`;
      const reply = await post(gateway, '/v1/commands/SetDeviceName', raw);
      expect(problemOf(reply)).toMatchObject({ code: 'Invalid request', outcome: 'not-sent' });
      expect(server.named('SetDeviceName')).toEqual([]);
    },
  );

  test('but 1e400 is refused for a described number argument', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const raw = '{"Offset":{"X":1e400,"Y":0,"Z":0}}';
    const reply = await post(gateway, '/v1/devices/4/magnetometer-offset', raw, 'PUT');
    expect(problemOf(reply)).toMatchObject({ code: 'Invalid request', outcome: 'not-sent' });
    expect(server.named('SetMagnetometerCalOffset')).toEqual([]);
  });
});

test('reads in flight whose numbers are written differently are not shared', async () => {
  const { gateway, server } = await startScripted((server) => ({
    GetDeviceName: (command) => {
      if (server.named('GetDeviceName').length === 2)
        for (const each of server.named('GetDeviceName')) server.ok(each, { DeviceName: 'A' });
      else expect(command.name).toBe('GetDeviceName');
    },
  }));
  const replies = await Promise.all(
    ['1', '1.0'].map((id) => post(gateway, '/v1/commands/GetDeviceName', `{"Arguments":{"DeviceId":${id}}}`)),
  );
  expect(replies.map(({ status }) => status)).toEqual([200, 200]);
  expect(server.named('GetDeviceName')).toHaveLength(2);
});

test('an id of a message that would come back as another number is refused', async () => {
  const { gateway } = await startScripted(() => ({}));
  const client = await EventClient.connect(gateway);
  client.socket.send('{"op":"ping","id":9007199254740993}');
  await client.roundTrip();
  expect(client.of('error')).toMatchObject([{ error: { code: 'Invalid request' } }]);
  client.send({ op: 'ping', id: 2 ** 53 });
  await client.roundTrip();
  expect(client.of('pong').map(({ id }) => id)).toContain(9007199254740992);
});

test('a forbidden property name is refused by name', async () => {
  const { gateway } = await startScripted(() => ({}));
  const raw = '{"Arguments":{"__proto__":{}}}';
  const reply = await gateway.ask('POST', '/v1/commands/Ghost', {
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect(problemOf(reply).detail).toContain('"__proto__"');
});

test('a command over a WebSocket that makes no sense was not sent', async () => {
  const { gateway } = await startScripted(() => ({}));
  const client = await EventClient.connect(gateway);
  client.send({ op: 'command', id: 1, command: 'Info', timeoutMs: 0 });
  await client.roundTrip();
  expect(client.of('error')).toMatchObject([{ id: 1, error: { outcome: 'not-sent' } }]);
});
