import { expect, test } from 'vitest';
import { PUBLISHERS } from '../../src/catalog/index.js';
import { Clock } from '../../src/simulator/clock.js';
import { Life } from '../../src/simulator/life.js';
import { Random } from '../../src/simulator/random.js';
import { World } from '../../src/simulator/world.js';
import { Client, startSimulator, until } from './harness.js';

const PRESSED = { Publishers: [{ Publisher: 'DeviceEvents', Topics: ['ButtonPushed'] }] };
const LOGS = { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] };

test('publishers are listed for the server and for a device', async () => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  const { Publishers } = await client.response('ListPublishers');
  expect(JSON.stringify(Publishers)).toContain('"UpdateFwEvents"');
  expect(JSON.stringify(Publishers)).not.toContain('ButtonPushed');
  expect(await client.response('ListPublishers', { DeviceId: 2 })).toEqual({
    Publishers: [
      { Publisher: 'DeviceLogs', Topics: ['Error', 'Warning', 'Info', 'Debug'] },
      { Publisher: 'DeviceEvents', Topics: ['ButtonPushed'] },
    ],
  });
});

test('TestEvent of every topic reaches its subscribers with data that fits', async () => {
  const { port } = await startSimulator();
  const [client, other] = [await Client.open(port), await Client.open(port)];
  for (const { name, target, topics, eventData } of PUBLISHERS) {
    const Publishers = [{ Publisher: name, Topics: [...topics] }];
    const args = target === 'server' ? { Publishers } : { DeviceId: 3, Publishers };
    await client.response(target === 'server' ? 'Subscribe' : 'DeviceSubscribe', args);
    for (const Topic of topics) {
      client.events.length = 0;
      await other.response('TestEvent', { Publisher: name, Topic });
      const event = await client.event(Topic);
      expect(event.Publisher).toBe(name);
      expect(eventData.safeParse(event.EventData).error).toBeUndefined();
      if (target === 'device') expect(event.EventData['DeviceId']).toBe(3);
    }
  }
  expect(other.events).toEqual([]);
});

test('TestEvent of a device topic comes once for each device that is subscribed', async () => {
  const { port } = await startSimulator();
  const [one, two] = [await Client.open(port), await Client.open(port)];
  await one.response('DeviceSubscribe', { DeviceId: 2, ...PRESSED });
  await one.response('DeviceSubscribe', { DeviceId: 3, ...PRESSED });
  await two.response('DeviceSubscribe', { DeviceId: 3, ...PRESSED });
  await two.response('TestEvent', { Publisher: 'DeviceEvents', Topic: 'ButtonPushed' });
  await one.eventCount(2);
  const ids = (client: Client): unknown[] => client.events.map(({ EventData }) => EventData['DeviceId']);
  expect([ids(one), ids(two)]).toEqual([[2, 3], [3]]);
});

test('a subscription may be called Publishers or Subscriptions', async () => {
  const { port, simulator } = await startSimulator();
  const client = await Client.open(port);
  await client.response('Subscribe', { Subscriptions: LOGS.Publishers });
  expect(simulator.subscriptionCount('Logs', 'Info')).toBe(1);
  await client.response('Unsubscribe', LOGS);
  expect(simulator.subscriptionCount('Logs', 'Info')).toBe(0);
});

test('subscribing twice delivers once, and unsubscribing what is not subscribed is fine', async () => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  await client.response('Unsubscribe', LOGS);
  await client.response('Subscribe', LOGS);
  await client.response('Subscribe', LOGS);
  await client.response('SimulatorSay', { Level: 'Info', LogMsg: 'once' });
  await client.response('Info');
  expect(client.events).toEqual([{ Publisher: 'Logs', Topic: 'Info', EventData: { LogMsg: 'once' } }]);
});

test.each([
  ['Subscribe', 'Logs', 'Shout', 'Logs/Shout'],
  ['Subscribe', 'Gossip', 'Info', 'Gossip'],
  ['Subscribe', 'DeviceLogs', 'Info', 'DeviceLogs'],
  ['DeviceSubscribe', 'Logs', 'Info', 'Logs'],
  ['DeviceSubscribe', 'DeviceEvents', 'Connected', 'DeviceEvents/Connected'],
])('%s to %s/%s is refused whole', async (command, Publisher, topic, named) => {
  const { port, simulator } = await startSimulator();
  const client = await Client.open(port);
  const good = command === 'Subscribe' ? 'Logs' : 'DeviceLogs';
  const { Error } = await client.ask(command, {
    DeviceId: 2,
    Publishers: [
      { Publisher: good, Topics: ['Error'] },
      { Publisher, Topics: [topic] },
    ],
  });
  expect(Error?.Code).toBe('Invalid value');
  expect(Error?.Message).toContain(named);
  expect(simulator.subscriptionCount(good, 'Error')).toBe(0);
  expect(simulator.subscriptionCount(good, 'Error', 2)).toBe(0);
});

