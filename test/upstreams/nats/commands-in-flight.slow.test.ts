import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/gateway.js';
import { Foreigner, startEdge } from '../../support/nats-gateways.js';
import { HAS_NATS, NatsServer } from '../../support/nats-server.js';
import { expectTruth, startRecordedOrigin, write, Writes } from '../../support/recorded-writes.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const WRITE_MS = 10;

/** Origin and edge, each with a line of its own to the hub. */
async function start() {
  const server = await NatsServer.start();
  const lines = [await TcpProxy.start(server.urlAt('127.0.0.1', 'http')), await startLine(server)] as const;
  const [ofOrigin, ofEdge] = lines;
  const { origin, studio } = await startRecordedOrigin(natsUrl(ofOrigin));
  const edge = await startEdge(natsUrl(ofEdge));
  return { server, ofOrigin, ofEdge, origin, studio, edge };
}

function startLine(server: NatsServer): Promise<TcpProxy> {
  return TcpProxy.start(server.urlAt('127.0.0.1', 'http'));
}

function natsUrl({ url }: TcpProxy): string {
  return url.replace('http', 'nats');
}

type Started = Awaited<ReturnType<typeof start>>;

/** A hub that is back is of use once a write is answered. */
async function untilAnswered({ edge }: Started): Promise<void> {
  await until(async () => (await write(edge, `probe-${performance.now()}`)) === 'ok');
}

const CUTS: readonly (readonly [string, (started: Started) => Promise<void> | void])[] = [
  ['the line between edge and hub', ({ ofEdge }) => ofEdge.cut()],
  ['the line between hub and origin', ({ ofOrigin }) => ofOrigin.cut()],
  [
    'the hub',
    async ({ server }) => {
      await server.kill();
      await server.run();
    },
  ],
];

describe.runIf(HAS_NATS).each(CUTS)('a write in flight when %s is cut', (_, cut) => {
  test('has run once when the studio has it, and its caller is told that nobody knows', async () => {
    const started = await start();
    const { studio, edge } = started;
    let release: () => void = () => undefined;
    studio.answer = (command) => (release = () => studio.server.ok(command));
    const told = write(edge, 'held');
    await until(() => studio.names.includes('held'));
    await cut(started);
    // An origin that is cut off cannot answer any more; an edge hears of that when its time is over.
    expect(await told).toBe('no-answer');
    studio.answer = (command) => studio.server.ok(command);
    release();
    await untilAnswered(started);
    expect(studio.names.filter((name) => name === 'held')).toHaveLength(1);
  });

  test('is received at most once at whatever moment that is, and its caller is told the truth', async () => {
    const started = await start();
    const { studio, edge } = started;
    studio.answer = (command) => void setTimeout(() => studio.server.ok(command), 15);
    const writes = new Writes([edge], WRITE_MS);
    for (let round = 1; round <= 4; round += 1) {
      const before = writes.count('ok');
      await until(() => writes.count('ok') > before + 10);
      await delay(7 * round);
      await cut(started);
      await untilAnswered(started);
    }
    await writes.end();
    expectTruth(writes.told, studio.names);
    expect(writes.count('no-answer') + writes.count('not-sent')).toBeGreaterThan(0);
  });
});

describe.runIf(HAS_NATS)('an edge that asks twice for one write', () => {
  test('has it run once: the second request has the answer of the first', async () => {
    const { server, studio } = await start();
    const foreigner = await Foreigner.connect(server.url);
    studio.answer = (command) => void setTimeout(() => studio.server.ok(command), 200);
    const body = { arguments: { DeviceId: 1, DeviceName: 'twice' }, trackId: 'one' };
    const headers = { 'Rcsp-Edge': 'edge-9', 'Rcsp-Subject': 'anna' };
    const ask = (more: object = {}) => foreigner.ask('SetDeviceName', { ...body, ...more }, headers);
    const answers = await Promise.all([ask(), ask()]);
    expect(answers).toEqual([
      { status: 204, response: null },
      { status: 204, response: null },
    ]);
    expect(studio.names).toEqual(['twice']);
    // Another command, for it has another number; and the same one, once the first is over.
    expect(await Promise.all([ask({ trackId: 'two' }), ask({ trackId: 'three' })])).toHaveLength(2);
    expect(await ask()).toMatchObject({ status: 204 });
    expect(studio.names).toHaveLength(4);
  });

  test('has it run once when the message comes twice, however late', async () => {
    const { server, studio } = await start();
    const { connection } = await Foreigner.connect(server.url);
    const answers: string[] = [];
    const reply = '_INBOX.twice.1';
    connection.subscribe(reply, { callback: (_, message) => void answers.push(message.string()) });
    const send = () =>
      connection.publish(
        'rcsp.v1.stage.cmd.SetDeviceName',
        '{"arguments":{"DeviceId":1,"DeviceName":"x"},"trackId":"t"}',
        {
          reply,
        },
      );
    send();
    await until(() => answers.length === 1);
    send();
    await until(() => answers.length === 2);
    expect(answers[1]).toBe(answers[0]);
    expect(studio.names).toEqual(['x']);
  });
});
