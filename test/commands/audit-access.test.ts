// @module-tag extended
import { describe, expect, test } from 'vitest';
import { networkSettings, text } from '../../src/catalog/rcsp/example-values.js';
import { SseClient } from '../support/event-client.js';
import { problemOf, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { auditHistory, CHANNEL, logged, NAME, startAudited } from './audit-trail.js';
import { errorOf, GateSocket } from './socket.js';

type Headers = Record<string, string>;

function rename(gateway: Gateway, headers: Headers, DeviceName = 'x'): Promise<Reply> {
  return gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName }, headers });
}

describe.each(['viewer', 'operator'] as const)('to a %s the audit is closed', (name) => {
  test('for a subscription over a WebSocket, alone and among others', async () => {
    const { gateway, tokens } = await startAudited();
    const socket = await GateSocket.connect(gateway, tokens.as(name));
    for (const channels of [[CHANNEL], ['Logs/*', CHANNEL]]) {
      const error = errorOf(await socket.subscribe(...channels));
      expect(error).toMatchObject({ status: 403, code: 'Forbidden' });
    }
    await rename(gateway, tokens.as('chief'));
    await socket.ask({ op: 'ping' });
    expect(socket.told(CHANNEL)).toEqual([]);
  });

  test.each(['/v1/ws/$gateway/audit', '/v1/ws/%24gateway/audit', '/v1/ws/%24gateway/%61udit'])(
    'for the WebSocket %s',
    async (path) => {
      const { gateway, tokens } = await startAudited();
      const socket = await GateSocket.connect(gateway, tokens.as(name), path);
      await until(() => socket.messages.length > 0);
      expect(errorOf(socket.messages[0]!)).toMatchObject({ status: 403, code: 'Forbidden' });
      await rename(gateway, tokens.as('chief'));
      await socket.ask({ op: 'ping' });
      expect(socket.told(CHANNEL)).toEqual([]);
    },
  );

  test.each([
    '/v1/events/$gateway/audit',
    '/v1/events/%24gateway/audit',
    '/v1/events?channel=$gateway/audit',
    '/v1/events?channel=Logs/*&channel=%24gateway%2Faudit',
    '/v1/history?channel=$gateway/audit',
    '/v1/history?channel=%24gateway%2f%61udit',
  ])('for %s', async (path) => {
    const { gateway, tokens } = await startAudited();
    const problem = problemOf(await gateway.get(path, tokens.as(name)));
    expect(problem).toMatchObject({ status: 403, code: 'Forbidden' });
    expect(problem.detail).toContain('admin');
  });

  test('for wildcards and other spellings, none of which stands for it', async () => {
    const { gateway, tokens } = await startAudited();
    const socket = await GateSocket.connect(gateway, tokens.as(name));
    const texts = ['*/*', '*/audit', '$gateway/*', '%24gateway/audit', '$gateway/%61udit', '$GATEWAY/audit'];
    for (const text of texts) await socket.subscribe(text);
    await rename(gateway, tokens.as('chief'));
    await until(() => logged(gateway).length > 0);
    await socket.ask({ op: 'ping' });
    expect(
      socket.messages.filter((each) => each['op'] === 'event' && /audit/i.test(String(each['channel']))),
    ).toEqual([]);
  });

  test('for a ticket, which may do what its token may', async () => {
    const { gateway, tokens } = await startAudited();
    const { json } = await gateway.ask('POST', '/v1/tickets', { headers: tokens.as(name) });
    const { ticket } = json as { ticket: string };
    expect((await gateway.get(`/v1/events/$gateway/audit?ticket=${ticket}`)).status).toBe(403);
  });
});

test('an admin hears it over a WebSocket, over its channel path and as server-sent events', async () => {
  const { gateway, tokens, listener } = await startAudited();
  const headers = tokens.as('chief');
  const direct = await GateSocket.connect(gateway, headers, '/v1/ws/%24gateway/audit');
  await until(() => direct.messages.some(({ op }) => op === 'subscribed'));
  const stream = await SseClient.open(gateway, '/v1/events/$gateway/audit', headers);
  const trackId = (await rename(gateway, tokens.as('operator'))).headers.get('x-track-id');
  await until(() => stream.of('event').length > 0);
  await until(() => direct.told(CHANNEL).length > 0 && listener.told(CHANNEL).length > 0);
  expect(stream.of('event')[0]?.event['EventData']).toMatchObject({ who: 'operator', trackId });
  for (const socket of [direct, listener]) {
    expect(socket.told(CHANNEL)).toMatchObject([{ who: 'operator', trackId }]);
  }
});

