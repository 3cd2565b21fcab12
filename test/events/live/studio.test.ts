import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EventClient, SseClient, epochOf, seqOf } from '../../support/event-client.js';
import {
  counting,
  startBoth,
  startGateway,
  startScripted,
  startSimulator,
  settled,
  until,
} from '../../support/gateway.js';
import { eventFrame, freePort, topicsAsked, topicsOf } from '../../support/scripted-server.js';

const UPSTREAM = '$gateway/upstream';

function states(client: EventClient): unknown[] {
  return client
    .eventsOf(UPSTREAM)
    .map(({ event }) => z.looseObject({ state: z.string() }).parse(event['EventData']).state);
}

describe('when the studio is lost and comes back', () => {
  test('clients are told, and each channel has one gap and a new epoch', async () => {
    const { gateway, simulator } = await startBoth();
    const clients = await Promise.all([EventClient.connect(gateway), EventClient.connect(gateway)]);
    const [first] = clients;
    await first.subscribe(['Logs/Info', 'Logs/Error', 'devices/1/DeviceLogs/Info', UPSTREAM]);
    await clients[1].subscribe(['Logs/Info', 'Logs/Info', 'Logs/*', UPSTREAM]);
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => clients.every((each) => each.numbers('Logs/Info').length === 1));
    const old = first.eventsOf('Logs/Info')[0]!.cursor;
    simulator.dropConnections();
    await until(() => clients.every((each) => states(each).length === 3));
    for (const each of clients) expect(states(each)).toEqual(['connected', 'disconnected', 'connected']);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 1);
    simulator.emit('Logs', 'Info', { n: 2 });
    await until(() => clients.every((each) => each.numbers('Logs/Info').length === 2));
    const gaps = first.of('gap');
    expect(gaps.map(({ channel }) => channel).sort()).toEqual([
      'Logs/Error',
      'Logs/Info',
      'devices/1/DeviceLogs/Info',
    ]);
    expect(
      clients[1]
        .of('gap')
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual(['Logs/Error', 'Logs/Info', 'Logs/Warning']);
    const { cursor } = first.eventsOf('Logs/Info')[1]!;
    expect(epochOf(cursor)).not.toBe(epochOf(old));
    expect(gaps.find(({ channel }) => channel === 'Logs/Info')).toEqual({
      op: 'gap',
      channel: 'Logs/Info',
      from: `${epochOf(old)}:${seqOf(old) + 1}`,
      to: `${epochOf(cursor)}:${seqOf(cursor) - 1}`,
      cause: 'upstream-lost',
    });
    // The gap comes before what follows it.
    const order = first.messages.flatMap((each) =>
      'channel' in each && each.channel === 'Logs/Info' ? [each.op] : [],
    );
    expect(order).toEqual(['event', 'gap', 'event']);
  });

  test('an old cursor gets the gap, too, and what came after it', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await EventClient.connect(gateway);
    await first.subscribe(['Logs/Info']);
    for (const n of [1, 2, 3]) simulator.emit('Logs', 'Info', { n });
    await until(() => first.numbers().length === 3);
    simulator.dropConnections();
    await until(() => first.of('gap').length === 1);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { n: 4 });
    await until(() => first.numbers().length === 4);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['Logs/Info'], { since: { 'Logs/Info': first.of('event')[0]!.cursor } });
    await until(() => second.numbers().length === 3);
    expect(second.messages.slice(1)).toEqual(first.messages.slice(2));
  });

  test('when the studio is lost and comes back as another process on the same port, everything is subscribed anew', async () => {
    const { simulator, port } = await startSimulator();
    const gateway = await startGateway(port);
    await settled(gateway);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/*', 'devices/2/DeviceLogs/Info', UPSTREAM]);
    const stream = await SseClient.open(gateway, '/v1/events/Logs/Info');
    await until(() => simulator.subscriptionCount('Logs', 'Warning') === 1);
    await simulator.close();
    await until(() => states(client).includes('disconnected'));
    const { simulator: next } = await startSimulator({ port });
    await until(() => states(client).length === 3);
    await until(() => next.subscriptionCount('Logs', 'Warning') === 1);
    await until(() => next.subscriptionCount('DeviceLogs', 'Info', 2) === 1);
    next.emit('Logs', 'Info', { n: 1 });
    next.emit('DeviceLogs', 'Info', { n: 2 }, 2);
    await until(() => client.numbers('devices/2/DeviceLogs/Info').length === 1);
    await until(() => stream.numbers().length === 1);
    expect(client.numbers('Logs/Info')).toEqual([1]);
    expect(stream.events.map(({ type }) => type)).toEqual(['gap', 'event']);
    expect(client.of('gap')).toHaveLength(4);
  });

  test('when the studio is lost and comes back subscriptions are the first that goes out on the new connection', async () => {
    const { gateway, server } = await startScripted((each) => ({
      ListPublishers: (command) =>
        each.ok(command, { Publishers: [{ Publisher: 'Logs', Topics: ['Info', 'Error'] }] }),
    }));
    const client = await EventClient.connect(gateway);
    await client.subscribe(['Logs/Info', 'Logs/*']);
    await until(() => topicsAsked(server).includes('Logs/Error'));
    const before = server.connections.length;
    server.named('Subscribe').at(-1)!.connection.destroy();
    await until(() => server.connections.slice(before).some(({ commands }) => commands.length > 0));
    await client.subscribe(['Logs/Warning']);
    const [restored] = server.connections.slice(before).filter(({ commands }) => commands.length > 0);
    const [first, second] = restored!.commands;
    expect(first!.name).toBe('Subscribe');
    expect(topicsOf(first!.args)).toEqual(expect.arrayContaining(['Logs/Info', 'Logs/Error']));
    expect(topicsOf(second!.args)).toEqual(['Logs/Warning']);
    restored!.raw(eventFrame('Logs', 'Info', { n: 1 }));
    await until(() => client.numbers('Logs/Info').length === 1);
    expect(
      client
        .of('gap')
        .map(({ channel }) => channel)
        .sort(),
    ).toEqual(['Logs/Error', 'Logs/Info']);
  });

  test('who subscribes without a studio is subscribed once it comes', async () => {
    const port = await freePort();
    const gateway = await startGateway(port);
    const client = await EventClient.connect(gateway);
    const answer = await client.subscribe(['Logs/Info', 'Logs/*', UPSTREAM]);
    expect(Object.keys(answer.channels[1]!.cursors)).toEqual([]);
    await until(() => states(client).length === 1);
    expect(states(client)).toEqual(['disconnected']);
    const { simulator } = await startSimulator({ port });
    await until(() => states(client).length === 2);
    await until(() => simulator.subscriptionCount('Logs', 'Warning') === 1);
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { n: 1 });
    simulator.emit('Logs', 'Warning', { n: 2 });
    await until(() => client.numbers('Logs/Warning').length === 1);
    expect(client.numbers('Logs/Info')).toEqual([1]);
  });

  test('a late listener hears how the connection stands now', async () => {
    const { gateway, simulator } = await startBoth();
    const first = await EventClient.connect(gateway, `/v1/ws/${UPSTREAM}`);
    simulator.dropConnections();
    await until(() => states(first).length === 3);
    const second = await EventClient.connect(gateway, `/v1/ws/${UPSTREAM}`);
    await until(() => states(second).length === 1);
    expect(second.of('event')[0]).toEqual(first.of('event').at(-1));
  });
});

describe('seen from the studio', () => {
  test(
    'two clients of a channel are one subscription, which ends a while after the last',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth({ linger: 1 });
      const count = counting(simulator);
      const [first, second] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
      await first.subscribe(['devices/1/DeviceLogs/Info']);
      await second.subscribe(['devices/1/DeviceLogs/Info']);
      const subscribed = (): number => simulator.subscriptionCount('DeviceLogs', 'Info', 1);
      expect([subscribed(), count('DeviceSubscribe')]).toEqual([1, 1]);
      first.socket.close();
      await first.closed;
      simulator.emit('DeviceLogs', 'Info', { n: 1 }, 1);
      await until(() => second.numbers().length === 1);
      const left = Date.now();
      await second.unsubscribe('devices/1/DeviceLogs/Info');
      simulator.emit('DeviceLogs', 'Info', { n: 2 }, 1);
      await second.roundTrip();
      expect(subscribed()).toBe(1);
      await until(() => subscribed() === 0);
      expect(Date.now() - left).toBeGreaterThanOrEqual(950);
      expect(second.numbers()).toEqual([1]);
      expect(count('DeviceUnsubscribe')).toBe(1);
    },
  );

  test('who comes back within the while keeps the subscription, and misses nothing', async () => {
    const { gateway, simulator } = await startBoth({ linger: 1 });
    const count = counting(simulator);
    const first = await EventClient.connect(gateway);
    const { channels } = await first.subscribe(['devices/1/DeviceLogs/Info']);
    first.socket.terminate();
    await until(() => gateway.app.eventClients.clients.count === 0);
    simulator.emit('DeviceLogs', 'Info', { n: 1 }, 1);
    const second = await EventClient.connect(gateway);
    await second.subscribe(['devices/1/DeviceLogs/Info'], { since: channels[0]!.cursors });
    await until(() => second.numbers().length === 1);
    expect(second.of('gap')).toEqual([]);
    expect(count('DeviceSubscribe')).toBe(1);
  });

  test('many topics asked in one tick are one Subscribe', async () => {
    const { gateway, simulator } = await startBoth();
    const count = counting(simulator);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['devices/1/DeviceLogs/*', 'devices/1/DeviceLogs/Info']);
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', 1) === 1);
    expect(count('DeviceSubscribe')).toBe(1);
    await client.subscribe(['Logs/Info', 'Logs/Warning', 'Logs/Error']);
    expect(count('Subscribe')).toBeLessThanOrEqual(1);
  });

  test('seen from the studio wildcards are what ListPublishers and the devices offer', async () => {
    const { gateway, simulator } = await startBoth({}, { devices: 3 });
    const client = await EventClient.connect(gateway);
    const { channels } = await client.subscribe(['*/*', 'devices/*/DeviceLogs/*', 'devices/3/*/*']);
    const names = channels.map(({ cursors }) => Object.keys(cursors));
    expect(names[0]).toEqual(expect.arrayContaining(['Logs/Info', 'DeviceEvents/Connected']));
    expect(names[0]!.filter((name) => name.split('/').length !== 2 || name.startsWith('$'))).toEqual([]);
    expect(names[1]!.filter((name) => name.endsWith('/Info'))).toEqual(
      [1, 2, 3].map((id) => `devices/${id}/DeviceLogs/Info`),
    );
    expect(names[2]).toEqual(expect.arrayContaining(['devices/3/DeviceLogs/Info']));
    for (const id of [1, 2, 3]) {
      await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', id) === 1);
      simulator.emit('DeviceLogs', 'Error', { n: id }, id);
    }
    await until(() => client.numbers().length >= 3);
    for (const id of [1, 2, 3]) expect(client.numbers(`devices/${id}/DeviceLogs/Error`)).toEqual([id]);
  });

  test('devices that go and come are followed', async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 }, { devices: 1 });
    const client = await EventClient.connect(gateway);
    await client.subscribe(['devices/*/DeviceLogs/Info', 'devices/1/DeviceLogs/Error']);
    const stream = await SseClient.open(gateway, '/v1/events/devices/*/DeviceLogs/Info');
    expect((await gateway.call('SimulatorConnectDevice', { DeviceType: 'CoilPro' })).status).toBe(200);
    const fresh = [...simulator.world.devices.keys()].find((id) => id !== 1)!;
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', fresh) === 1);
    simulator.emit('DeviceLogs', 'Info', { n: 1 }, fresh);
    await until(() => client.numbers(`devices/${fresh}/DeviceLogs/Info`).length === 1);
    await until(() => stream.numbers().length === 1);
    expect((await gateway.call('SimulatorDisconnectDevice', { DeviceId: 1 })).status).toBeLessThan(300);
    await until(() => !gateway.rcsp.discovery.deviceIds.includes(1));
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', 1) === 0);
    expect((await gateway.call('SimulatorConnectDevice')).status).toBe(200);
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 1);
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Error', 1) === 1);
    simulator.emit('DeviceLogs', 'Info', { n: 2 }, 1);
    simulator.emit('DeviceLogs', 'Error', { n: 3 }, 1);
    await until(() => client.numbers().length === 3);
    expect(client.numbers('devices/1/DeviceLogs/Info')).toEqual([2]);
    expect(client.numbers('devices/1/DeviceLogs/Error')).toEqual([3]);
    // While it was away nobody could tell what happened.
    const gaps = client.of('gap').filter(({ channel }) => channel === 'devices/1/DeviceLogs/Info');
    expect(gaps).toMatchObject([{ cause: 'upstream-lost' }]);
  });

  test('a device whose listing fails once keeps its subscriptions', async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 });
    const client = await EventClient.connect(gateway);
    await client.subscribe(['devices/1/DeviceLogs/Info']);
    simulator.faults.add({ kind: 'error', code: 'Busy', command: 'ListPublishers' });
    const count = counting(simulator);
    simulator.emit('DeviceEvents', 'Initialized', { DeviceId: 1 });
    await until(() => count('ListDeviceCommands') >= 4);
    await gateway.rcsp.discovery.refresh('devices');
    await client.roundTrip();
    simulator.emit('DeviceLogs', 'Info', { n: 1 }, 1);
    await until(() => client.numbers().length === 1);
    expect(client.of('gap')).toEqual([]);
  });

  test('a publisher that no document names is reached by wildcard and by name', async () => {
    const { gateway, server } = await startScripted((each) => ({
      ListPublishers: (command) =>
        each.ok(command, { Publishers: [{ Publisher: 'Weather', Topics: ['Rain/Snow', 'Sun'] }] }),
    }));
    const [wild, named] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
    await wild.subscribe(['Weather/*']);
    await named.subscribe(['Weather/Sun', 'Weather/Rain%2FSnow']);
    await until(() => topicsAsked(server).includes('Weather/Rain/Snow'));
    const { connection } = server.named('Subscribe').at(-1)!;
    connection.raw(eventFrame('Weather', 'Sun', { n: 1 }));
    connection.raw(eventFrame('Weather', 'Rain/Snow', { n: 2 }));
    await until(() => wild.numbers().length === 2 && named.numbers().length === 2);
    expect(wild.of('event').map(({ channel }) => channel)).toEqual(['Weather/Sun', 'Weather/Rain%2FSnow']);
    expect(named.of('event')).toEqual(wild.of('event'));
  });

  test('an event that names no device is that of the only device listened to', async () => {
    const { gateway, server } = await startScripted((each) => ({
      ListDevices: (command) => each.ok(command, { Devices: [{ DeviceId: 7 }, { DeviceId: 8 }] }),
    }));
    const client = await EventClient.connect(gateway);
    await client.subscribe(['devices/7/UpdateFw/Progress']);
    const { connection } = server.named('DeviceSubscribe').at(-1)!;
    connection.raw(eventFrame('UpdateFw', 'Progress', { n: 1 }));
    await until(() => client.numbers('devices/7/UpdateFw/Progress').length === 1);
  });
});

