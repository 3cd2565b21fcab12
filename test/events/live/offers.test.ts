import { describe, expect, test } from 'vitest';
import { EventClient } from '../../support/event-client.js';
import { startScripted, until } from '../../support/gateway.js';
import type { Gateway } from '../../support/gateway.js';
import { errorFrame, eventFrame, topicsAsked, topicsOf } from '../../support/scripted-server.js';
import type { ScriptedServer } from '../../support/scripted-server.js';

interface Studio {
  readonly gateway: Gateway;
  readonly server: ScriptedServer;
  /** What the server publishes, and what device 7 does; anything else is refused. */
  readonly offered: Set<string>;
  readonly ofDevice: Set<string>;
}

/** A studio whose lists of publishers the test changes while it runs. */
async function start(...names: string[]): Promise<Studio> {
  const offered = new Set(names);
  const ofDevice = new Set(['DeviceLogs/Info']);
  const offer = (args: unknown): Set<string> =>
    args !== null && typeof args === 'object' && 'DeviceId' in args ? ofDevice : offered;
  const { gateway, server } = await startScripted((each) => ({
    ListDevices: (command) => each.ok(command, { Devices: [{ DeviceId: 7 }] }),
    ListPublishers: (command) => {
      const Publishers = [...offer(command.args)].map((name) => {
        const [Publisher, topic] = name.split('/');
        return { Publisher, Topics: [topic] };
      });
      each.ok(command, { Publishers });
    },
    Subscribe: (command) => {
      if (topicsOf(command.args).every((name) => offered.has(name))) each.ok(command);
      else command.connection.raw(errorFrame(command, 'Invalid value'));
    },
  }));
  return { gateway, server, offered, ofDevice };
}

const asksForPublishers = (server: ScriptedServer): number => server.named('ListPublishers').length;

describe('what a studio comes to publish', { tags: ['extended'] }, () => {
  test('while it runs is heard by the wildcards that it fits', async () => {
    const { gateway, server, offered, ofDevice } = await start('Logs/Info');
    const client = await EventClient.connect(gateway);
    await client.subscribe(['*/*', 'devices/*/*/*']);
    offered.add('Fresh/Air');
    ofDevice.add('DeviceWind/Gust');
    await until(() => topicsAsked(server).includes('Fresh/Air'));
    await until(() => topicsAsked(server, 'DeviceSubscribe').includes('DeviceWind/Gust'));
    const { connection } = server.named('Subscribe').at(-1)!;
    connection.raw(eventFrame('Fresh', 'Air', { n: 1 }));
    connection.raw(eventFrame('DeviceWind', 'Gust', { n: 2 }));
    await until(() => client.numbers().length === 2);
    expect(client.of('event').map(({ channel }) => channel)).toEqual([
      'Fresh/Air',
      'devices/7/DeviceWind/Gust',
    ]);
    expect(client.of('gap')).toEqual([]);
  });

  test('what a studio comes to publish comes to those who named it before it was refused', async () => {
    const { gateway, server, offered } = await start('Logs/Info');
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info']);
    offered.delete('Logs/Info');
    server.named('Subscribe').at(-1)!.connection.destroy();
    await until(() => client.of('error').length === 1);
    expect(client.of('error')).toMatchObject([{ id: null, error: { code: 'Invalid value' } }]);
    offered.add('Logs/Info');
    await until(() => client.of('gap').length === 2);
    server
      .named('Subscribe')
      .at(-1)!
      .connection.raw(eventFrame('Logs', 'Info', { n: 1 }));
    await until(() => client.numbers('Logs/Info').length === 1);
    // One for the reconnect, one for the time that it was refused.
    const lost = { channel: 'Logs/Info', cause: 'upstream-lost' };
    expect(client.of('gap')).toMatchObject([lost, lost]);
  });

  test('what a studio comes to publish is asked for anew by whoever names it', async () => {
    const { gateway, server, offered } = await start('Logs/Info', 'Logs/Error');
    const [named, wild] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
    await named.subscribe(['Logs/Info']);
    await wild.subscribe(['Logs/*']);
    offered.delete('Logs/Info');
    server.named('Subscribe').at(-1)!.connection.destroy();
    await until(() => named.of('error').length === 1);
    const late = await EventClient.connect(gateway);
    expect(await late.ask({ op: 'subscribe', channels: ['Logs/Info'] })).toMatchObject({
      op: 'error',
      error: { code: 'Invalid value', outcome: 'rejected' },
    });
    offered.add('Logs/Info');
    await late.subscribe(['Logs/Info']);
    server
      .named('Subscribe')
      .at(-1)!
      .connection.raw(eventFrame('Logs', 'Info', { n: 1 }));
    for (const each of [named, wild, late]) await until(() => each.numbers('Logs/Info').length === 1);
  });

  test('what a studio comes to publish is looked for with every device that comes', async () => {
    const { gateway, server } = await start('Logs/Info', 'DeviceEvents/Connected');
    const asked = asksForPublishers(server);
    const { connection } = server.named('Subscribe').at(-1)!;
    connection.raw(eventFrame('DeviceEvents', 'Connected', { DeviceId: 7 }));
    await until(() => asksForPublishers(server) === asked + 2);
    expect(gateway.rcsp.events.isWatched).toBe(false);
  });
});

test('a studio that no longer says what it publishes is taken at its last word', async () => {
  const { gateway, server, offered } = await start('Logs/Info');
  const { discovery } = gateway.rcsp;
  server.onCommand = (command) => command.connection.raw(errorFrame(command, 'Busy'));
  offered.clear();
  await discovery.refresh('publishers');
  await discovery.refresh('devices');
  expect(discovery.publishers).toEqual([{ publisher: 'Logs', topics: ['Info'] }]);
  expect([...discovery.devicePublishers]).toEqual([[7, [{ publisher: 'DeviceLogs', topics: ['Info'] }]]]);
  const warnings = gateway.lines.filter((line) => line.includes('does not say what it can do'));
  expect(warnings.filter((line) => line.includes('"level":40'))).toHaveLength(2);
});

describe('a pattern that stands for nothing', () => {
  test('is answered with the nearest offered channel on the WebSocket', async () => {
    const { gateway } = await start('Logs/Info', 'Weather/Rain');
    const client = await EventClient.connect(gateway);
    const channels = ['Lgos/*', 'Nothing/*', 'Devicelogs/*', 'Weather/*'];
    expect(await client.ask({ op: 'subscribe', id: 1, channels })).toMatchObject({
      channels: [
        { channel: 'Lgos/*', cursors: {}, suggestion: 'Logs/*' },
        { channel: 'Nothing/*', cursors: {} },
        { channel: 'Devicelogs/*', cursors: {}, suggestion: 'devices/*/DeviceLogs/*' },
        { channel: 'Weather/*', cursors: { 'Weather/Rain': expect.any(String) } },
      ],
    });
  });

  test('is named in a comment of the event stream, in one line', async () => {
    const { gateway } = await start('Logs/Info');
    const query = 'channel=Lgos/*&channel=No%0Adata:x/*';
    const response = await fetch(`${gateway.url}/v1/events?${query}`);
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    expect(Buffer.from(value!).toString()).toBe(
      ': Lgos/*: no channel matches now; did you mean Logs/*\n' +
        ': No\\u000adata:x/*: no channel matches now\nretry: 2000\n\n',
    );
  });
});
