// @module-tag extended
import { parseFault } from '../../../src/simulator/faults.js';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Values } from '../../../src/config/config.js';
import { EventClient, numberOf } from '../../support/event-client.js';
import { counting, problemOf, until } from '../../support/gateway.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import { emit, Foreigner, startEdge, startOrigin, stateOf } from '../../support/nats-gateways.js';
import { makeTokens } from '../../support/tokens.js';

const CHANNEL = 'Logs/Info';

async function start(settings: Values = {}, edgeSettings: Values = {}) {
  const server = await NatsServer.start();
  const { origin, simulator } = await startOrigin(server.url, settings);
  const edge = await startEdge(server.url, edgeSettings);
  const foreigner = await Foreigner.connect(server.url);
  return { server, origin, simulator, edge, foreigner };
}

describe.runIf(HAS_NATS)('events at an edge', () => {
  test('an edge gives its clients the messages of the origin, byte for byte, with the same cursors', async () => {
    const { origin, simulator, edge } = await start();
    const [there, here] = [await EventClient.connect(origin), await EventClient.connect(edge)];
    await there.subscribe([CHANNEL]);
    await here.subscribe([CHANNEL]);
    emit(simulator, 1, 2, 3);
    await until(() => here.numbers().length === 3 && there.numbers().length === 3);
    const events = (texts: readonly string[]) => texts.filter((each) => each.includes('"op":"event"'));
    expect(events(here.texts)).toEqual(events(there.texts));
    expect(here.numbers()).toEqual([1, 2, 3]);
  });

  test('a client goes from the origin to an edge and back, and gets each event once', async () => {
    const { origin, simulator, edge } = await start();
    const seen: unknown[] = [];
    let cursor: string | undefined;
    let n = 0;
    for (const gateway of [origin, edge, origin, edge]) {
      const client = await EventClient.connect(gateway);
      await client.subscribe([CHANNEL], cursor === undefined ? {} : { since: { [CHANNEL]: cursor } });
      emit(simulator, (n += 1), (n += 1));
      await until(() => client.numbers().includes(n));
      expect(client.of('gap')).toEqual([]);
      seen.push(...client.numbers());
      cursor = client.of('event').at(-1)?.cursor;
      client.socket.terminate();
      // While nobody listens.
      emit(simulator, (n += 1));
    }
    expect(seen).toEqual(Array.from({ length: n - 1 }, (_, i) => i + 1));
  });

  test('an edge that starts later has the history that the stream keeps', async () => {
    const { server, simulator, origin } = await start();
    const client = await EventClient.connect(origin);
    await client.subscribe([CHANNEL]);
    emit(simulator, 1, 2, 3, 4);
    await until(() => client.numbers().length === 4);
    const first = client.of('event')[0]!.cursor;
    const late = await startEdge(server.url, { natsName: 'edge-2' });
    const resumed = await EventClient.connect(late);
    await resumed.subscribe([CHANNEL], { since: { [CHANNEL]: first } });
    await until(() => resumed.numbers().length === 3);
    expect(resumed.numbers()).toEqual([2, 3, 4]);
    expect(resumed.of('gap')).toEqual([]);
    const history = await late.get('/v1/history?channel=Logs/Info');
    expect(z.looseObject({ events: z.array(z.unknown()) }).parse(history.json).events).toHaveLength(4);
  });

  test('a client that comes from a faster gateway gets nothing twice', async () => {
    const { edge, foreigner } = await start();
    const publish = async (...numbers: readonly number[]) => {
      for (const n of numbers) {
        const event = { Publisher: 'Logs', Topic: 'Warning', EventData: { n } };
        const message = { op: 'event', channel: 'Logs/Warning', cursor: `e1:${n}`, receivedAt: n, event };
        const headers = { 'Rcsp-Cursor': `e1:${n}` };
        await foreigner.publish('rcsp.v1.stage.ev.Logs.Warning', JSON.stringify(message), headers);
      }
    };
    await publish(1, 2);
    const [resumed, other] = [await EventClient.connect(edge), await EventClient.connect(edge)];
    await other.subscribe(['Logs/Warning'], { since: { 'Logs/Warning': 'e1:0' } });
    await until(() => other.numbers().length === 2);
    await resumed.subscribe(['Logs/Warning'], { since: { 'Logs/Warning': 'e1:4' } });
    await publish(3, 4, 5, 8);
    await until(() => resumed.numbers().includes(8) && other.numbers().includes(8));
    expect(resumed.numbers()).toEqual([5, 8]);
    expect(other.numbers()).toEqual([1, 2, 3, 4, 5, 8]);
    // A hole that nobody fills is a gap.
    for (const each of [resumed, other])
      expect(each.of('gap').at(-1)).toMatchObject({ from: 'e1:6', to: 'e1:7', cause: 'evicted' });
  });

  test('wildcards, channels of devices and of a named studio reach clients of an edge', async () => {
    const { simulator, edge } = await start();
    const client = await EventClient.connect(edge);
    await client.subscribe(['studios/stage/Logs/*', 'devices/*/DeviceLogs/*']);
    simulator.emit('Logs', 'Warning', { n: 1 });
    simulator.emit('DeviceLogs', 'Error', { n: 2 }, 1);
    await until(() => client.numbers().length === 2);
    expect(client.of('event').map((each) => [each.channel, numberOf(each)])).toEqual([
      ['studios/stage/Logs/Warning', 1],
      ['devices/1/DeviceLogs/Error', 2],
    ]);
  });

  test('a reconnect of the studio is one gap at the edge, with the epochs of the origin', async () => {
    const { origin, simulator, edge } = await start();
    const [there, here] = [await EventClient.connect(origin), await EventClient.connect(edge)];
    await there.subscribe([CHANNEL]);
    await here.subscribe([CHANNEL]);
    emit(simulator, 1);
    await until(() => here.numbers().length === 1 && there.numbers().length === 1);
    simulator.dropConnections();
    await until(() => there.of('gap').length === 1 && here.of('gap').length === 1);
    await until(() => simulator.subscriptionCount('Logs', 'Info') > 0);
    emit(simulator, 2);
    await until(() => here.numbers().length === 2 && there.numbers().length === 2);
    expect(here.of('gap')).toEqual(there.of('gap'));
    expect(here.of('event').map(({ cursor }) => cursor)).toEqual(
      there.of('event').map(({ cursor }) => cursor),
    );
  });
});

