import { describe, expect, test } from 'vitest';
import { counting, startBoth, until } from '../support/gateway.js';
import { FREE, NAME, release, rename, startLeased, State, stateOf, take } from './leased.js';
import type { Name } from './leased.js';
import { errorOf, GateSocket } from './socket.js';

describe('without --control-lease', () => {
  test('whoever asks is told that none is required', async () => {
    const { gateway } = await startBoth();
    expect((await gateway.get('/v1/lease')).json).toEqual({ required: false, ...FREE });
  });

  test.each(['POST', 'DELETE'])('%s /v1/lease is not found, and says which setting it is', async (method) => {
    const { gateway } = await startBoth();
    const { status, json } = await gateway.ask(method, '/v1/lease');
    expect(status).toBe(404);
    expect(json).toMatchObject({ code: 'Not found', detail: expect.stringContaining('--control-lease') });
  });

  test('everybody who may write writes', async () => {
    const { gateway, tokens } = await startLeased({ controlLease: false });
    for (const name of ['anna', 'boris', 'chief'] as const) {
      expect((await rename(gateway, tokens.as(name))).status).toBe(204);
    }
  });
});

describe('who may write', () => {
  test('nobody before the lease is taken, and the refusal says how to take it', async () => {
    const { gateway, simulator, tokens } = await startLeased();
    const count = counting(simulator);
    const { status, json } = await rename(gateway, tokens.as('chief'));
    expect(status).toBe(409);
    expect(json).toMatchObject({
      code: 'Busy',
      outcome: 'not-sent',
      detail: expect.stringContaining('POST /v1/lease'),
    });
    expect(json).not.toHaveProperty('holder');
    expect(count('SetDeviceName')).toBe(0);
  });

  test('who may write only the holder, on own routes, on the generic one and over a WebSocket', async () => {
    const { gateway, simulator, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    const count = counting(simulator);
    const statuses = async (name: Name): Promise<unknown[]> => {
      const headers = tokens.as(name);
      const body = { Arguments: NAME };
      const socket = await GateSocket.connect(gateway, headers);
      const answer = await socket.command('SetDeviceName', NAME);
      return [
        (await rename(gateway, headers)).status,
        (await gateway.ask('POST', '/v1/commands/SetDeviceName', { body, headers })).status,
        answer['status'] ?? errorOf(answer)['status'],
      ];
    };
    expect(await statuses('boris')).toEqual([409, 409, 409]);
    expect(count('SetDeviceName')).toBe(0);
    expect(await statuses('anna')).toEqual([204, 204, 204]);
    expect(count('SetDeviceName')).toBe(3);
  });

  test('who is refused learns the name of the holder and when to come again', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 30 });
    await take(gateway, tokens.as('anna'));
    const refused = [await rename(gateway, tokens.as('boris')), await take(gateway, tokens.as('boris'))];
    for (const { status, headers, json } of refused) {
      expect(status).toBe(409);
      expect(json).toMatchObject({ code: 'Busy', holder: 'anna', detail: expect.stringContaining('anna') });
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(20);
      expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(30);
    }
    const socket = await GateSocket.connect(gateway, tokens.as('boris'));
    expect(errorOf(await socket.command('SetDeviceName', NAME))).toMatchObject({ holder: 'anna' });
  });

  test('the lease gives no scope that its holder lacks', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    expect((await gateway.ask('POST', '/v1/exit', { headers: tokens.as('anna') })).status).toBe(403);
  });

  test('an admin needs it as well', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    expect((await rename(gateway, tokens.as('chief'))).status).toBe(409);
  });
});