test('subscriptions belong to a device that exists and to the connection that made them', async () => {
  const { port, simulator } = await startSimulator();
  const client = await Client.open(port);
  expect(await client.code('DeviceSubscribe', { DeviceId: 77, ...PRESSED })).toBe('Device not found');
  expect(await client.code('TestEvent', { Publisher: 'Logs', Topic: 'Shout' })).toBe('Invalid value');
  await client.response('DeviceSubscribe', { DeviceId: 2, ...PRESSED });
  expect(simulator.subscriptionCount('DeviceEvents', 'ButtonPushed', 2)).toBe(1);
  client.socket.destroy();
  await until(() => simulator.connectionCount === 0);
  expect(simulator.subscriptionCount('DeviceEvents', 'ButtonPushed', 2)).toBe(0);
});

test('devices come and go, and clients are told', async () => {
  const { port } = await startSimulator();
  const client = await Client.open(port);
  const Topics = ['Connected', 'Disconnected'];
  await client.response('Subscribe', { Publishers: [{ Publisher: 'DeviceEvents', Topics }] });
  await client.response('SimulatorDisconnectDevice', { DeviceId: 3 });
  expect(await client.code('GetDeviceName', { DeviceId: 3 })).toBe('Device not found');
  expect(await client.response('SimulatorConnectDevice', { DeviceType: 'CoilPro' })).toEqual({ DeviceId: 5 });
  expect(await client.response('SimulatorConnectDevice', {})).toEqual({ DeviceId: 3 });
  await client.eventCount(3);
  expect(client.events.map(({ Topic, EventData }) => [Topic, EventData['DeviceId']])).toEqual([
    ['Disconnected', 3],
    ['Connected', 5],
    ['Connected', 3],
  ]);
});

test('a storm numbers its events and loses none', async () => {
  const { port } = await startSimulator({ eventRate: 5000 });
  const client = await Client.open(port);
  await client.response('Subscribe', LOGS);
  const startedAt = performance.now();
  await client.eventCount(2500);
  expect(performance.now() - startedAt).toBeGreaterThan(300);
  const numbers = client.events.map(({ EventData }) => Number(String(EventData['LogMsg']).split(' ')[1]));
  expect(numbers).toEqual(numbers.map((_number, index) => (numbers[0] ?? 0) + index));
});

test('a client that does not read misses events but no answer and does not delay others', async () => {
  const { port, simulator } = await startSimulator();
  const [lazy, eager] = [await Client.open(port), await Client.open(port)];
  await lazy.response('Subscribe', LOGS);
  await eager.response('Subscribe', LOGS);
  lazy.socket.pause();
  const LogMsg = 'x'.repeat(64 * 1024);
  for (let count = 1; count <= 400; count++) {
    simulator.emit('Logs', 'Info', { LogMsg });
    await eager.eventCount(count);
  }
  const ids = [lazy.send('Info'), lazy.send('ListDevices')];
  await expect.poll(() => simulator.commandCounts.get('ListDevices')).toBe(1);
  lazy.socket.resume();
  await lazy.answerTo(ids[1] ?? '');
  expect(eager.events).toHaveLength(400);
  expect(lazy.events.length).toBeLessThan(400);
  expect(lazy.events.length).toBeGreaterThan(100);
  expect(lazy.answers).toHaveLength(3);
});

test('the world changes by itself, and device 1 never leaves', async () => {
  const clock = new Clock(20_000);
  const world = new World(4, 1);
  const topics = new Map<string, number>();
  const absent = new Set<number>();
  const emit = (publisher: string, topic: string): void => {
    topics.set(`${publisher}/${topic}`, (topics.get(`${publisher}/${topic}`) ?? 0) + 1);
    for (const { id } of world.away) absent.add(id);
  };
  new Life({ world, emit }, clock, new Random(2)).start();
  await expect.poll(() => topics.get('DeviceEvents/Connected') ?? 0, { timeout: 20_000 }).toBeGreaterThan(8);
  clock.stop();
  for (const name of ['Logs/Info', 'Logs/Warning', 'DeviceLogs/Info', 'DeviceEvents/ButtonPushed']) {
    expect(topics.get(name)).toBeGreaterThan(1);
  }
  expect(topics.get('DeviceEvents/Disconnected')).toBeGreaterThan(7);
  expect(absent.has(1)).toBe(false);
  expect(topics.get('Logs/Info')).toBeGreaterThan(topics.get('DeviceEvents/Disconnected') ?? 0);
});

test('no device leaves during an update', async () => {
  const clock = new Clock(20_000);
  const world = new World(4, 1);
  world.updating = world.device(1);
  let logs = 0;
  new Life(
    { world, emit: (publisher) => void (logs += publisher === 'Logs' ? 1 : 0) },
    clock,
    new Random(2),
  ).start();
  await expect.poll(() => logs).toBeGreaterThan(100);
  clock.stop();
  expect(world.devices.size).toBe(4);
});