describe.runIf(HAS_NATS)('the stream', () => {
  test('an event is stored once, as the event message, with its place in the headers', async () => {
    const { origin, simulator, foreigner } = await start();
    const client = await EventClient.connect(origin);
    await client.subscribe([CHANNEL]);
    emit(simulator, 1);
    await until(() => client.numbers().length === 1);
    const { cursor } = client.of('event')[0]!;
    await until(async () => (await foreigner.stored('rcsp.v1.stage.ev.Logs.Info')).length === 1);
    const [stored] = await foreigner.stored('rcsp.v1.stage.ev.Logs.Info');
    expect(stored!.string()).toBe(client.texts.at(-1));
    expect(stored!.headers?.get('Nats-Msg-Id')).toBe(`stage/Logs/Info@${cursor}`);
    expect(stored!.headers?.get('Rcsp-Cursor')).toBe(cursor);
  });

  test('channels of devices and of the gateway have subjects of their own', async () => {
    const { edge, simulator, foreigner } = await start();
    simulator.emit('DeviceLogs', 'Error', { n: 2 }, 1);
    await edge.put('/v1/devices/1/name', { DeviceName: 'Left' });
    await until(async () => (await foreigner.stored('rcsp.v1.stage.dev.1.DeviceLogs.Error')).length === 1);
    await until(async () => (await foreigner.stored('rcsp.v1.stage.gw.changes')).length === 1);
    const [changed] = await foreigner.stored('rcsp.v1.stage.gw.changes');
    expect(changed!.json()).toMatchObject({
      op: 'event',
      channel: '$gateway/changes',
      event: { EventData: { command: 'SetDeviceName', studio: 'stage', deviceId: 1 } },
    });
    expect(await foreigner.stored('rcsp.v1.stage.gw.audit')).toEqual([]);
  });

  test('meta tells catalogue, devices, epoch and version, and is kept once', async () => {
    const { foreigner, origin } = await start();
    await until(async () => (await foreigner.stored('rcsp.v1.stage.meta')).length === 1);
    const [meta] = await foreigner.stored('rcsp.v1.stage.meta');
    expect(meta!.json()).toMatchObject({
      studio: 'stage',
      state: 'connected',
      epoch: origin.app.epoch,
      version: expect.any(String) as unknown,
      devices: expect.arrayContaining([expect.objectContaining({ DeviceId: 1 })]) as unknown,
      catalogue: { ListCommands: { Commands: expect.any(Array) as unknown } },
    });
  });

  test('a message of the stream that is none of an origin is left out', async () => {
    const { foreigner, edge, simulator } = await start();
    const client = await EventClient.connect(edge);
    await client.subscribe([CHANNEL]);
    const subject = 'rcsp.v1.stage.ev.Logs.Info';
    await foreigner.publish(subject, 'no JSON', { 'Rcsp-Cursor': 'zz:1' });
    await foreigner.publish(subject, '{"op":"event","receivedAt":1,"event":}', { 'Rcsp-Cursor': 'zz:2' });
    await foreigner.publish(subject, '{"op":"event","receivedAt":1,"event":{}}', {});
    emit(simulator, 1);
    await until(() => client.numbers().length > 0);
    expect(client.numbers()).toEqual([1]);
    expect(client.of('gap')).toEqual([]);
  });
});

