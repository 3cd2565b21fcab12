import { expect, test } from 'vitest';
import { NAME, startLeased, take } from '../commands/leased.js';
import { EventClient } from '../support/event-client.js';
import { startBoth, until } from '../support/gateway.js';

test('GET /v1/me without a token where none is needed has no name', async () => {
  const { gateway } = await startBoth();
  const { status, json } = await gateway.get('/v1/me');
  expect(status).toBe(200);
  expect(json).toEqual({
    name: null,
    scope: 'admin',
    studios: ['studio'],
    address: '127.0.0.1',
    lease: null,
  });
});

test('GET /v1/me tells name, scope and who holds the lease', async () => {
  const { gateway, tokens } = await startLeased();
  await take(gateway, tokens.as('anna'));
  expect((await gateway.get('/v1/me', tokens.as('anna'))).json).toMatchObject({
    name: 'anna',
    scope: 'control',
    lease: { mine: true, holder: 'anna' },
  });
  expect((await gateway.get('/v1/me', tokens.as('viewer'))).json).toMatchObject({
    name: 'viewer',
    scope: 'read',
    lease: { mine: false, holder: 'anna' },
  });
  expect((await gateway.get('/v1/me')).status).toBe(401);
});

test('$gateway/changes tells a write that the studio took, without arguments, and no refused one', async () => {
  const { gateway } = await startBoth();
  const client = await EventClient.connect(gateway);
  await client.subscribe(['$gateway/changes']);
  await gateway.put('/v1/devices/99/name', { DeviceName: 'x' });
  await gateway.put('/v1/devices/1/name', { DeviceName: NAME.DeviceName });
  await until(() => client.of('event').length === 1);
  expect(client.of('event')).toMatchObject([
    {
      channel: '$gateway/changes',
      event: {
        EventData: {
          command: 'SetDeviceName',
          studio: 'studio',
          deviceId: 1,
          at: expect.any(Number) as number,
        },
      },
    },
  ]);
  expect(JSON.stringify(client.of('event'))).not.toContain(NAME.DeviceName);
});
