// @module-tag extended
import { describe, expect, test } from 'vitest';
import { revokeToken } from '../../src/access/token-file.js';
import { SseClient } from '../support/event-client.js';
import { until } from '../support/gateway.js';
import { CHANNEL, FREE, NAME, release, rename, startLeased, State, stateOf, take } from './leased.js';
import { GateSocket } from './socket.js';

describe('what ends it', { tags: ['extended'] }, () => {
  test('its time, when it is not renewed', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 1 });
    const { expiresAt } = State.parse((await take(gateway, tokens.as('anna'))).json);
    await until(async () => (await stateOf(gateway, tokens.as('viewer'))).holder === null);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt! - 5);
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(409);
    expect((await take(gateway, tokens.as('boris'))).status).toBe(200);
  });

  test('not its first time, when it is renewed', async () => {
    const { gateway, tokens } = await startLeased({ leaseTime: 2 });
    const listener = await GateSocket.connect(gateway, tokens.as('viewer'));
    await listener.subscribe(CHANNEL);
    const { expiresAt } = State.parse((await take(gateway, tokens.as('anna'))).json);
    await until(async () => {
      await take(gateway, tokens.as('anna'));
      return Date.now() > expiresAt! + 200;
    });
    await listener.ask({ op: 'ping' });
    const changes = listener.told(CHANNEL).map(({ change }) => change);
    expect(changes.filter((change) => change !== 'renewed')).toEqual(['released', 'taken']);
    expect(changes.at(-1)).toBe('renewed');
    expect((await rename(gateway, tokens.as('anna'))).status).toBe(204);
  });

  test("10 s after its holder's last WebSocket, not the first of two", async () => {
    const { gateway, tokens } = await startLeased();
    const sockets = [
      await GateSocket.connect(gateway, tokens.as('anna')),
      await GateSocket.connect(gateway, tokens.as('anna')),
    ];
    const listener = await GateSocket.connect(gateway, tokens.as('viewer'));
    await listener.subscribe(CHANNEL);
    await take(gateway, tokens.as('anna'));
    await sockets[0]!.close();
    await until(() => gateway.log.some(({ msg }) => msg === 'WebSocket closed'));
    expect((await stateOf(gateway, tokens.as('viewer'))).holder).toBe('anna');
    sockets[1]!.socket.terminate();
    await until(() => listener.told(CHANNEL).at(-1)?.['change'] === 'released');
    expect(listener.told(CHANNEL).at(-1)).toEqual({
      change: 'released',
      ...FREE,
      previous: 'anna',
      studio: 'studio',
    });
    expect(await stateOf(gateway, tokens.as('viewer'))).toEqual(FREE);
  });

  test("not its holder's last WebSocket when the holder connects again within 10 s", async () => {
    const { gateway, tokens } = await startLeased();
    const socket = await GateSocket.connect(gateway, tokens.as('anna'));
    await take(gateway, tokens.as('anna'));
    await socket.close();
    await until(() => gateway.log.some(({ msg }) => msg === 'WebSocket closed'));
    const again = await GateSocket.connect(gateway, tokens.as('anna'));
    expect((await again.command('SetDeviceName', NAME))['status']).toBe(204);
  });

  test("its holder's WebSocket also when that came with a ticket", async () => {
    const { gateway, tokens } = await startLeased();
    const { json } = await gateway.ask('POST', '/v1/tickets', { headers: tokens.as('anna') });
    const { ticket } = json as { ticket: string };
    const socket = await GateSocket.connect(gateway, {}, `/v1/ws?ticket=${ticket}`);
    await take(gateway, tokens.as('anna'));
    expect((await socket.command('SetDeviceName', NAME))['status']).toBe(204);
    await socket.close();
    await until(async () => (await stateOf(gateway, tokens.as('viewer'))).holder === null);
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
    const { gateway, tokens } = await startLeased({ leaseTime: 2 });
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
      { change: 'released', ...FREE, previous: null, studio: 'studio' },
      { change: 'taken', holder: 'anna', expiresAt, previous: null, studio: 'studio' },
      { change: 'renewed', holder: 'anna', expiresAt, previous: 'anna', studio: 'studio' },
      { change: 'taken over', holder: 'boris', expiresAt, previous: 'anna', studio: 'studio' },
      { change: 'released', ...FREE, previous: 'boris', studio: 'studio' },
      { change: 'taken', holder: 'chief', expiresAt, previous: null, studio: 'studio' },
      { change: 'expired', ...FREE, previous: 'chief', studio: 'studio' },
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