describe.runIf(HAS_NATS)('a command at an edge', () => {
  test('the answer is that of the studio, and the origin has the audit line, with the edge', async () => {
    const tokens = makeTokens({ anna: 'control', viewer: 'read' });
    const { origin, edge, simulator } = await start({}, { tokens: tokens.file });
    const count = counting(simulator);
    const reply = await edge.ask('PUT', '/v1/devices/1/name', {
      body: { DeviceName: 'Left' },
      headers: tokens.as('anna'),
    });
    expect(reply.status).toBe(204);
    expect(count('SetDeviceName')).toBe(1);
    const line = origin.log.find((each) => 'audit' in each);
    expect(line?.['audit']).toMatchObject({
      who: 'anna',
      scope: 'control',
      edge: 'edge-1',
      via: 'nats',
      command: 'SetDeviceName',
      outcome: 'ok',
      trackId: reply.headers.get('x-track-id'),
    });
    const refused = await edge.ask('PUT', '/v1/devices/1/name', {
      body: { DeviceName: 'Right' },
      headers: tokens.as('viewer'),
    });
    expect(problemOf(refused)).toMatchObject({ code: 'Forbidden', status: 403 });
    expect(count('SetDeviceName')).toBe(1);
  });

  test('what the origin refuses, and what the studio refuses, is rejected', async () => {
    const { edge } = await start();
    expect(problemOf(await edge.post('/v1/exit'))).toMatchObject({
      code: 'Forbidden',
      status: 403,
      outcome: 'rejected',
      detail: expect.stringContaining('admin') as unknown,
    });
    expect(problemOf(await edge.get('/v1/devices/99/name'))).toMatchObject({
      code: 'Device not found',
      status: 404,
      outcome: 'rejected',
    });
  });

  test('--nats-max-scope admin lets an edge do what needs admin', async () => {
    const { edge, simulator } = await start({ natsMaxScope: 'admin' });
    const count = counting(simulator);
    const reply = await edge.ask('POST', '/v1/devices/1/firmware', {
      body: { FwPath: 'suit.bin', ForceUpdate: false },
      headers: { prefer: 'respond-async' },
    });
    expect(reply.status).toBe(202);
    const job = z.looseObject({ id: z.string(), studio: z.literal('stage') }).parse(reply.json);
    expect(reply.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(count('UpdateFirmware')).toBe(1);
    await until(async () => {
      const { json } = await edge.get(`/v1/jobs/${job.id}`);
      return z.looseObject({ state: z.string() }).parse(json).state === 'done';
    });
  });

  test('numbers and bytes travel as they are written', async () => {
    const { edge, origin } = await start();
    const body = '{"Arguments":{"DeviceId":1,"X":1.0,"Y":9007199254740993,"Z":0}}';
    const headers = { 'content-type': 'application/json' };
    const path = '/v1/commands/SetMagnetometerCalOffset';
    const [here, there] = [
      await edge.ask('POST', path, { raw: body, headers }),
      await origin.ask('POST', path, { raw: body, headers }),
    ];
    expect(here.status).toBe(there.status);
    expect((await edge.get('/v1/info')).text.replace(/"UpTimeSecs":[^,}]*/, '')).toBe(
      (await origin.get('/v1/info')).text.replace(/"UpTimeSecs":[^,}]*/, ''),
    );
  });

  test('identical reads of two edges are one command of the studio', async () => {
    const { server, edge, simulator } = await start();
    const other = await startEdge(server.url, { natsName: 'edge-2' });
    const count = counting(simulator);
    // Long enough for all of them to be in flight at once.
    simulator.faults.add(parseFault('late:1000=ReadSensorFwInfo'));
    const path = '/v1/devices/1/sensors/firmware';
    const replies = await Promise.all([edge, edge, other].map((each) => each.get(path)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(count('ReadSensorFwInfo')).toBe(1);
  });

  test('docs, lists and commands of an edge show what the studio lists', async () => {
    const { edge, origin } = await start();
    for (const path of ['/v1/commands', '/v1/devices', '/v1/devices/1/commands'])
      expect((await edge.get(path)).json).toEqual((await origin.get(path)).json);
    const paths = async (gateway: typeof edge) =>
      Object.keys(
        z
          .looseObject({ paths: z.record(z.string(), z.unknown()) })
          .parse((await gateway.get('/openapi.json')).json).paths,
      );
    await until(async () => (await paths(edge)).length === (await paths(origin)).length);
  });

  test('the lease of the origin is taken, told and needed at an edge', async () => {
    const tokens = makeTokens({ anna: 'control', boris: 'control' });
    const { edge } = await start({ controlLease: true }, { tokens: tokens.file });
    const write = (name: 'anna' | 'boris') =>
      edge.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers: tokens.as(name) });
    expect((await write('anna')).status).toBe(409);
    const taken = await edge.ask('POST', '/v1/lease', { headers: tokens.as('anna') });
    expect(taken.json).toMatchObject({ holder: 'anna' });
    expect((await write('anna')).status).toBe(204);
    expect((await write('boris')).json).toMatchObject({ code: 'Busy', status: 409, outcome: 'rejected' });
    const refused = await edge.ask('POST', '/v1/lease', { headers: tokens.as('boris') });
    expect(refused.json).toMatchObject({ code: 'Busy', holder: 'anna' });
    expect((await edge.get('/v1/me', tokens.as('anna'))).json).toMatchObject({
      lease: { mine: true, holder: 'anna' },
    });
    expect((await edge.ask('DELETE', '/v1/lease', { headers: tokens.as('anna') })).status).toBe(204);
    await until(async () => {
      const { json } = await edge.get('/v1/lease', tokens.as('boris'));
      return z.looseObject({ holder: z.string().nullable() }).parse(json).holder === null;
    });
  });

  test('changes and jobs of the origin are told at an edge', async () => {
    const { origin, edge } = await start();
    const client = await EventClient.connect(edge);
    await client.subscribe(['$gateway/changes']);
    await origin.put('/v1/devices/1/name', { DeviceName: 'Left' });
    await until(() => client.of('event').length === 1);
    await edge.put('/v1/devices/1/name', { DeviceName: 'Right' });
    await until(() => client.of('event').length === 2);
    expect(client.of('event').map(({ event }) => event['EventData'])).toMatchObject([
      { command: 'SetDeviceName', studio: 'stage', deviceId: 1 },
      { command: 'SetDeviceName', studio: 'stage', deviceId: 1 },
    ]);
  });
});