test('history is read by cursors', async () => {
  const { gateway, tokens } = await startAudited();
  const headers = tokens.as('chief');
  const rename = (DeviceName: string): Promise<Reply> =>
    gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName }, headers });
  const ids = [await rename('a'), await rename('b'), await rename('c')].map((each) =>
    each.headers.get('x-track-id'),
  );
  const all = await auditHistory(gateway, headers);
  expect(all.entries.map(({ trackId }) => trackId)).toEqual(ids);
  expect(await auditHistory(gateway, headers, `&since=${all.cursor}`)).toEqual({ ...all, entries: [] });
  const last = (await rename('d')).headers.get('x-track-id');
  const next = await auditHistory(gateway, headers, `&since=${all.cursor}`);
  expect(next.entries.map(({ trackId }) => trackId)).toEqual([last]);
});

test('who comes back with a cursor gets what it missed', async () => {
  const { gateway, tokens } = await startAudited();
  const headers = tokens.as('chief');
  await rename(gateway, headers, 'a');
  const { cursor } = await auditHistory(gateway, headers);
  await rename(gateway, headers, 'b');
  const missed = (await rename(gateway, headers, 'c')).headers.get('x-track-id');
  const socket = await GateSocket.connect(gateway, headers);
  await socket.ask({ op: 'subscribe', channels: [CHANNEL], since: { [CHANNEL]: cursor } });
  await until(() => socket.told(CHANNEL).length >= 2);
  expect(socket.told(CHANNEL).map((each) => each['trackId'])).toEqual([expect.any(String), missed]);
});

describe('no secret is in the log or in the audit', () => {
  const KEY = 'correct horse battery staple';
  const PSK = text(KEY);

  /** Everything that could have been written down. */
  async function everything(gateway: Gateway, headers: Headers): Promise<string> {
    const { entries } = await auditHistory(gateway, headers);
    expect(entries.length).toBeGreaterThan(0);
    return [...gateway.lines, ...entries.map((each) => JSON.stringify(each))].join('\n');
  }

  test('not the key of a network, set, refused or rejected', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const headers = tokens.as('chief');
    const Settings = { ...networkSettings, Psk: PSK };
    const ask = (path: string, body: object, as = headers): Promise<Reply> =>
      gateway.ask('PUT', path, { body, headers: as });
    expect((await ask('/v1/devices/1/network', { Settings })).status).toBe(204);
    await ask('/v1/devices/1/network', { Settings: { ...Settings, Band: 'none', Psk: KEY } });
    await ask('/v1/devices/99/network', { Settings });
    await ask('/v1/devices/1/network', { Settings }, tokens.as('operator'));
    await listener.command('SetNetworkConfiguration', { DeviceId: 1, Settings });
    await listener.command('SetNetworkConfiguration', { DeviceId: 1, Settings: { ...Settings, Psk: KEY } });
    await gateway.get('/v1/devices/1/network', headers);
    const written = await everything(gateway, headers);
    expect(written).not.toContain(KEY);
    expect(written).not.toContain(JSON.stringify(PSK).slice(1, -1));
    expect(written).not.toContain([...Buffer.from(KEY)].join(','));
  });

  test('not tokens, known or not, and not tickets', async () => {
    const { gateway, tokens } = await startAudited();
    const wrong = 'rcspgw_AAAABBBBCCCCDDDDEEEEFFFFGGGG';
    await rename(gateway, { authorization: `Bearer ${wrong}` });
    await gateway.get(`/v1/devices?token=${tokens.of.chief}`);
    const tickets: string[] = [];
    for (const name of ['viewer', 'operator', 'chief'] as const) {
      await rename(gateway, tokens.as(name));
      const { json } = await gateway.ask('POST', '/v1/tickets', { headers: tokens.as(name) });
      const { ticket } = json as { ticket: string };
      tickets.push(ticket);
      const socket = await GateSocket.connect(gateway, {}, `/v1/ws?ticket=${ticket}`);
      await socket.command('SetDeviceName', NAME);
      await gateway.get(`/v1/events/Logs/Info?ticket=${ticket}`);
    }
    const written = await everything(gateway, tokens.as('chief'));
    for (const secret of [wrong, ...Object.values(tokens.of), ...tickets])
      expect(written).not.toContain(secret);
  });
});
