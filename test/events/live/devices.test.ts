import { expect, test } from 'vitest';
import { EventClient } from '../../support/event-client.js';
import { startScripted, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { eventFrame } from '../../support/scripted-server.js';
import type { ReceivedCommand, ScriptedServer } from '../../support/scripted-server.js';

const LOG = 'devices/*/DeviceLogs/Info';

/** A studio whose devices publish their log; the test says which are there. */
async function start(ids: ReadonlySet<number>): Promise<{ gateway: Gateway; server: ScriptedServer }> {
  const isOfDevice = ({ args }: ReceivedCommand): boolean =>
    typeof args === 'object' && args !== null && 'DeviceId' in args;
  const logs = { Publisher: 'DeviceLogs', Topics: ['Info'] };
  return startScripted((each) => ({
    ListDevices: (command) => each.ok(command, { Devices: [...ids].map((DeviceId) => ({ DeviceId })) }),
    ListPublishers: (command) => each.ok(command, { Publishers: isOfDevice(command) ? [logs] : [] }),
  }));
}

const subscribed = (server: ScriptedServer, id: number): number =>
  server.named('DeviceSubscribe').filter(({ args }) => JSON.stringify(args).includes(`"DeviceId":${id},`))
    .length;

test('a device that comes without an event is found', { tags: ['extended'] }, async () => {
  const ids = new Set([1]);
  const { gateway, server } = await start(ids);
  const client = await EventClient.connect(gateway);
  await client.subscribe([LOG]);
  ids.add(2);
  await until(() => subscribed(server, 2) === 1);
  server
    .named('DeviceSubscribe')
    .at(-1)!
    .connection.raw(eventFrame('DeviceLogs', 'Info', { DeviceId: 2, n: 1 }));
  await until(() => client.numbers('devices/2/DeviceLogs/Info').length === 1);
  expect(server.named('ListDeviceCommands').map(({ args }) => args)).toContainEqual({ DeviceId: 2 });
});

test('a device that comes again without having left is subscribed to anew, with a gap', async () => {
  const { gateway, server } = await start(new Set([1, 2]));
  const client = await EventClient.connect(gateway);
  await client.subscribe([LOG, 'devices/1/DeviceLogs/Error']);
  const [asked, asked2] = [subscribed(server, 1), subscribed(server, 2)];
  const { connection } = server.named('Subscribe').at(-1)!;
  connection.raw(eventFrame('DeviceEvents', 'Connected', { DeviceId: 1 }));
  await until(() => subscribed(server, 1) > asked);
  connection.raw(eventFrame('DeviceLogs', 'Info', { DeviceId: 1, n: 1 }));
  await until(() => client.numbers().length === 1);
  const gaps = client.of('gap').map(({ channel, cause }) => [channel, cause]);
  expect(gaps.toSorted()).toEqual([
    ['devices/1/DeviceLogs/Error', 'upstream-lost'],
    ['devices/1/DeviceLogs/Info', 'upstream-lost'],
  ]);
  expect(subscribed(server, 2)).toBe(asked2);
});

test('an event that may be of several devices is a gap for each of them', async () => {
  const { gateway, server } = await start(new Set([1, 2]));
  const [both, other] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
  await both.subscribe(['devices/1/DeviceEvents/ButtonPushed', 'devices/2/DeviceEvents/ButtonPushed']);
  await other.subscribe(['devices/1/DeviceLogs/Info']);
  const { connection } = server.named('DeviceSubscribe').at(-1)!;
  for (const n of [1, 2]) connection.raw(eventFrame('DeviceEvents', 'ButtonPushed', { n }));
  connection.raw(eventFrame('DeviceEvents', 'ButtonPushed', { DeviceId: 2, n: 3 }));
  await until(() => both.numbers().length === 1);
  const told = both.of('gap').map(({ channel, cause }) => [channel, cause]);
  const each = [1, 2].map((id) => [`devices/${id}/DeviceEvents/ButtonPushed`, 'upstream-lost']);
  expect(told).toEqual([...each, ...each]);
  expect(both.of('event')).toMatchObject([{ channel: 'devices/2/DeviceEvents/ButtonPushed' }]);
  await other.roundTrip();
  expect(other.of('gap')).toEqual([]);
  const warnings = gateway.lines.filter((line) => line.includes('of which device'));
  expect(warnings).toHaveLength(1);
});