describe.runIf(HAS_NATS)('a raw request', () => {
  test('a read is answered with status and response', async () => {
    const { foreigner } = await start();
    const answer = await foreigner.ask('GetDeviceName', { arguments: { DeviceId: 1 } });
    expect(answer).toMatchObject({ status: 200, response: { DeviceName: expect.any(String) as unknown } });
  });

  test('a write has the status 204', async () => {
    const { foreigner } = await start();
    const args = { DeviceId: 1, DeviceName: 'x' };
    expect(
      await foreigner.ask('SetDeviceName', { arguments: args, timeoutMs: 2000, trackId: 'mine-1' }),
    ).toEqual({
      status: 204,
      response: null,
    });
  });

  test.each<Record<string, string>>([{}, { 'Rcsp-Scope': 'admin' }])(
    'the scope is capped, with the headers %j',
    async (headers) => {
      const { foreigner, simulator } = await start();
      const count = counting(simulator);
      expect(await foreigner.ask('GracefulExit', {}, headers)).toMatchObject({
        code: 'Forbidden',
        status: 403,
        outcome: 'rejected',
      });
      expect(count('GracefulExit')).toBe(0);
    },
  );

  test('a smaller scope holds', async () => {
    const { foreigner } = await start();
    const args = { DeviceId: 1, DeviceName: 'x' };
    expect(await foreigner.ask('SetDeviceName', { arguments: args }, { 'Rcsp-Scope': 'read' })).toMatchObject(
      {
        code: 'Forbidden',
      },
    );
  });

  test.each([
    ['GetDeviceName', { op: 'event', event: {} }],
    ['GetDeviceName', { arguments: 1 }],
    ['GetDeviceName', { arguments: { DeviceId: 1 }, timeoutMs: -1 }],
    ['GetDeviceName', []],
  ])('%s with the body %j is refused', async (command, body) => {
    const { foreigner } = await start();
    expect(await foreigner.ask(command, body)).toMatchObject({
      code: 'Invalid request',
      status: 400,
      outcome: 'rejected',
    });
  });

  test('a scope that there is not is refused', async () => {
    const { foreigner } = await start();
    expect(await foreigner.ask('Info', {}, { 'Rcsp-Scope': 'root' })).toMatchObject({
      code: 'Invalid request',
    });
  });
});

