import { expect, test } from 'vitest';
import { counting, problemOf, startBoth, startGateway, until } from '../../support/gateway.js';
import { freePort } from '../../support/scripted-server.js';

const topics = (...Topics: string[]) => ({ Publishers: [{ Publisher: 'DeviceLogs', Topics }] });

test('a subscription is held at the studio until it is given up', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  expect(simulator.subscriptionCount('DeviceLogs', 'Info', 1)).toBe(0);
  expect((await gateway.post('/v1/devices/1/subscribe', topics('Info'))).status).toBe(204);
  expect(simulator.subscriptionCount('DeviceLogs', 'Info', 1)).toBe(1);
  expect(simulator.subscriptionCount('DeviceLogs', 'Info', 2)).toBe(0);
  expect((await gateway.post('/v1/devices/1/unsubscribe', topics('Info'))).status).toBe(204);
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
});

test('its events arrive', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  await gateway.post('/v1/devices/2/subscribe', topics('Warning'));
  simulator.emit('DeviceLogs', 'Warning', { LogMsg: 'cold fingers' }, 2);
  await until(() => gateway.log.some(({ msg, deviceId }) => msg === 'event' && deviceId === 2));
});

test('subscribing twice is one subscription, which one unsubscription ends', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  const count = counting(simulator);
  await gateway.post('/v1/devices/1/subscribe', topics('Info'));
  await gateway.post('/v1/devices/1/subscribe', topics('Info'));
  expect(count('DeviceSubscribe')).toBe(1);
  await gateway.post('/v1/devices/1/unsubscribe', topics('Info'));
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
});

test('a topic named twice in one request is one subscription, too', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  expect((await gateway.post('/v1/devices/1/subscribe', topics('Info', 'Info'))).status).toBe(204);
  await gateway.post('/v1/devices/1/unsubscribe', topics('Info'));
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
});

test('unsubscribing ends what it names and nothing else', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  await gateway.post('/v1/devices/1/subscribe', topics('Info', 'Error'));
  await gateway.post('/v1/devices/1/unsubscribe', topics('Info', 'Warning'));
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
  expect(simulator.subscriptionCount('DeviceLogs', 'Error', 1)).toBe(1);
});

test("giving up a server topic leaves the gateway's own interest in it", async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  const logs = { Publishers: [{ Publisher: 'DeviceEvents', Topics: ['Connected'] }] };
  await gateway.post('/v1/subscribe', logs);
  await gateway.post('/v1/unsubscribe', logs);
  await gateway.post('/v1/devices/1/subscribe', topics('Info'));
  expect(simulator.subscriptionCount('DeviceEvents', 'Connected')).toBe(1);
});

test('a subscription survives lost connections', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  await gateway.post('/v1/devices/1/subscribe', topics('Info'));
  simulator.dropConnections();
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 1);
  await until(() => simulator.subscriptionCount('DeviceEvents', 'Connected') === 1);
});

test('one topic that the studio refuses refuses the request, and nothing of it is held', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  const problem = problemOf(await gateway.post('/v1/devices/1/subscribe', topics('Info', 'Gossip')));
  expect(problem).toMatchObject({
    status: 400,
    code: 'Invalid value',
    outcome: 'rejected',
    command: 'DeviceSubscribe',
  });
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
});

test('what was held before a refused request stays held', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  await gateway.post('/v1/devices/1/subscribe', topics('Info'));
  await gateway.post('/v1/devices/1/subscribe', topics('Info', 'Warning', 'Gossip'));
  await until(() => simulator.subscriptionCount('DeviceLogs', 'Warning', 1) === 0);
  expect(simulator.subscriptionCount('DeviceLogs', 'Info', 1)).toBe(1);
});

test('a refused request takes nothing away from another one at the same time', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  const [refused, held] = await Promise.all([
    gateway.post('/v1/devices/1/subscribe', topics('Info', 'Gossip')),
    gateway.post('/v1/devices/1/subscribe', topics('Info')),
  ]);
  expect([refused.status, held.status]).toEqual([400, 204]);
  // Whatever the refusal gives back has been given back when this has been answered.
  await gateway.post('/v1/devices/2/subscribe', topics('Info'));
  expect(simulator.subscriptionCount('DeviceLogs', 'Info', 1)).toBe(1);
});

test('a device that is not there is told as the studio tells it', async () => {
  const { gateway } = await startBoth({ linger: 0 });
  const reply = await gateway.post('/v1/devices/99/subscribe', topics('Info'));
  expect(problemOf(reply)).toMatchObject({ status: 404, code: 'Device not found', outcome: 'rejected' });
});

test.each([null, 'one', 1])('a DeviceId (%j) is no argument of Subscribe', async (DeviceId) => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  const body = { DeviceId, Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] };
  const reply = await gateway.post('/v1/subscribe', body);
  expect([204, 400], reply.text).toContain(reply.status);
  expect(simulator.subscriptionCount('Logs', 'Info', 1)).toBe(0);
});

test('by its name a subscription is held like by its route', async () => {
  const { gateway, simulator } = await startBoth({ linger: 0 });
  const args = { DeviceId: 1, ...topics('Info') };
  expect((await gateway.call('DeviceSubscribe', args)).status).toBe(204);
  expect(simulator.subscriptionCount('DeviceLogs', 'Info', 1)).toBe(1);
});

test('without a studio nothing is held, and that is said at once', async () => {
  const gateway = await startGateway(await freePort());
  const reply = await gateway.post('/v1/devices/1/subscribe', topics('Info'));
  expect(problemOf(reply)).toMatchObject({ status: 503, code: 'Studio unreachable', outcome: 'not-sent' });
  expect(reply.headers.get('retry-after')).toMatch(/^\d+$/);
});

test(
  'a studio that does not answer a subscription is a timeout that holds nothing',
  { tags: ['extended'] },
  async () => {
    const { gateway, simulator } = await startBoth({ linger: 0 });
    simulator.faults.add({ kind: 'late', delayMs: 1400, command: 'DeviceSubscribe', count: 1 });
    const reply = await gateway.ask('POST', '/v1/devices/1/subscribe', {
      body: topics('Info'),
      headers: { prefer: 'wait=1' },
    });
    expect(problemOf(reply)).toMatchObject({ status: 504, code: 'Timeout', outcome: 'no-answer' });
    await until(() => simulator.subscriptionCount('DeviceLogs', 'Info', 1) === 0);
  },
);
