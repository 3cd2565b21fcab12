import { describe, expect, test } from 'vitest';
import { jsonRejection } from '../../src/util/client-json.js';
import { parseArguments } from '../../src/cli/call.js';
import { EventClient } from '../support/event-client.js';
import { problemOf, startScripted } from '../support/gateway.js';

const reason = (json: string): string | undefined => jsonRejection(JSON.parse(json), json);

describe('a number in JSON', () => {
  test.each([
    '12345678901234567890',
    '-9007199254740993',
    '[1,{"a":9007199254740993}]',
    '1e400',
    '-1E+309',
    '{"text":"\\"","n":9223372036854775807}',
  ])('a number that JavaScript would change is found: %s', (json) => {
    expect(reason(json)).toMatch(/^holds the number -?[\dE+e]+, /);
  });

  test.each([
    '9007199254740992',
    '12345678901234567000',
    '1e300',
    '1e-400',
    '0.1234567890123456789',
    '1000000000000000000000',
    '"12345678901234567890"',
    '{"12345678901234567890":"\\\\"}',
    '["\\"12345678901234567890",1]',
    JSON.stringify('\\"'.repeat(300_000) + '12345678901234567890'),
  ])('a number that JavaScript keeps is accepted: %.40s', (json) => {
    expect(reason(json)).toBeUndefined();
  });
});

describe('is refused, and nothing is sent', () => {
  const big = '12345678901234567890';

  test('over HTTP', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const raw = `{"Arguments":{"UserData":{"serial":${big}}}}`;
    const reply = await gateway.ask('POST', '/v1/commands/Ghost', {
      raw,
      headers: { 'content-type': 'application/json' },
    });
    expect(problemOf(reply)).toMatchObject({ code: 'Invalid request', outcome: 'not-sent' });
    expect(problemOf(reply).detail).toContain(big);
    expect(server.named('Ghost')).toEqual([]);
  });

  test('over a WebSocket', async () => {
    const { gateway, server } = await startScripted(() => ({}));
    const client = await EventClient.connect(gateway);
    client.socket.send(`{"op":"command","id":1,"command":"Ghost","arguments":{"n":${big}}}`);
    await client.roundTrip();
    expect(client.of('error')).toMatchObject([
      { id: 1, error: { code: 'Invalid request', command: 'Ghost', outcome: 'not-sent' } },
    ]);
    expect(server.named('Ghost')).toEqual([]);
  });

  test('on the command line', () => {
    expect(() => parseArguments('Ghost', [`n=${big}`])).toThrow(`n holds the number ${big}`);
    expect(parseArguments('Ghost', [`n="${big}"`])).toEqual({ n: big });
  });
});

test('a forbidden property name is refused by name', async () => {
  const { gateway } = await startScripted(() => ({}));
  const raw = '{"Arguments":{"__proto__":{}}}';
  const reply = await gateway.ask('POST', '/v1/commands/Ghost', {
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect(problemOf(reply).detail).toContain('"__proto__"');
});

test('a command over a WebSocket that makes no sense was not sent', async () => {
  const { gateway } = await startScripted(() => ({}));
  const client = await EventClient.connect(gateway);
  client.send({ op: 'command', id: 1, command: 'Info', timeoutMs: 0 });
  await client.roundTrip();
  expect(client.of('error')).toMatchObject([{ id: 1, error: { outcome: 'not-sent' } }]);
});
