import { describe, expect, test } from 'vitest';
import { EventClient, epochOf, seqOf } from '../../support/event-client.js';
import { counting, problemOf, startBoth, until } from '../../support/gateway.js';

describe('subscribing', () => {
  test('subscribing is answered with the place of every channel, and events follow from there', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway);
    const { channels } = await client.subscribe(['Logs/Info', 'devices/2/DeviceLogs/Error']);
    expect(channels.map(({ channel }) => channel)).toEqual(['Logs/Info', 'devices/2/DeviceLogs/Error']);
    const cursor = channels[0]!.cursors['Logs/Info']!;
    expect(Object.keys(channels[1]!.cursors)).toEqual(['devices/2/DeviceLogs/Error']);
    const before = Date.now();
    simulator.emit('Logs', 'Info', { n: 1, LogMsg: 'ö' });
    simulator.emit('DeviceLogs', 'Error', { n: 2 }, 2);
    await until(() => client.of('event').length === 2);
    expect(client.of('event')).toEqual([
      {
        op: 'event',
        channel: 'Logs/Info',
        cursor: `${epochOf(cursor)}:${seqOf(cursor) + 1}`,
        receivedAt: expect.any(Number) as number,
        event: { Publisher: 'Logs', Topic: 'Info', EventData: { n: 1, LogMsg: 'ö' } },
      },
      expect.objectContaining({
        channel: 'devices/2/DeviceLogs/Error',
        event: { Publisher: 'DeviceLogs', Topic: 'Error', EventData: { DeviceId: 2, n: 2 } },
      }),
    ]);
    const [first] = client.of('event');
    expect(first!.receivedAt).toBeGreaterThanOrEqual(before);
    expect(first!.receivedAt).toBeLessThanOrEqual(Date.now());
  });

  test('to a wildcard tells the place of each channel that it stands for', async () => {
    const { gateway } = await startBoth();
    const client = await EventClient.connect(gateway);
    const { channels } = await client.subscribe(['Logs/*']);
    expect(Object.keys(channels[0]!.cursors).sort()).toEqual(['Logs/Error', 'Logs/Info', 'Logs/Warning']);
  });

  test('in several ways to one channel gives each event once', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info', 'Logs/*', 'Logs/Info']);
    await client.subscribe(['*/*', '*/Info']);
    for (const n of [1, 2, 3]) simulator.emit('Logs', 'Info', { n });
    await until(() => client.numbers().length >= 3);
    await client.roundTrip();
    expect(client.numbers('Logs/Info')).toEqual([1, 2, 3]);
    await client.unsubscribe('Logs/*', '*/Info', '*/*');
    simulator.emit('Logs', 'Info', { n: 4 });
    await until(() => client.numbers().length >= 4);
    expect(client.numbers('Logs/Info')).toEqual([1, 2, 3, 4]);
  });

  test('and unsubscribing at once leaves nothing', async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 });
    const client = await EventClient.connect(gateway);
    client.send({ op: 'subscribe', id: 's', channels: ['Logs/Info'] });
    const answer = await client.unsubscribe('Logs/Info');
    expect(client.messages.map(({ op }) => op)).toEqual(['subscribed', 'unsubscribed']);
    expect(answer).toMatchObject({ op: 'unsubscribed', channels: ['Logs/Info'] });
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 0);
    expect(client.of('event')).toEqual([]);
  });

  test('of many channels is all or nothing', async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 });
    const client = await EventClient.connect(gateway);
    const answer = await client.ask({ op: 'subscribe', channels: ['Logs/Info', 'Logs/Gossip'] });
    expect(answer).toMatchObject({ op: 'error', error: { code: 'Invalid value', outcome: 'rejected' } });
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 0);
    simulator.emit('Logs', 'Info', { n: 1 });
    await client.roundTrip();
    expect(client.of('event')).toEqual([]);
  });

  test('again is answered again and replays nothing that was heard', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway);
    const { channels } = await client.subscribe(['Logs/Info']);
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => client.of('event').length === 1);
    await client.subscribe(['Logs/Info'], { since: channels[0]!.cursors });
    await client.roundTrip();
    expect(client.numbers()).toEqual([1]);
  });

  test('to more than may be is refused, and what was subscribed stays', async () => {
    const { gateway, simulator } = await startBoth({ maxSubscriptions: 3 });
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info', 'Logs/Error']);
    const channels = ['Logs/Warning', 'DeviceEvents/*'];
    expect(await client.ask({ op: 'subscribe', channels })).toMatchObject({
      op: 'error',
      error: { code: 'Too many requests', status: 429 },
    });
    await client.subscribe(['Logs/Info', 'Logs/Warning']);
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => client.numbers('Logs/Info').length === 1);
  });

  test.each(['$gateway/nonsense', '$own/upstream'])(
    'to %s, which is not there, is an error',
    async (name) => {
      const { gateway } = await startBoth();
      const client = await EventClient.connect(gateway);
      expect(await client.ask({ op: 'subscribe', channels: [name] })).toMatchObject({
        op: 'error',
        error: { code: 'Invalid request' },
      });
    },
  );
});

