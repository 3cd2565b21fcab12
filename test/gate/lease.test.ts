import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { revokeToken } from '../../src/access/token-file.js';
import { SseClient } from '../helpers/event-client.js';
import { counting, startBoth, until } from '../helpers/gateway.js';
import type { Gateway, Reply } from '../helpers/gateway.js';
import { makeTokens } from '../helpers/tokens.js';
import type { Tokens } from '../helpers/tokens.js';
import { errorOf, GateSocket } from './socket.js';

const CHANNEL = '$gateway/lease';
const NAME = { DeviceId: 1, DeviceName: 'Left hand' };

type Name = 'viewer' | 'anna' | 'boris' | 'chief';
type Headers = Readonly<Record<string, string>>;
type Leased = Awaited<ReturnType<typeof startBoth>> & { readonly tokens: Tokens<Name> };

async function startLeased(settings: object = {}): Promise<Leased> {
  const tokens = makeTokens({ viewer: 'read', anna: 'control', boris: 'control', chief: 'admin' });
  const both = await startBoth({ tokens: tokens.file, controlLease: true, ...settings });
  return { ...both, tokens };
}

function take(gateway: Gateway, headers: Headers, query = ''): Promise<Reply> {
  return gateway.ask('POST', `/v1/lease${query}`, { headers });
}

function release(gateway: Gateway, headers: Headers): Promise<Reply> {
  return gateway.ask('DELETE', '/v1/lease', { headers });
}

function rename(gateway: Gateway, headers: Headers): Promise<Reply> {
  return gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
}

const State = z.strictObject({ holder: z.string().nullable(), expiresAt: z.number().nullable() });

async function stateOf(gateway: Gateway, headers: Headers = {}): Promise<z.output<typeof State>> {
  return State.parse((await gateway.get('/v1/lease', headers)).json);
}

const FREE = { holder: null, expiresAt: null };

describe('without --control-lease', () => {
  test.each(['GET', 'POST', 'DELETE'])(
    '%s /v1/lease is not found, and says which setting it is',
    async (method) => {
      const { gateway } = await startBoth();
      const { status, json } = await gateway.ask(method, '/v1/lease');
      expect(status).toBe(404);
      expect(json).toMatchObject({ code: 'Not found', detail: expect.stringContaining('--control-lease') });
    },
  );

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

  test('only the holder, on own routes, on the generic one and over a WebSocket', async () => {
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

describe('what ends it', () => {
  test('its time, when it is not renewed', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 1 });
    const { expiresAt } = State.parse((await take(gateway, tokens.as('anna'))).json);
    await until(async () => (await stateOf(gateway, tokens.as('viewer'))).holder === null);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt! - 5);
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(409);
    expect((await take(gateway, tokens.as('boris'))).status).toBe(200);
  });

  test('not its first time, when it is renewed', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 1 });
    const { expiresAt } = State.parse((await take(gateway, tokens.as('anna'))).json);
    while (Date.now() < expiresAt! + 200) {
      expect((await take(gateway, tokens.as('anna'))).status).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(204);
  });

  test("its holder's last WebSocket, not the first of two", async () => {
    const { gateway, tokens } = await startLeased();
    const sockets = [
      await GateSocket.connect(gateway, tokens.as('anna')),
      await GateSocket.connect(gateway, tokens.as('anna')),
    ];
    const listener = await GateSocket.connect(gateway, tokens.as('viewer'));
    await listener.subscribe(CHANNEL);
    await take(gateway, tokens.as('anna'));
    await sockets[0]!.close();
    await until(async () => (await gateway.metric('rcsp_gateway_event_clients')) <= 2);
    expect((await stateOf(gateway, tokens.as('viewer'))).holder).toBe('anna');
    sockets[1]!.socket.terminate();
    await until(() => listener.told(CHANNEL).at(-1)?.['change'] === 'released');
    expect(listener.told(CHANNEL).at(-1)).toEqual({ change: 'released', ...FREE, previous: 'anna' });
    expect(await stateOf(gateway, tokens.as('viewer'))).toEqual(FREE);
  });

  test('no WebSocket of anybody else', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    for (const name of ['viewer', 'boris', 'chief'] as const) {
      const socket = await GateSocket.connect(gateway, tokens.as(name));
      await socket.ask({ op: 'ping' });
      await socket.close();
    }
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(204);
  });

  test('a WebSocket that its token is taken from', async () => {
    const { gateway, tokens } = await startLeased({ pingInterval: 1 });
    const socket = await GateSocket.connect(gateway, tokens.as('anna'));
    await take(gateway, tokens.as('anna'));
    revokeToken(tokens.file, 'anna');
    await until(() => socket.socket.readyState === socket.socket.CLOSED);
    await until(async () => (await stateOf(gateway, tokens.as('viewer'))).holder === null);
  });
});

describe('what is told', () => {
  test('every change, in order, on the channel', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 1 });
    const listener = await GateSocket.connect(gateway, tokens.as('viewer'));
    await listener.subscribe(CHANNEL);
    await take(gateway, tokens.as('anna'));
    await take(gateway, tokens.as('anna'));
    await take(gateway, tokens.as('boris'), '?takeover=true');
    await release(gateway, tokens.as('boris'));
    await take(gateway, tokens.as('chief'));
    await until(() => listener.told(CHANNEL).at(-1)?.['change'] === 'expired');
    const expiresAt = expect.any(Number);
    expect(listener.told(CHANNEL)).toEqual([
      { change: 'released', ...FREE, previous: null },
      { change: 'taken', holder: 'anna', expiresAt, previous: null },
      { change: 'taken over', holder: 'boris', expiresAt, previous: 'anna' },
      { change: 'released', ...FREE, previous: 'boris' },
      { change: 'taken', holder: 'chief', expiresAt, previous: null },
      { change: 'expired', ...FREE, previous: 'chief' },
    ]);
  });

  test('the old holder hears of a takeover over its WebSocket and its event stream', async () => {
    const { gateway, tokens } = await startLeased();
    const headers = tokens.as('anna');
    await take(gateway, headers);
    const socket = await GateSocket.connect(gateway, headers);
    const stream = await SseClient.open(gateway, '/v1/events/$gateway/lease', headers);
    await socket.subscribe(CHANNEL);
    await take(gateway, tokens.as('boris'), '?takeover=true');
    await until(() => socket.told(CHANNEL).length >= 2 && stream.of('event').length >= 2);
    const changes = [
      { change: 'taken', holder: 'anna' },
      { change: 'taken over', holder: 'boris', previous: 'anna' },
    ];
    expect(socket.told(CHANNEL)).toMatchObject(changes);
    expect(stream.of('event').map(({ event }) => event['EventData'])).toMatchObject(changes);
  });

  test('how it stands, to whoever begins to listen', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    await take(gateway, tokens.as('boris'), '?takeover=true');
    const socket = await GateSocket.connect(gateway, tokens.as('viewer'));
    await socket.subscribe(CHANNEL);
    await until(() => socket.told(CHANNEL).length > 0);
    await socket.ask({ op: 'ping' });
    expect(socket.told(CHANNEL)).toMatchObject([{ holder: 'boris' }]);
  });

  test('every change, in the log', async () => {
    const { gateway, tokens } = await startLeased();
    await take(gateway, tokens.as('anna'));
    await take(gateway, tokens.as('boris'), '?takeover=true');
    const lines = gateway.log.filter(({ msg }) => msg === 'control lease').map(({ lease }) => lease);
    expect(lines).toMatchObject([{ change: 'taken' }, { change: 'taken over', previous: 'anna' }]);
  });
});
