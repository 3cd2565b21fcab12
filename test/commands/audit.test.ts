import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/catalog/index.js';
import type { CommandDefinition } from '../../src/catalog/index.js';
import { startBoth, startGateway, startScripted, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';
import { logged, NAME, startAudited, trailOf } from './audit-trail.js';
import { GateSocket } from './socket.js';

type Headers = Readonly<Record<string, string>>;

/** A command of the catalog on its own route, with its example. */
function askRoute(gateway: Gateway, command: CommandDefinition, headers: Headers): Promise<Reply> {
  const [{ method, path }] = command.routes;
  const rest = new Map(Object.entries(command.example.arguments));
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest.get(name));
    rest.delete(name);
    return value;
  });
  const body = rest.size > 0 ? { body: Object.fromEntries(rest) } : {};
  return gateway.ask(method, url, { ...body, headers });
}

const WRITES = (COMMANDS as readonly CommandDefinition[]).filter(
  ({ name, policy }) => !policy.repeatable && name !== 'GracefulExit',
);
const READS = (COMMANDS as readonly CommandDefinition[]).filter(({ policy }) => policy.repeatable);

describe('what is told', () => {
  test('a write over its own route leaves one line and one event with all that the audit promises', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const before = Date.now();
    const { status, headers } = await gateway.ask('PUT', '/v1/devices/1/name', {
      body: { DeviceName: 'Left hand' },
      headers: tokens.as('operator'),
    });
    expect(status).toBe(204);
    const [entry, ...more] = await trailOf(gateway, listener, 1);
    expect(more).toEqual([]);
    expect(entry).toEqual({
      at: expect.any(Number),
      who: 'operator',
      scope: 'control',
      from: '127.0.0.1',
      via: 'http',
      command: 'SetDeviceName',
      deviceId: 1,
      outcome: 'ok',
      code: null,
      trackId: headers.get('x-track-id'),
      studio: 'studio',
    });
    expect(entry!.at).toBeGreaterThanOrEqual(before);
    expect(entry!.at).toBeLessThanOrEqual(Date.now());
  });

  test('the line can be found by its track id, as every other line of that request', async () => {
    const { gateway, tokens } = await startAudited();
    const { headers } = await gateway.ask('PUT', '/v1/devices/1/name', {
      body: { DeviceName: 'x' },
      headers: tokens.as('operator'),
    });
    const [line] = gateway.log.filter((each) => 'audit' in each);
    expect(line).toMatchObject({ msg: 'audit', level: 30, trackId: headers.get('x-track-id') });
  });

  test('every write of the catalog leaves exactly one, on its own route and on the generic one', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const headers = tokens.as('chief');
    const expected: string[] = [];
    for (const command of WRITES) {
      const body = { Arguments: command.example.arguments };
      const generic = await gateway.ask('POST', `/v1/commands/${command.name}`, { body, headers });
      const own = await askRoute(gateway, command, headers);
      for (const reply of [generic, own]) expected.push(`${command.name} ${reply.headers.get('x-track-id')}`);
    }
    const trail = await trailOf(gateway, listener, expected.length);
    expect(trail.map(({ command, trackId }) => `${command} ${trackId}`).toSorted()).toEqual(
      expected.toSorted(),
    );
    expect(trail.every(({ who, via }) => who === 'chief' && via === 'http')).toBe(true);
  });

  test('every write over a WebSocket leaves exactly one, via websocket', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const socket = await GateSocket.connect(gateway, tokens.as('chief'));
    for (const { name, example } of WRITES) await socket.command(name, example.arguments);
    const trail = await trailOf(gateway, listener, WRITES.length);
    expect(trail.map(({ command }) => command)).toEqual(WRITES.map(({ name }) => name));
    expect(trail.every(({ who, via }) => who === 'chief' && via === 'websocket')).toBe(true);
    expect(new Set(trail.map(({ trackId }) => trackId)).size).toBe(WRITES.length);
  });

  test('reads leave none, whatever the way and also when they fail', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const headers = tokens.as('chief');
    for (const command of READS) {
      const body = { Arguments: command.example.arguments };
      await gateway.ask('POST', `/v1/commands/${command.name}`, { body, headers });
      await askRoute(gateway, command, headers);
      await listener.command(command.name, command.example.arguments);
    }
    expect((await gateway.get('/v1/devices/99/name', headers)).status).toBe(404);
    expect((await gateway.get('/v1/devices/1/network', tokens.as('viewer'))).status).toBe(403);
    await gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'last' }, headers });
    expect(await trailOf(gateway, listener, 1)).toMatchObject([{ command: 'SetDeviceName' }]);
  });

  test('a command that no table knows counts as a write', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const body = { Arguments: { DeviceId: 2 } };
    await gateway.ask('POST', '/v1/commands/NobodyKnowsThis', { body, headers: tokens.as('chief') });
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { command: 'NobodyKnowsThis', deviceId: 2, outcome: 'rejected', code: 'Unknown command' },
    ]);
  });

  test('stopping the studio is told', async () => {
    const { gateway, tokens, listener } = await startAudited();
    await gateway.ask('POST', '/v1/exit', { headers: tokens.as('chief') });
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { command: 'GracefulExit', deviceId: null, outcome: 'ok' },
    ]);
  });

  test('the track id is the one that the studio saw, over HTTP and over a WebSocket', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    await gateway.put('/v1/devices/1/name', { DeviceName: 'a' });
    const socket = await GateSocket.connect(gateway);
    await socket.command('SetDeviceName', NAME);
    expect(logged(gateway).map(({ trackId }) => trackId)).toEqual(
      server.named('SetDeviceName').map(({ trackId }) => trackId),
    );
  });

  test('without tokens it is anybody, and the address says from where', async () => {
    const { gateway } = await startBoth({ trustProxy: 'loopback' });
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    await gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
    const socket = await GateSocket.connect(gateway, headers);
    await socket.command('SetDeviceName', NAME);
    expect(logged(gateway)).toMatchObject([
      { who: 'anybody', from: '192.0.2.7', via: 'http' },
      { who: 'anybody', from: '192.0.2.7', via: 'websocket' },
    ]);
  });
});