describe('a command', () => {
  test('a command is answered with the status and the response of the studio', async () => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway);
    const named = await client.ask({ op: 'command', command: 'GetDeviceName', arguments: { DeviceId: 1 } });
    const { name } = simulator.world.devices.get(1)!;
    expect(named).toMatchObject({ op: 'response', status: 200, response: { DeviceName: name } });
    const set = { op: 'command', command: 'SetDeviceName', arguments: { DeviceId: 1, DeviceName: 'Left' } };
    expect(await client.ask(set)).toMatchObject({ op: 'response', status: 204, response: null });
    expect(simulator.world.devices.get(1)!.name).toBe('Left');
  });

  test('that the studio rejects is an error with the outcome', async () => {
    const { gateway } = await startBoth();
    const client = await EventClient.connect(gateway);
    const lost = { op: 'command', command: 'GetDeviceName', arguments: { DeviceId: 99 } };
    expect(await client.ask(lost)).toMatchObject({
      op: 'error',
      error: { code: 'Device not found', status: 404, outcome: 'rejected', command: 'GetDeviceName' },
    });
  });

  test.each([
    [{ command: 'GetDeviceName', arguments: { DeviceId: 'one' } }, 'DeviceId'],
    [{ command: 'GetDeviceName' }, 'DeviceId'],
    [{ command: 'SetDeviceName', arguments: { DeviceId: 1, DeviceName: 7 } }, 'DeviceName'],
  ])('that does not fit (%j) never reaches the studio', async (wanted, where) => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway);
    const count = counting(simulator);
    const answer = await client.ask({ op: 'command', ...wanted });
    expect(answer).toMatchObject({ op: 'error', error: { code: 'Invalid request', status: 400 } });
    expect(JSON.stringify(answer)).toContain(where);
    expect(count(wanted.command)).toBe(0);
  });

  test('a command takes no longer than it may', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'hang', command: 'GetDeviceName', count: 1 });
    const client = await EventClient.connect(gateway);
    const wanted = { command: 'GetDeviceName', arguments: { DeviceId: 1 }, timeoutMs: 100 };
    expect(await client.ask({ op: 'command', ...wanted })).toMatchObject({
      op: 'error',
      error: { code: 'Timeout', outcome: 'no-answer' },
    });
  });

  test('beyond the 32 in flight is refused; the others are not', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'hang', command: 'GetDeviceName' });
    const client = await EventClient.connect(gateway);
    const wanted = { op: 'command', command: 'GetDeviceName', arguments: { DeviceId: 1 }, timeoutMs: 300 };
    for (let id = 1; id <= 33; id++) client.send({ ...wanted, id });
    await client.roundTrip();
    expect(client.of('error')).toMatchObject([
      { id: 33, error: { code: 'Too many requests', status: 429, outcome: 'not-sent' } },
    ]);
    await until(() => client.of('error').length === 33);
    expect(new Set(client.of('error').map(({ id }) => id)).size).toBe(33);
    simulator.faults.clear();
    simulator.dropConnections();
    await until(async () => (await client.ask({ op: 'command', command: 'Info' })).op === 'response');
  });
});