describe('viewers are untouched', () => {
  test('they read, listen and ask for tickets, while somebody else has it and while nobody has', async () => {
    const { gateway, simulator, tokens } = await startLeased();
    const headers = tokens.as('viewer');
    for (const taking of [false, true]) {
      if (taking) await take(gateway, tokens.as('anna'));
      expect((await gateway.get('/v1/devices/1/name', headers)).status).toBe(200);
      expect((await gateway.ask('POST', '/v1/commands/ListDevices', { headers })).status).toBe(200);
      expect((await gateway.ask('POST', '/v1/tickets', { headers })).status).toBe(200);
      const socket = await GateSocket.connect(gateway, headers);
      await socket.subscribe('Logs/Info');
      simulator.emit('Logs', 'Info', { n: 1 });
      await until(() => socket.told('Logs/Info').length > 0);
      expect((await socket.command('GetDeviceName', { DeviceId: 1 }))['status']).toBe(200);
    }
  });

  test('they see who has it and cannot take it, take it over or end it', async () => {
    const { gateway, tokens } = await startLeased();
    const headers = tokens.as('viewer');
    for (const query of ['', '?takeover=true'])
      expect((await take(gateway, headers, query)).status).toBe(403);
    await take(gateway, tokens.as('anna'));
    for (const query of ['', '?takeover=true'])
      expect((await take(gateway, headers, query)).status).toBe(403);
    expect((await release(gateway, headers)).status).toBe(403);
    expect(await stateOf(gateway, headers)).toEqual({ holder: 'anna', expiresAt: expect.any(Number) });
  });
});

describe('how it goes from one to another', () => {
  test('taking answers who has it and until when; taking it again renews it', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 30 });
    expect(await stateOf(gateway, tokens.as('viewer'))).toEqual(FREE);
    const before = Date.now();
    const first = await take(gateway, tokens.as('anna'));
    expect(first.status).toBe(200);
    const { holder, expiresAt } = State.parse(first.json);
    expect(holder).toBe('anna');
    expect(expiresAt).toBeGreaterThanOrEqual(before + 30_000);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 30_000);
    await until(() => Date.now() > expiresAt! - 30_000);
    const renewed = State.parse((await take(gateway, tokens.as('anna'))).json);
    expect(renewed.expiresAt).toBeGreaterThan(expiresAt!);
    expect(await stateOf(gateway, tokens.as('viewer'))).toEqual(renewed);
  });

  test.each(['', '?takeover=false'])('POST /v1/lease%s takes it from nobody', async (query) => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    expect((await take(gateway, tokens.as('boris'), query)).status).toBe(409);
    expect((await stateOf(gateway, tokens.as('viewer'))).holder).toBe('anna');
  });

  test('a takeover that is spelled otherwise is no request', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    expect((await take(gateway, tokens.as('boris'), '?takeover=1')).status).toBe(400);
    expect((await stateOf(gateway, tokens.as('viewer'))).holder).toBe('anna');
  });

  test('a takeover takes it from the holder, who cannot write any more', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    const { status, json } = await take(gateway, tokens.as('boris'), '?takeover=true');
    expect(status).toBe(200);
    expect(json).toMatchObject({ holder: 'boris' });
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(409);
    expect((await rename(gateway, tokens.as('boris'))).status).toBe(204);
  });

  test('of many who take it at once, one gets it', async () => {
    const { gateway, tokens } = await startLeased();
    const names = ['anna', 'boris', 'chief'] as const;
    const replies = await Promise.all(names.map((name) => take(gateway, tokens.as(name))));
    expect(replies.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
  });

  test('its holder gives it back; nobody else can', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    const refused = await release(gateway, tokens.as('boris'));
    expect(refused.status).toBe(409);
    expect(refused.json).toMatchObject({ code: 'Busy', holder: 'anna' });
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(204);
    expect((await release(gateway, tokens.as('anna'))).status).toBe(204);
    expect(await stateOf(gateway, tokens.as('viewer'))).toEqual(FREE);
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(409);
    expect((await take(gateway, tokens.as('boris'))).status).toBe(200);
  });

  test('giving back what nobody has is no error', async () => {
    const { gateway, tokens } = await startLeased();
    expect((await release(gateway, tokens.as('boris'))).status).toBe(204);
  });

  test('without tokens the address is the holder', async () => {
    const { gateway } = await startBoth({ controlLease: true, trustProxy: 'loopback' });
    const [anna, boris] = ['192.0.2.1', '192.0.2.2'].map((from) => ({ 'x-forwarded-for': from }));
    const { json } = await take(gateway, anna!);
    expect(json).toMatchObject({ holder: expect.stringContaining('192.0.2.1') });
    expect((await rename(gateway, boris!)).status).toBe(409);
    expect((await rename(gateway, anna!)).status).toBe(204);
    const socket = await GateSocket.connect(gateway, anna);
    expect((await socket.command('SetDeviceName', NAME))['status']).toBe(204);
  });
});