describe('how it ended', () => {
  test('what the studio refuses is rejected, with its own code', async () => {
    const { gateway, tokens, listener } = await startAudited();
    const headers = tokens.as('operator');
    await gateway.ask('PUT', '/v1/devices/99/name', { body: { DeviceName: 'x' }, headers });
    await listener.command('SetDeviceName', { ...NAME, DeviceId: 99 });
    const rejected = { deviceId: 99, outcome: 'rejected', code: 'Device not found' };
    expect(await trailOf(gateway, listener, 2)).toMatchObject([rejected, rejected]);
  });

  test('a command that hangs may have run: no-answer', async () => {
    const { gateway, tokens, simulator, listener } = await startAudited();
    simulator.faults.add({ kind: 'hang', command: 'SetDeviceName', count: 1 });
    const headers = { ...tokens.as('operator'), prefer: 'wait=1' };
    const reply = await gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
    expect(reply.status).toBe(504);
    expect(await trailOf(gateway, listener, 1)).toMatchObject([
      { outcome: 'no-answer', code: 'Timeout', trackId: reply.headers.get('x-track-id') },
    ]);
  });

  test.each([
    ['drop', 'Connection lost'],
    ['garble', 'Protocol error'],
  ] as const)('so may one whose answer is lost by a %s', async (kind, code) => {
    const { gateway, tokens, simulator, listener } = await startAudited();
    simulator.faults.add({ kind, command: 'SetDeviceName', count: 1 });
    const headers = tokens.as('operator');
    await gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
    expect(await trailOf(gateway, listener, 1)).toMatchObject([{ outcome: 'no-answer', code }]);
  });

  test('with the studio away, nothing was sent', async () => {
    const gateway = await startGateway(await freePort());
    expect((await gateway.put('/v1/devices/1/name', { DeviceName: 'x' })).status).toBe(503);
    const socket = await GateSocket.connect(gateway);
    await socket.command('SetDeviceName', NAME);
    const unsent = { command: 'SetDeviceName', outcome: 'not-sent', code: 'Studio unreachable' };
    expect(logged(gateway)).toMatchObject([unsent, unsent]);
  });

  test('who hangs up before the answer does not escape the audit', async () => {
    const { gateway, server } = await startScripted(() => ({ SetDeviceName: () => undefined }));
    const leaving = new AbortController();
    const request = fetch(`${gateway.url}/v1/devices/1/name`, {
      method: 'PUT',
      body: '{"DeviceName":"x"}',
      headers: { 'content-type': 'application/json' },
      signal: leaving.signal,
    });
    const command = await server.received('SetDeviceName');
    leaving.abort();
    await expect(request).rejects.toThrow();
    expect(logged(gateway)).toEqual([]);
    server.ok(command);
    await until(() => logged(gateway).length > 0);
    expect(logged(gateway)).toMatchObject([{ outcome: 'ok', trackId: command.trackId }]);
  });
});