describe('a subscription that the studio refuses', () => {
  test('a subscription that the studio refuses is told to the client that asked and to no other', async () => {
    const { gateway, simulator } = await startBoth();
    const [asking, other] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
    const good = other.subscribe(['Logs/Info', 'Logs/*']);
    const answer = asking.ask({ op: 'subscribe', channels: ['Logs/Gossip'] });
    expect(await answer).toMatchObject({
      op: 'error',
      error: { code: 'Invalid value', outcome: 'rejected' },
    });
    await good;
    await until(() => simulator.subscriptionCount('Logs', 'Info') === 1);
    simulator.emit('Logs', 'Info', { n: 1 });
    await until(() => other.numbers('Logs/Info').length === 1);
    await Promise.all([asking.roundTrip(), other.roundTrip()]);
    expect(other.of('error')).toEqual([]);
    expect(asking.of('error')).toHaveLength(1);
    expect(asking.of('event')).toEqual([]);
  });

  test('once it is back, is told by an error to who had it', async () => {
    const studio = { refuses: false };
    const { gateway, server } = await startScripted((each) => ({
      Subscribe: (command) =>
        studio.refuses && topicsOf(command.args).includes('Logs/Gone')
          ? each.error(command, 'Invalid value')
          : each.ok(command, {}),
    }));
    const [having, other] = [await EventClient.connect(gateway), await EventClient.connect(gateway)];
    await having.subscribe(['Logs/Gone', 'Logs/Info']);
    await other.subscribe(['Logs/Info']);
    studio.refuses = true;
    server.named('Subscribe').at(-1)!.connection.destroy();
    await until(() => having.of('error').length === 1);
    expect(having.of('error')).toMatchObject([{ id: null, error: { code: 'Invalid value' } }]);
    const { connection } = server.named('Subscribe').at(-1)!;
    connection.raw(eventFrame('Logs', 'Info', { n: 1 }));
    await until(() => having.numbers('Logs/Info').length === 1 && other.numbers('Logs/Info').length === 1);
    expect(other.of('error')).toEqual([]);
  });
});
