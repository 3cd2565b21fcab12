// @module-tag extended
import { jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { counting, until } from '../../support/gateway.js';
import { EventClient } from '../../support/event-client.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import {
  DOCUMENTED_AUTHORIZATION,
  emit,
  Foreigner,
  startEdge,
  startOrigin,
} from '../../support/nats-gateways.js';

const CHANNEL = 'Logs/Info';

async function start(config = DOCUMENTED_AUTHORIZATION) {
  const server = await NatsServer.start({ config });
  const at = (user: string) => `nats://${user}:change-me-${user}@127.0.0.1:${server.port}`;
  const own = await startOrigin(at('home'), { natsName: undefined });
  const edge = await startEdge(at('edge-1'), { natsName: undefined });
  const client = await EventClient.connect(edge);
  await client.subscribe([CHANNEL]);
  const stranger = await Foreigner.connect(server.url, {
    user: 'edge-2',
    pass: 'change-me-edge-2',
    inboxPrefix: '_INBOX.edge-2',
  });
  return { server, ...own, edge, client, stranger };
}

/** The same, where `edge-2` may send no commands. */
const WITHOUT_COMMANDS = DOCUMENTED_AUTHORIZATION.replace(
  /(user: "edge-2"[^]*?)"rcsp\.v1\.\*\.cmd\.\*", /,
  '$1',
);

describe.runIf(HAS_NATS)('an origin', () => {
  test.each(['$JS.API.STREAM.PURGE.RCSP', 'rcsp.v1.stage.ev.Logs.Info', 'rcsp.v1.stage.cmd.ScanNetwork'])(
    'does not answer to %s, where an edge must not publish',
    async (reply) => {
      const { simulator, client, stranger, edge } = await start();
      const count = counting(simulator);
      emit(simulator, 1, 2);
      await until(() => client.numbers().length === 2);
      const body = '{"arguments":{"DeviceId":1}}';
      stranger.connection.publish('rcsp.v1.stage.cmd.GetDeviceName', body, { reply });
      stranger.connection.publish('rcsp.v1.stage.meta.owner', '', { reply });
      await stranger.connection.flush();
      // Its answer comes behind those that must not be.
      expect(await stranger.ask('GetDeviceName', { arguments: { DeviceId: 1 } })).toMatchObject({
        status: 200,
      });
      emit(simulator, 3);
      await until(() => client.numbers().length === 3);
      expect(client.numbers()).toEqual([1, 2, 3]);
      const history = await edge.get(`/v1/history?channel=${CHANNEL}`);
      expect(history.text.match(/"n":/g)).toHaveLength(3);
      const late = await EventClient.connect(await startEdge(edgeUrl(stranger), { natsName: 'edge-1' }));
      await late.subscribe([CHANNEL], { since: { [CHANNEL]: client.of('event')[0]!.cursor } });
      await until(() => late.numbers().length === 2);
      expect(count('GetDeviceName')).toBe(1);
      expect(count('ScanNetwork')).toBe(0);
    },
  );

  test('runs nothing for an edge that may send no commands, however it has the server write to their subjects', async () => {
    expect(WITHOUT_COMMANDS.match(/\.\*\.cmd/g)).toHaveLength(1);
    const { simulator, stranger, edge, client } = await start(WITHOUT_COMMANDS);
    const count = counting(simulator);
    const manager = await jetstreamManager(stranger.connection, { checkAPI: false });
    const target = 'rcsp.v1.stage.cmd.ListErrorCodes';
    await manager.consumers.add('RCSP', { name: 'pulled', headers_only: true });
    stranger.connection.publish('$JS.API.CONSUMER.MSG.NEXT.RCSP.pulled', '{"batch":20}', { reply: target });
    stranger.connection.publish('$JS.API.STREAM.INFO.RCSP', '', { reply: target });
    emit(simulator, 1, 2, 3);
    await until(() => client.numbers().length === 3);
    expect((await edge.get('/v1/devices/1/name')).status).toBe(200);
    expect(count('ListErrorCodes')).toBe(0);
  });

  test('answers what cannot be understood, and the studio hears nothing of it', async () => {
    const { stranger, simulator, origin, edge } = await start();
    const count = counting(simulator);
    const token = fc.oneof(
      fc.constantFrom('GetDeviceName', 'SetDeviceName', '$lease', '$listen', '%', '%zz', '*', '>', 'a%2Eb'),
      fc.stringMatching(/^[!-~]{1,40}$/).filter((text) => !/[.*>]/.test(text)),
    );
    const line = fc.string({ maxLength: 40 }).map((text) => text.replace(/[\r\n]/g, ''));
    const names = fc.constantFrom('Rcsp-Scope', 'Rcsp-Subject', 'Rcsp-Edge', 'Nats-Msg-Id', 'rcsp-scope');
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json({ maxDepth: 3 }).map((text) => Buffer.from(`{"arguments":${text},"x":0}`)),
      fc
        .constantFrom('[', '{"arguments":{"__proto__":1},"y":1}', '{"timeoutMs":1e999}')
        .map((text) => Buffer.from(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        token,
        body,
        fc.array(fc.tuple(names, line), { maxLength: 3 }),
        async (name, data, all) => {
          const told = headers();
          for (const [key, value] of all) told.append(key, value);
          const options = { timeout: 5000, headers: told };
          const subject = `rcsp.v1.stage.cmd.${name}`;
          const answer = await stranger.connection.request(subject, data.length === 0 ? '[' : data, options);
          expect(answer.json()).toMatchObject({ status: expect.any(Number) as unknown, outcome: 'rejected' });
          stranger.connection.publish('rcsp.v1.stage.meta.owner', data, {
            ...options,
            reply: '_INBOX.edge-2.x',
          });
        },
      ),
      { numRuns: 150 },
    );
    expect(count('GetDeviceName') + count('SetDeviceName')).toBe(0);
    expect((await edge.put('/v1/devices/1/name', { DeviceName: 'x' })).status).toBe(204);
    expect((await origin.get('/live')).status).toBe(200);
  });
});