describe('a message that is not understood', () => {
  const cases: [string, string, string | number | null][] = [
    ['no JSON', 'hello', null],
    ['nothing', '', null],
    ['no object', '[1]', null],
    ['null', 'null', null],
    ['an unknown op', '{"op":"dance","id":"x"}', 'x'],
    ['no op', '{"id":7}', 7],
    ['an unknown key', '{"op":"ping","id":8,"loud":true}', 8],
    ['an unknown key of a subscription', '{"op":"subscribe","id":9,"channel":"Logs/Info"}', 9],
    ['a bad channel', '{"op":"subscribe","id":10,"channels":["Logs"]}', 10],
    ['a bad device', '{"op":"subscribe","id":10,"channels":["devices/x/DeviceLogs/Info"]}', 10],
    ['no channels', '{"op":"subscribe","id":11,"channels":[]}', 11],
    ['a bad cursor', '{"op":"subscribe","id":12,"channels":["Logs/Info"],"since":{"Logs/Info":"now"}}', 12],
    ['a bad mode', '{"op":"subscribe","id":13,"channels":["Logs/Info"],"mode":"some"}', 13],
    ['a bad rate', '{"op":"subscribe","id":14,"channels":["Logs/Info"],"mode":{"maxRateHz":0}}', 14],
    ['an id that is none', '{"op":"ping","id":{}}', null],
  ];
  test.each(cases)('(%s) is an error with the id that it had, and ends nothing', async (_, text, id) => {
    const { gateway } = await startBoth();
    const client = await EventClient.connect(gateway);
    client.send(text);
    await until(() => client.messages.length === 1);
    expect(client.messages).toMatchObject([
      { op: 'error', id, error: { code: 'Invalid request', status: 400 } },
    ]);
    await client.roundTrip();
  });

  test('a binary message is one, even with JSON in it', async () => {
    const { gateway } = await startBoth();
    const client = await EventClient.connect(gateway);
    client.socket.send(Buffer.from('{"op":"ping","id":1}'), { binary: true });
    await until(() => client.messages.length === 1);
    expect(client.messages).toMatchObject([{ op: 'error', id: null }]);
    await client.roundTrip();
  });

  test('one over 64 KiB closes the connection with 1009, and no other one', async () => {
    const { gateway } = await startBoth();
    const [large, other] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
    large.send('x'.repeat(64 * 1024));
    await until(() => large.messages.length === 1);
    large.send('x'.repeat(64 * 1024 + 1));
    expect(await large.closed).toMatchObject({ code: 1009 });
    await other.roundTrip();
  });
});

test.each([['text'], [17], [null]])('a ping with the id %j gets its pong', async (id) => {
  const { gateway } = await startBoth();
  const client = await EventClient.connect(gateway);
  client.send({ op: 'ping', id });
  await until(() => client.messages.length === 1);
  expect(client.messages).toEqual([{ op: 'pong', id }]);
});

describe('a channel in the path', () => {
  test.each([
    ['Logs/Info', ['Logs/Info']],
    ['devices/1/DeviceLogs/Info', ['devices/1/DeviceLogs/Info']],
    ['Logs/*', ['Logs/Info', 'Logs/Error', 'Logs/Warning']],
    ['devices/*/DeviceLogs/Info', [1, 2, 3, 4].map((id) => `devices/${id}/DeviceLogs/Info`)],
  ])('%s is subscribed at once', async (path, names) => {
    const { gateway, simulator } = await startBoth();
    const client = await EventClient.connect(gateway, `/v1/ws/${path}`);
    await until(() => client.messages.length === 1);
    const [subscribed] = client.of('subscribed');
    expect(subscribed).toMatchObject({ id: null, channels: [{ channel: path }] });
    expect(Object.keys(subscribed!.channels[0]!.cursors).sort()).toEqual([...names].sort());
    if (path.startsWith('Logs')) simulator.emit('Logs', 'Info', { n: 1 });
    else simulator.emit('DeviceLogs', 'Info', { n: 1 }, 1);
    await until(() => client.numbers().length === 1);
    await client.subscribe(['Logs/Error']);
  });

  test.each([
    ['Logs', 404],
    ['Logs/Info/More', 404],
    ['devices/x/DeviceLogs/Info', 400],
    ['devices/01/DeviceLogs/Info', 400],
    ['Logs/a%2Fb', 400],
  ])('%s is refused before the upgrade', async (path, status) => {
    const { gateway } = await startBoth();
    const refused = await EventClient.refused(gateway, `/v1/ws/${path}`);
    expect(refused).toMatchObject({ status, json: { status } });
  });

  test('that the studio refuses is told by an error', async () => {
    const { gateway } = await startBoth();
    const client = await EventClient.connect(gateway, '/v1/ws/Logs/Gossip');
    await until(() => client.messages.length === 1);
    expect(client.messages).toMatchObject([{ op: 'error', id: null, error: { code: 'Invalid value' } }]);
  });

  test.each(['/v1/ws', '/v1/ws/Logs/Info'])('GET %s without an upgrade is a problem', async (path) => {
    const { gateway } = await startBoth();
    expect(problemOf(await gateway.get(path))).toMatchObject({ status: 400, code: 'Invalid request' });
  });
});

test('one client more than may be is refused with 503 at the upgrade, until another leaves', async () => {
  const { gateway } = await startBoth({ maxClients: 2 });
  const first = await EventClient.connect(gateway);
  await EventClient.connect(gateway);
  const refused = await EventClient.refused(gateway, '/v1/ws');
  expect(refused).toMatchObject({ status: 503, json: { code: 'Too busy' } });
  expect(problemOf(await gateway.get('/v1/events?channel=Logs/Info')).status).toBe(503);
  first.socket.close();
  await until(async () => (await gateway.metric('rcsp_gateway_event_clients')) === 1);
  await EventClient.connect(gateway);
});
