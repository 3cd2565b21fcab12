// @module-tag extended
import { describe, expect, test } from 'vitest';
import type { Gateway } from '../support/gateway.js';
import { startScripted } from '../support/gateway.js';
import { logged, NAME, startAudited, trailOf } from './audit-trail.js';
import { errorOf, GateSocket } from './socket.js';

/** Each way in which `SetDeviceName` of device 1 can be asked for; what came back, as a status. */
const WAYS = {
  'its own route': async (gateway: Gateway, args: object, headers: Record<string, string>) => {
    const body: Record<string, unknown> = { ...args };
    delete body['DeviceId'];
    return (await gateway.ask('PUT', '/v1/devices/1/name', { body, headers })).status;
  },
  'the generic route': async (gateway: Gateway, Arguments: object, headers: Record<string, string>) =>
    (await gateway.ask('POST', '/v1/commands/SetDeviceName', { body: { Arguments }, headers })).status,
  'a WebSocket': async (gateway: Gateway, args: object, headers: Record<string, string>) => {
    const socket = await GateSocket.connect(gateway, headers);
    const answer = await socket.command('SetDeviceName', args);
    return answer['op'] === 'error' ? errorOf(answer)['status'] : answer['status'];
  },
};

describe.each(Object.entries(WAYS))('refusals over %s are audited', (way, send) => {
  const via = way === 'a WebSocket' ? 'websocket' : 'http';
  const refused = { command: 'SetDeviceName', deviceId: 1, via, outcome: 'refused' };

  test('a scope that is too small', async () => {
    const { gateway, tokens, listener } = await startAudited();
    expect(await send(gateway, NAME, tokens.as('viewer'))).toBe(403);
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { ...refused, who: 'viewer', scope: 'read', code: 'Forbidden' },
    ]);
  });

  test('arguments that do not fit', async () => {
    const { gateway, tokens, listener } = await startAudited();
    expect(await send(gateway, { DeviceId: 1, DeviceName: 7 }, tokens.as('operator'))).toBe(400);
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { ...refused, who: 'operator', code: 'Invalid request' },
    ]);
  });

  test('a lease that somebody else has', async () => {
    const { gateway, tokens, listener } = await startAudited({ controlLease: true });
    await gateway.ask('POST', '/v1/lease', { headers: tokens.as('chief') });
    expect(await send(gateway, NAME, tokens.as('operator'))).toBe(409);
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { ...refused, who: 'operator', code: 'Busy' },
    ]);
  });

  test('a rate that is too high', async () => {
    const { gateway, tokens, listener } = await startAudited({ commandRate: 1 });
    const statuses = [await send(gateway, NAME, tokens.as('operator'))];
    while (!statuses.includes(429)) statuses.push(await send(gateway, NAME, tokens.as('operator')));
    const trail = await trailOf(gateway, listener, statuses.length);
    expect(trail).toHaveLength(statuses.length);
    expect(trail.at(-1)).toMatchObject({ ...refused, who: 'operator', code: 'Too many requests' });
  });
});

test('a refusal has the track id that its caller was told', async () => {
  const { gateway, tokens } = await startAudited();
  const headers = tokens.as('viewer');
  const own = await gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
  const body = { Arguments: NAME };
  const generic = await gateway.ask('POST', '/v1/commands/SetDeviceName', { body, headers });
  const socket = await GateSocket.connect(gateway, headers);
  const error = errorOf(await socket.command('SetDeviceName', NAME));
  expect(logged(gateway).map(({ trackId }) => trackId)).toEqual([
    own.headers.get('x-track-id'),
    generic.headers.get('x-track-id'),
    error['trackId'],
  ]);
});

test('a message whose command can be read and whose rest cannot is audited', async () => {
  const { gateway, tokens, listener } = await startAudited();
  const socket = await GateSocket.connect(gateway, tokens.as('operator'));
  const message = { op: 'command', command: 'SetDeviceName', arguments: NAME };
  for (const fault of [{ timeoutMs: -1 }, { version: 'new' }, { argument: {} }]) {
    expect(errorOf(await socket.ask({ ...message, ...fault }))).toMatchObject({ status: 400 });
  }
  const refused = { who: 'operator', command: 'SetDeviceName', outcome: 'refused', code: 'Invalid request' };
  expect(await trailOf(gateway, listener, 3)).toMatchObject([refused, refused, refused]);
});

test('what a WebSocket may not have in flight as well is refused, and audited', async () => {
  const { gateway, server } = await startScripted(() => ({ SetDeviceName: () => undefined }));
  const socket = await GateSocket.connect(gateway);
  const message = { op: 'command', id: null, command: 'SetDeviceName', arguments: NAME };
  for (let count = 0; count < 32; count += 1) socket.socket.send(JSON.stringify(message));
  const answer = await socket.command('SetDeviceName', NAME);
  expect(errorOf(answer)).toMatchObject({ status: 429, outcome: 'not-sent' });
  await server.received('SetDeviceName', 32);
  expect(logged(gateway)).toMatchObject([{ outcome: 'refused', code: 'Too many requests', deviceId: 1 }]);
});

test.each(['{', '{"Arguments":7}', '{"Argument":{}}'])(
  'the generic route refuses %s, and that is audited',
  async (raw) => {
    const { gateway, tokens, listener } = await startAudited();
    const headers = { ...tokens.as('operator'), 'content-type': 'application/json' };
    const reply = await gateway.ask('POST', '/v1/commands/SetDeviceName', { raw, headers });
    expect(reply.status).toBe(400);
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { command: 'SetDeviceName', outcome: 'refused', code: 'Invalid request' },
    ]);
  },
);

test('a token that nobody knows is nobody, and leaves no line', async () => {
  const { gateway, tokens, listener } = await startAudited();
  const body = { DeviceName: 'x' };
  const headers = { authorization: 'Bearer rcspgw_nobody' };
  expect((await gateway.ask('PUT', '/v1/devices/1/name', { body, headers })).status).toBe(401);
  await gateway.ask('PUT', '/v1/devices/1/name', { body, headers: tokens.as('chief') });
  expect(await trailOf(gateway, listener, 1)).toMatchObject([{ who: 'chief' }]);
});