function edgeUrl({ connection }: Foreigner): string {
  return `nats://edge-1:change-me-edge-1@${connection.getServer()}`;
}

describe.runIf(HAS_NATS)('an edge', () => {
  test('goes on when somebody who may publish everything publishes nonsense', async () => {
    const server = await NatsServer.start();
    const { simulator, origin } = await startOrigin(server.url);
    const edge = await startEdge(server.url);
    const client = await EventClient.connect(edge);
    await client.subscribe([CHANNEL, 'Logs/Warning']);
    const stranger = await Foreigner.connect(server.url);
    const subjects = [
      'ev.Logs.Warning',
      'ev.%FF.x',
      'ev.a',
      'dev.x.a.b',
      'dev.1.a.b.c',
      'gw.jobs',
      'gw.lease',
      'gw.upstream',
      'gw.nobody',
      'meta',
    ];
    const bodies = [
      '',
      'null',
      '[]',
      '{"op":"event","receivedAt":1,"event":null}',
      '{"op":"event","channel":"x","receivedAt":1,"event":{"EventData":7}]',
      '{"studio":"stage"}',
      '\u0000',
      '{"studio":"STAGE","cursors":{}}',
    ];
    for (const subject of subjects)
      for (const [i, body] of bodies.entries())
        for (const studio of ['stage', 'Stage', 'other'])
          await stranger.publish(`rcsp.v1.${studio}.${subject}`, body, { 'Rcsp-Cursor': `zz:${i + 1}` });
    for (const name of ['Info', '%zz', '*']) stranger.connection.publish(`rcsp.v1.stage.cmd.${name}`, 'x');
    emit(simulator, 1, 2);
    await until(() => client.numbers().includes(2));
    expect(client.numbers().filter((n) => n !== undefined)).toEqual([1, 2]);
    expect((await edge.put('/v1/devices/1/name', { DeviceName: 'x' })).status).toBe(204);
    for (const gateway of [origin, edge]) expect((await gateway.get('/live')).status).toBe(200);
  });
});
