import { expect, test } from 'vitest';
import { counting, problemOf, startBoth, startScripted, until } from '../support/gateway.js';

test('ten identical reads in flight cost the studio one command', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'late', delayMs: 300, command: 'ListDevices', count: 1 });
  const count = counting(simulator);
  const replies = await Promise.all(Array.from({ length: 10 }, () => gateway.get('/v1/devices')));
  expect(count('ListDevices')).toBe(1);
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1);
  expect(replies.map(({ status }) => status)).toEqual(Array(10).fill(200));
  expect(new Set(replies.map(({ headers }) => headers.get('x-track-id'))).size).toBe(10);
  expect((await gateway.get('/v1/devices')).status).toBe(200);
  expect(count('ListDevices')).toBe(2);
});

test('a read by its route and one by its name are the same read', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'late', delayMs: 200, command: 'GetDeviceName', count: 1 });
  const count = counting(simulator);
  await Promise.all([gateway.get('/v1/devices/1/name'), gateway.call('GetDeviceName', { DeviceId: 1 })]);
  expect(count('GetDeviceName')).toBe(1);
});

test('reads with other arguments, or of another version, are other reads', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'late', delayMs: 150, command: 'GetDeviceName' });
  const count = counting(simulator);
  const version2 = { body: { Arguments: { DeviceId: 1 }, Version: 2 } };
  const replies = await Promise.all([
    gateway.get('/v1/devices/1/name'),
    gateway.get('/v1/devices/2/name'),
    gateway.ask('POST', '/v1/commands/GetDeviceName', version2),
  ]);
  expect(count('GetDeviceName')).toBe(3);
  expect(replies[0].text).not.toBe(replies[1].text);
});

test('writes are never shared', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'late', delayMs: 100, command: 'SetDeviceName', count: 1 });
  const count = counting(simulator);
  const put = () => gateway.put('/v1/devices/1/name', { DeviceName: 'A' });
  await Promise.all([put(), put(), put()]);
  expect(count('SetDeviceName')).toBe(3);
});

test('a read asked after a write does not join one that was asked before it', async () => {
  const { gateway, simulator } = await startBoth();
  const before = (await gateway.get('/v1/devices/1/name')).json;
  simulator.faults.add({ kind: 'late', delayMs: 500, command: 'GetDeviceName', count: 1 });
  const count = counting(simulator);
  const early = gateway.get('/v1/devices/1/name');
  await until(() => count('GetDeviceName') === 1);
  await gateway.put('/v1/devices/1/name', { DeviceName: 'New' });
  expect((await gateway.get('/v1/devices/1/name')).json).toEqual({ DeviceName: 'New' });
  expect((await early).json).toEqual(before);
});

test('a caller that joins with a shorter timeout times out alone', async () => {
  const { gateway, simulator } = await startBoth();
  simulator.faults.add({ kind: 'late', delayMs: 1600, command: 'ListDevices', count: 1 });
  const count = counting(simulator);
  const first = gateway.get('/v1/devices');
  await until(() => count('ListDevices') === 1);
  const hasty = await gateway.get('/v1/devices', { prefer: 'wait=1' });
  expect(problemOf(hasty)).toMatchObject({ code: 'Timeout', outcome: 'no-answer' });
  expect((await first).status).toBe(200);
  expect(count('ListDevices')).toBe(1);
});

test(
  'a caller that joins with a longer timeout outlives the timeout of the first',
  { tags: ['extended'] },
  async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'hang', command: 'ListDevices', count: 1 });
    const count = counting(simulator);
    const hasty = gateway.get('/v1/devices', { prefer: 'wait=1' });
    await until(() => count('ListDevices') === 1);
    const patient = await Promise.all([gateway.get('/v1/devices'), gateway.get('/v1/devices')]);
    expect((await hasty).status).toBe(504);
    expect(patient.map(({ status }) => status)).toEqual([200, 200]);
    expect(count('ListDevices')).toBe(2);
  },
);

test('a refusal is shared like an answer', async () => {
  const { gateway, server } = await startScripted((each) => ({
    GetDeviceName: () => void each.received('SetDeviceName').then(() => refuseAll()),
  }));
  const refuseAll = (): void => {
    for (const each of server.named('GetDeviceName')) server.error(each, 'Busy');
  };
  const reads = [gateway.get('/v1/devices/1/name'), gateway.get('/v1/devices/1/name')];
  await server.received('GetDeviceName');
  await until(() => gateway.rcsp.pool.load === 1);
  const write = gateway.put('/v1/devices/1/name', { DeviceName: 'A' });
  for (const read of reads) expect((await read).status).toBe(409);
  await write;
});

const oddCounter = 'rcsp_gateway_odd_answers_total{command="GetDeviceName"}';

test.each([
  ['misses a required field', {}],
  ['has a value of another type', { DeviceName: 5 }],
  ['is no object', 'text'],
])('an answer that %s is passed on, counted each time and logged once', async (_, response) => {
  const { gateway } = await startScripted((server) => ({
    GetDeviceName: (command) => server.ok(command, response),
  }));
  const first = await gateway.get('/v1/devices/1/name');
  expect([first.status, JSON.parse(first.text)]).toEqual([200, response]);
  await gateway.get('/v1/devices/2/name');
  expect(await gateway.metric(oddCounter)).toBe(2);
  const warnings = gateway.log.filter(({ msg }) => String(msg).includes('does not fit the catalog'));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({
    command: 'GetDeviceName',
    trackId: first.headers.get('x-track-id'),
  });
});

test('unknown fields and new enumeration values do not count as schema mismatches', async () => {
  const { gateway } = await startScripted((server) => ({
    ListDevices: (command) =>
      server.ok(command, {
        Devices: [
          {
            DeviceId: 1,
            DeviceType: 'MindReader',
            ConnectionType: 'Telepathy',
            Updatable: true,
            IsBootloader: false,
            Mood: 'fine',
          },
        ],
        Total: 1,
      }),
  }));
  expect((await gateway.get('/v1/devices')).status).toBe(200);
  expect((await gateway.get('/metrics')).text).not.toContain('odd_answers_total{');
});

test('slow commands in flight do not delay a quick one on another device', async () => {
  const { gateway } = await startBoth({}, { speed: 4 });
  const scans = Array.from({ length: 6 }, () =>
    gateway.post('/v1/devices/1/network/scan', { Band: 0, ChannelNo: 1 }),
  );
  await until(() => gateway.rcsp.pool.load === 6);
  const started = performance.now();
  expect((await gateway.get('/v1/devices/2/name')).status).toBe(200);
  expect(performance.now() - started).toBeLessThan(300);
  for (const scan of scans) expect((await scan).status).toBe(200);
});
