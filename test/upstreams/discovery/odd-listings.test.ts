// @module-tag extended
import { describe, expect, test } from 'vitest';
import { EventClient } from '../../support/event-client.js';
import { problemOf, startScripted, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { errorFrame, eventFrame, topicsAsked, topicsOf } from '../../support/scripted-server.js';
import type { ReceivedCommand, ScriptedServer } from '../../support/scripted-server.js';

const refuse = (command: ReceivedCommand): void =>
  command.connection.raw(errorFrame(command, 'Unknown command'));

/** The studio's offers, as wildcards see them. */
const offers = (gateway: Gateway): readonly string[] => gateway.rcsp.events.offers;

const warnings = (gateway: Gateway, what: string): unknown[] =>
  gateway.log.filter((line) => line['level'] === 40 && line['what'] === what);

describe('a studio that does not say what it publishes', () => {
  test.each([
    ['refuses ListPublishers', () => ({ ListPublishers: refuse })],
    [
      'lists no publishers',
      (server: ScriptedServer) => ({
        ListPublishers: (command: ReceivedCommand) => server.ok(command, { Publishers: null }),
      }),
    ],
  ])('and %s has the publishers of the specification', async (_, script) => {
    const { gateway, server } = await startScripted((each) => ({
      ListDevices: (command) => each.ok(command, { Devices: [{ DeviceId: 7 }] }),
      ...script(each),
    }));
    const client = await EventClient.connect(gateway);
    const { channels } = await client.subscribe(['Logs/*', 'devices/*/DeviceLogs/*']);
    expect(channels.map(({ cursors }) => Object.keys(cursors).sort())).toEqual([
      ['Logs/Error', 'Logs/Info', 'Logs/Warning'],
      [
        'devices/7/DeviceLogs/Debug',
        'devices/7/DeviceLogs/Error',
        'devices/7/DeviceLogs/Info',
        'devices/7/DeviceLogs/Warning',
      ],
    ]);
    await until(() => topicsAsked(server, 'DeviceSubscribe').includes('DeviceLogs/Debug'));
    server
      .named('Subscribe')
      .at(-1)!
      .connection.raw(eventFrame('Logs', 'Error', { n: 1 }));
    await until(() => client.numbers('Logs/Error').length === 1);
  });
});

test('a studio that refuses ListDevices keeps the subscriptions of its devices', async () => {
  const { gateway, server } = await startScripted(() => ({ ListDevices: refuse }));
  const client = await EventClient.connect(gateway);
  await client.subscribe(['devices/3/DeviceLogs/Info']);
  await gateway.rcsp.discovery.refresh();
  const { connection } = await server.received('DeviceSubscribe');
  connection.raw(eventFrame('DeviceEvents', 'Connected', { DeviceId: 9 }));
  await until(() => server.named('ListDevices').length > 2);
  await client.roundTrip();
  expect(server.named('DeviceUnsubscribe')).toEqual([]);
  connection.raw(eventFrame('DeviceEvents', 'Connected', { DeviceId: 3 }));
  await server.received('DeviceSubscribe', 2);
  connection.raw(eventFrame('DeviceLogs', 'Info', { DeviceId: 3, n: 1 }));
  await until(() => client.numbers('devices/3/DeviceLogs/Info').length === 1);
});

test('odd listings break nothing, and what can be read of them counts', async () => {
  const odd = ['a/b', 'c d', '100%', '*', '😀', '', 'x'.repeat(600), 7, null];
  const { gateway } = await startScripted((each) => ({
    ListDevices: (command) =>
      each.ok(command, {
        Devices: [{ DeviceId: '12', DeviceType: 'Toaster' }, { DeviceId: 'x' }, { DeviceId: -1 }, null, 5],
      }),
    ListPublishers: (command) => each.ok(command, { Publishers: [{ Publisher: 'P', Topics: odd }, null] }),
    ListCommands: (command) => each.ok(command, { Commands: null }),
    ListErrorCodes: (command) => each.ok(command, { ErrorCodes: 'none' }),
    ListDeviceCommands: (command) => each.ok(command, []),
  }));
  const names = ['P/a%2Fb', 'P/c d', 'P/100%25', 'P/%2A', 'P/😀'];
  expect(offers(gateway)).toEqual([...names, ...names.map((name) => `devices/12/${name}`)]);
  const client = await EventClient.connect(gateway);
  const { channels } = await client.subscribe(['*/*']);
  expect(Object.keys(channels[0]!.cursors).sort()).toEqual([...names].sort());
  expect((await gateway.get('/ready')).status).toBe(200);
  expect((await gateway.get('/openapi.json')).status).toBe(200);
});

test('listings are bounded, which is logged once', async () => {
  const { gateway } = await startScripted((each) => ({
    ListDevices: (command) =>
      each.ok(command, { Devices: Array.from({ length: 20_000 }, (_, DeviceId) => ({ DeviceId })) }),
    ListPublishers: (command) => {
      const isServer = command.args === undefined;
      const Topics = Array.from({ length: isServer ? 9_500 : 2 }, (_, n) => `t${n}`);
      each.ok(command, { Publishers: [{ Publisher: 'P', Topics }] });
    },
    ListCommands: (command) =>
      each.ok(command, { Commands: Array.from({ length: 3000 }, (_, n) => ({ Command: `C${n}` })) }),
  }));
  const { discovery } = gateway.rcsp;
  await discovery.refresh('devices');
  expect(discovery.deviceIds).toHaveLength(1000);
  expect(discovery.unlisted).toHaveLength(2000);
  expect(discovery.offers).toHaveLength(10_000);
  for (const what of ['Devices', 'Commands', 'channels']) expect(warnings(gateway, what)).toHaveLength(1);
});

test('more topics than one request may name are a 400', async () => {
  const { gateway, server } = await startScripted(() => ({}));
  const subscriptions = server.named('Subscribe').length;
  const Topics = Array.from({ length: 501 }, (_, n) => `t${n}`);
  const Publishers = [
    { Publisher: 'A', Topics },
    { Publisher: 'B', Topics },
  ];
  const problem = problemOf(await gateway.post('/v1/subscribe', { Publishers }));
  expect(problem).toMatchObject({ status: 400, code: 'Invalid request', outcome: 'not-sent' });
  expect(problem.errors).toEqual([
    { path: 'body.Publishers', reason: 'more than 1000 topics in one request' },
  ]);
  expect(server.named('Subscribe')).toHaveLength(subscriptions);
});

test('one refused topic among many is found by halving', async () => {
  const { gateway, server } = await startScripted((each) => ({
    Subscribe: (command) => (topicsOf(command.args).includes('P/t77') ? refuse(command) : each.ok(command)),
  }));
  const before = server.named('Subscribe').length;
  const Publishers = [{ Publisher: 'P', Topics: Array.from({ length: 512 }, (_, n) => `t${n}`) }];
  expect((await gateway.post('/v1/subscribe', { Publishers })).status).toBe(404);
  expect(server.named('Subscribe').length - before).toBeLessThanOrEqual(2 * 9 + 1);
});