describe.runIf(HAS_NATS)('an origin that goes', () => {
  test('commands at its edges are not sent, and the studio is disconnected', async () => {
    const { origin, edge } = await start();
    const client = await EventClient.connect(edge);
    await client.subscribe(['$gateway/upstream']);
    await origin.app.close();
    expect(problemOf(await edge.put('/v1/devices/1/name', { DeviceName: 'x' }))).toMatchObject({
      code: 'Studio unreachable',
      status: 503,
      outcome: 'not-sent',
    });
    await until(() => stateOf(edge) === 'disconnected');
    await until(() => client.of('event').length > 1);
    expect(client.of('event').at(-1)?.event['EventData']).toMatchObject({
      state: 'disconnected',
      name: 'stage',
    });
  });

  test('an origin that comes back has new epochs, and its edges go on', async () => {
    const { server, origin, edge } = await start();
    const client = await EventClient.connect(edge);
    await client.subscribe([CHANNEL]);
    await origin.app.close();
    await until(() => stateOf(edge) === 'disconnected');
    const { simulator } = await startOrigin(server.url);
    await until(() => stateOf(edge) === 'connected');
    emit(simulator, 7);
    await until(() => client.numbers().length === 1);
    expect(client.of('gap').map(({ cause }) => cause)).toEqual(['upstream-lost']);
  });

  test('a second origin of the same studio refuses to start, and says where the first is', async () => {
    const { server } = await start();
    await expect(startOrigin(server.url, { natsName: 'second' })).rejects.toThrow(
      /the studio "stage" has an origin already: home on .+ \(process \d+\), listening on 127\.0\.0\.1:\d+, since /,
    );
  });
});

describe.runIf(HAS_NATS)('a channel that the studio does not list', () => {
  test('is published once a client of an edge names it, and one that the studio refuses is refused', async () => {
    const server = await NatsServer.start();
    const { simulator } = await startOrigin(server.url);
    const edge = await startEdge(server.url);
    const client = await EventClient.connect(edge);
    expect(await client.ask({ op: 'subscribe', channels: ['Nobody/Nothing'] })).toMatchObject({
      op: 'error',
    });
    await client.subscribe([CHANNEL]);
    emit(simulator, 1);
    await until(() => client.numbers().length === 1);
  });
});
