import { expect, test } from 'vitest';
import { EventClient } from '../../support/event-client.js';
import { startScripted, until } from '../../support/gateway.js';
import { frame } from '../../support/scripted-server.js';
import type { ScriptedServer } from '../../support/scripted-server.js';

const OK = 2;
const EVENT = 4;

/** On the connection for events; each character is one byte. */
function publish(server: ScriptedServer, latin1: string): void {
  const { connection } = server.named('Subscribe').at(-1)!;
  connection.raw(frame(EVENT, Buffer.from(latin1, 'latin1')));
}

const event = (data: string): string => `{"Publisher":"Logs","Topic":"Info","EventData":${data}}`;

test('events that no JSON parser could read arrive repaired, are counted, and are logged once a kind', async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const client = await EventClient.connect(gateway);
  await client.subscribe(['Logs/Info']);
  for (let i = 0; i < 3; i++) publish(server, event('{"LogMsg":"bad \xe9","v":1.0}'));
  publish(server, event('{"X":nan,"Y":0.50,"Z":-nan(ind)}'));
  publish(server, `\xef\xbb\xbf${event('"bom"')}\0\0`);
  publish(server, event('"two\nlines"'));
  await until(() => client.of('event').length === 6);
  expect(client.of('gap')).toEqual([]);
  const texts = client.texts.slice(1).map((text) => text.slice(text.indexOf('"event":{') + 8, -1));
  expect(texts).toEqual([
    ...Array.from({ length: 3 }, () => event('{"LogMsg":"bad \ufffd","v":1.0}')),
    event('{"X":null,"Y":0.50,"Z":null}'),
    event('"bom"'),
    event('"two\\nlines"'),
  ]);
  const kinds = { 'utf-8': 3, number: 1, padding: 1, control: 1 };
  for (const [kind, count] of Object.entries(kinds)) {
    expect(await gateway.metric(`rcsp_gateway_repaired_payloads_total{kind="${kind}"}`)).toBe(count);
  }
  const logged = gateway.log.filter((line) => line['level'] === 40 && 'at' in line);
  expect(logged.map(({ kind, at }) => [kind, at])).toEqual([
    ['utf-8', 62],
    ['number', 52],
    ['padding', 0],
    ['control', 51],
  ]);
  expect(logged[0]).toHaveProperty('msg', 'a payload of the studio is not UTF-8 at byte 62; it is repaired');
});

test('an answer in Latin-1, with NaN and padding, is a 200 with valid JSON', async () => {
  const { gateway } = await startScripted(() => ({
    GetDeviceName: ({ connection, trackId }) => {
      const payload = `{"Status":"Ok","TrackId":"${trackId}","Response":{"DeviceName":"M\xfcller","X":-inf}}\0`;
      connection.raw(frame(OK, Buffer.from(payload, 'latin1')));
    },
  }));
  const { status, text } = await gateway.get('/v1/devices/1/name');
  expect([status, text]).toEqual([200, '{"DeviceName":"M\ufffdller","X":null}']);
});

test("an event that stays unreadable is a gap of its own publisher's channels only", async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const client = await EventClient.connect(gateway);
  await client.subscribe(['Logs/Info', 'Logs/Error', 'Other/Topic']);
  publish(server, '{"Publisher":"Logs","Topic":"Info",}');
  publish(server, '{"Publisher":"Other","Topic":"Topic"}');
  await until(() => client.of('event').length === 1);
  const channels = client.of('gap').map(({ channel }) => channel);
  expect(channels.sort()).toEqual(['Logs/Error', 'Logs/Info']);
});
