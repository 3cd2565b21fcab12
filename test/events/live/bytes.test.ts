import { describe, expect, test } from 'vitest';
import { EventClient, SseClient } from '../../support/event-client.js';
import { startBoth, startScripted, until } from '../../support/gateway.js';
import { frame } from '../../support/scripted-server.js';
import type { ScriptedServer } from '../../support/scripted-server.js';

const EVENT = 4;

/** Bytes that no serializer of ours would write. */
const ODD = [
  '{"Publisher":"Logs","Topic":"Info","EventData":{"LogMsg":"plain"}}',
  ' \t{ "EventData" : { "z" : 1 , "a" : 2 }, "Topic" : "Info" , "Publisher":"Logs" } ',
  '{"Publisher":"Logs","Topic":"Info","EventData":{"TimestampNs":12345678901234567890,"x":1.0,"y":1e2,"w":-0}}',
  '{"Publisher":"Logs","Topic":"Info","EventData":{"LogMsg":"\\u00e9 \\/ \\uD83D\\uDE00"},"More":[],"More":{}}',
  '{"Publisher":"Lo\\u0067s","Topic":"Info","EventData":{"LogMsg":"größer 😀 \u2028"}}',
  '{"Topic":"Info","Publisher":"Logs"}',
  '{"Publisher":"Logs","Topic":"Info","EventData":null}',
];

const PRETTY =
  '{\n  "Publisher": "Logs",\n  "Topic": "Info",\n  "EventData": {\n    "LogMsg": "a\\nb"\n  }\n}\n';

/** On the connection for events, to which alone a subscription was made. */
function publish(server: ScriptedServer, payload: string | Buffer): void {
  const { connection } = server.named('Subscribe').at(-1)!;
  connection.raw(frame(EVENT, payload));
}

/** What stands around the studio's bytes is written out, not parsed. */
function bytesOf(message: string): string {
  const found =
    /^\{"op":"event","channel":"Logs\/Info","cursor":"[0-9a-z]+:\d+","receivedAt":\d+,"event":/.exec(message);
  if (found === null || !message.endsWith('}')) throw new Error(message);
  return message.slice(found[0].length, -1);
}

describe('an event', () => {
  test('an event reaches a WebSocket byte for byte as the studio sent it', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info']);
    const sent = [...ODD, PRETTY, `${' '.repeat(70_000)}${ODD[0]!}`, `${' '.repeat(200)}${ODD[1]!}`];
    for (const each of sent) publish(server, each);
    await until(() => client.of('event').length === sent.length);
    expect(client.texts.slice(1).map(bytesOf)).toEqual(sent);
  });

  test('an event reaches it so from history and in a replay, too', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const first = await EventClient.connect(gateway);
    const { channels } = await first.subscribe(['Logs/Info']);
    const sent = [...ODD, PRETTY];
    for (const each of sent) publish(server, each);
    await until(() => first.of('event').length === sent.length);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/Info'], { since: channels[0]!.cursors });
    await until(() => second.of('event').length === sent.length);
    expect(second.texts.slice(1)).toEqual(first.texts.slice(1));
    const { text } = await gateway.get('/v1/history?channel=Logs/Info');
    for (const each of first.texts.slice(1)) expect(text).toContain(each);
  });

  test('an event reaches server-sent events so, and with line breaks as the same lines', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const client = await SseClient.open(gateway, '/v1/events/Logs/Info');
    const sent = [...ODD, PRETTY];
    for (const each of sent) publish(server, each);
    publish(server, PRETTY.replaceAll('\n', '\r\n'));
    publish(server, PRETTY.replaceAll('\n', '\r'));
    await until(() => client.events.length === sent.length + 2);
    expect(client.events.map(({ data }) => bytesOf(data))).toEqual([...sent, PRETTY, PRETTY]);
  });

  test.each([
    ['that is no JSON', '{"Publisher":"Logs","Topic":"Info",}', 'not-json'],
    ['that is empty', '', 'not-json'],
    ['that is no object', '["Logs","Info"]', 'not-an-object'],
    ['without a topic', '{"Publisher":"Logs"}', 'not-an-event'],
  ])(
    '%s reaches nobody, is told as a gap, counted, logged once, and closes nothing',
    async (_, payload, kind) => {
      const { gateway, server } = await startScripted(() => ({}));
      const client = await EventClient.connect(gateway);
      await client.subscribe(['Logs/Info', '*/*']);
      const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
      for (let i = 0; i < 3; i++) publish(server, payload);
      publish(server, ODD[0]!);
      await until(() => client.of('event').length > 0 && stream.events.length > 3);
      await client.roundTrip();
      expect(client.of('event')).toHaveLength(1);
      // Nobody knows whose it was: every channel tells that something is missing.
      const gaps = client.of('gap').filter(({ channel }) => channel === 'Logs/Info');
      expect(gaps.map(({ cause }) => cause)).toEqual(['upstream-lost', 'upstream-lost', 'upstream-lost']);
      expect(stream.events.map(({ type }) => type)).toEqual(['gap', 'gap', 'gap', 'event']);
      expect(await gateway.metric(`rcsp_gateway_protocol_errors_total{kind="${kind}"}`)).toBe(3);
      const warnings = gateway.log.filter((line) => line['level'] === 40 && line['kind'] === kind);
      expect(warnings).toHaveLength(1);
      expect(server.open).toHaveLength(5);
    },
  );

  test('larger than a client may have waiting reaches those who listen, and history', async () => {
    const { gateway, simulator } = await startBoth({ clientBuffer: 16_384, historyBytes: 16_384 });
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info']);
    const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
    const sizes = [17_000, 3_000_000, 20];
    for (const [n, size] of sizes.entries()) {
      simulator.emit('Logs', 'Info', { n, LogMsg: 'x'.repeat(size) });
      await until(() => client.numbers().length > n && stream.numbers().length > n);
    }
    expect(client.numbers()).toEqual([0, 1, 2]);
    expect(stream.numbers()).toEqual([0, 1, 2]);
    expect([...client.of('gap'), ...stream.of('gap')]).toEqual([]);
    const late = await EventClient.connect(gateway);
    await late.subscribe(['Logs/Info'], { since: { 'Logs/Info': client.of('event')[1]!.cursor } });
    await until(() => late.numbers().length === 1);
    expect(late.numbers()).toEqual([2]);
  });
});

test("an answer's response is the studio's own bytes, too", async () => {
  const odd = '{ "DeviceName" : "x", "Big":12345678901234567890 , "n":1.0 }';
  const { gateway } = await startScripted(() => ({
    GetDeviceName: ({ connection, trackId }) =>
      connection.raw(
        frame(2, `{"Status":"Ok","TrackId":${JSON.stringify(trackId)},"Version":1,"Response":${odd}}`),
      ),
  }));
  const client = await EventClient.connect(gateway);
  client.send({ op: 'command', id: 1, command: 'GetDeviceName', arguments: { DeviceId: 1 } });
  await until(() => client.messages.length === 1);
  expect(client.texts[0]).toBe(`{"op":"response","id":1,"status":200,"response":${odd}}`);
});
