import { describe, expect, test } from 'vitest';
import { counting, problemOf, startBoth, startGateway, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';
import { makeTokens } from '../support/tokens.js';
import { logged } from './audit-trail.js';
import { errorOf, GateSocket } from './socket.js';
import { accepted, CHANNEL, ended, FILE, Job, jobOf, jobsOf, update } from './updates.js';

const ROUTES = [
  ['/v1/devices/1/firmware', 'UpdateFirmware'],
  ['/v1/devices/1/sensors/firmware', 'UpdateSensorFirmware'],
  ['/v1/devices/1/wifi/firmware', 'UpdateWifiModule'],
] as const;

/** Updates take long enough to ask for another meanwhile. */
const SLOWLY = { speed: 3 };

describe('an update that nobody waits for', () => {
  test.each(ROUTES)('POST %s answers 202 with the job and where to follow it', async (path, command) => {
    const { gateway } = await startBoth();
    const before = Date.now();
    const reply = await update(gateway, path);
    const job = accepted(reply);
    expect(job).toMatchObject({
      command,
      deviceId: 1,
      state: 'running',
      error: null,
      code: null,
      endedAt: null,
    });
    expect(job.startedAt).toBeGreaterThanOrEqual(before);
    expect(job.trackId).toBe(reply.headers.get('x-track-id'));
    expect(reply.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(reply.headers.get('preference-applied')).toBe('respond-async');
    expect(reply.headers.get('content-type')).toContain('application/json');
    expect(await ended(gateway, job.id)).toMatchObject({ id: job.id, state: 'done', percent: 100 });
  });

  test('the generic route does the same', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth();
    const reply = await gateway.ask('POST', '/v1/commands/UpdateFirmware', {
      body: { Arguments: { DeviceId: 1, FwPath: FILE } },
      headers: { prefer: 'respond-async' },
    });
    const { id } = accepted(reply);
    expect(reply.headers.get('location')).toBe(`/v1/jobs/${id}`);
    expect(await ended(gateway, id)).toMatchObject({ command: 'UpdateFirmware', state: 'done' });
  });

  test('other preferences may stand beside it', async () => {
    const { gateway } = await startBoth();
    const reply = await update(gateway, undefined, undefined, { prefer: 'wait=20, Respond-Async' });
    accepted(reply);
    expect(reply.headers.get('preference-applied')).toBe('wait=20, respond-async');
  });

  test('what is no update is waited for, and the preference is not applied', async () => {
    const { gateway } = await startBoth();
    const headers = { prefer: 'respond-async' };
    const reply = await gateway.ask('PUT', '/v1/devices/1/name', { body: { DeviceName: 'x' }, headers });
    expect(reply.status).toBe(204);
    expect(reply.headers.has('preference-applied')).toBe(false);
    expect(await jobsOf(gateway)).toEqual([]);
  });

  test('its job follows what the studio tells, up to the end', { tags: ['extended'] }, async () => {
    const { gateway } = await startBoth({}, SLOWLY);
    const { id } = accepted(await update(gateway));
    const percents: (number | null)[] = [];
    await until(async () => {
      const { percent, state } = await jobOf(gateway, id);
      percents.push(percent);
      return state !== 'running';
    });
    const told = percents.filter((each) => each !== null);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(new Set(told).size).toBeGreaterThan(3);
    expect(told.at(-1)).toBe(100);
    const job = await jobOf(gateway, id);
    expect(job).toMatchObject({ state: 'done', percent: 100, error: null, code: null });
    expect(job.endedAt).toBeGreaterThan(job.startedAt);
  });

  test('the channel tells each change once and in order, over a WebSocket and in the history', async () => {
    const { gateway } = await startBoth();
    const listener = await GateSocket.connect(gateway);
    await listener.subscribe(CHANNEL);
    const { id } = accepted(await update(gateway));
    await until(() => listener.told(CHANNEL).at(-1)?.['state'] === 'done');
    const told = listener.told(CHANNEL).map((each) => Job.parse(each));
    expect(told.every((each) => each.id === id)).toBe(true);
    const steps = Array.from({ length: 20 }, (_, step) => `running ${step * 5}`);
    expect(told.map(({ state, percent }) => `${state} ${percent}`)).toEqual([
      'running null',
      ...steps,
      'running 100',
      'done 100',
    ]);
    expect(told.at(-1)).toEqual(await jobOf(gateway, id));
    const { json } = await gateway.get(`/v1/history?channel=${CHANNEL}&limit=1000`);
    const { events } = json as { events: { event: { EventData: unknown } }[] };
    expect(events.map(({ event }) => event.EventData)).toEqual(told);
  });

  test('the job says who asked for it, and every reader may follow it', async () => {
    const tokens = makeTokens({ viewer: 'read', chief: 'admin' });
    const { gateway } = await startBoth({ tokens: tokens.file });
    const listener = await GateSocket.connect(gateway, tokens.as('viewer'));
    expect(await listener.subscribe(CHANNEL)).toMatchObject({ op: 'subscribed' });
    const job = accepted(await update(gateway, undefined, undefined, tokens.as('chief')));
    expect(job.startedBy).toBe('chief');
    expect((await jobOf(gateway, job.id, tokens.as('viewer'))).id).toBe(job.id);
    await until(() => listener.told(CHANNEL).at(-1)?.['state'] === 'done');
    expect((await update(gateway, undefined, undefined, tokens.as('viewer'))).status).toBe(403);
  });
});

test('an update that is waited for is a job as well', async () => {
  const { gateway } = await startBoth();
  const reply = await gateway.post('/v1/devices/1/firmware', { FwPath: FILE });
  expect(reply.status).toBe(204);
  expect(reply.headers.has('location')).toBe(false);
  const [job, ...more] = await jobsOf(gateway);
  expect(more).toEqual([]);
  expect(job).toMatchObject({ command: 'UpdateFirmware', trackId: reply.headers.get('x-track-id') });
  expect(await ended(gateway, job!.id)).toMatchObject({ state: 'done' });
});

test('an update asked for over a WebSocket is a job as well', async () => {
  const { gateway } = await startBoth();
  const socket = await GateSocket.connect(gateway);
  const answer = await socket.command('UpdateFirmware', { DeviceId: 2, FwPath: FILE });
  expect(answer).toMatchObject({ op: 'response', status: 204 });
  const [job] = await jobsOf(gateway);
  expect(await ended(gateway, job!.id)).toMatchObject({ deviceId: 2, state: 'done' });
});

test('the audit has a line for what ran and one for what was refused', async () => {
  const { gateway } = await startBoth({}, SLOWLY);
  const job = accepted(await update(gateway));
  const refused = await update(gateway, '/v1/devices/2/firmware');
  await until(() => logged(gateway).length === 2);
  expect(logged(gateway).toSorted((a, b) => Number(a.deviceId) - Number(b.deviceId))).toMatchObject([
    { deviceId: 1, outcome: 'ok', trackId: job.trackId },
    { deviceId: 2, outcome: 'refused', code: 'Busy', trackId: refused.headers.get('x-track-id') },
  ]);
});

test('a job that nobody knows is not found', async () => {
  const { gateway } = await startBoth();
  expect(problemOf(await gateway.get('/v1/jobs/none'))).toMatchObject({ status: 404, code: 'Not found' });
});

describe('one that fails', { tags: ['extended'] }, () => {
  test.each([
    ['C:\\Firmware\\bad.bin', 'the header does not match the device type'],
    ['C:\\Firmware\\notes.txt', 'this is no firmware file'],
  ])('%s: the job says why, in the words of the studio', async (path, error) => {
    const { gateway } = await startBoth();
    const { id } = accepted(await update(gateway, undefined, path));
    const job = await ended(gateway, id);
    expect(job).toMatchObject({ state: 'failed', error, code: null });
    expect(job.percent).toBeGreaterThan(0);
    expect(job.percent).toBeLessThan(100);
    expect(job.endedAt).not.toBeNull();
  });

  test('a device that is not there: the job has the code of the studio', async () => {
    const { gateway } = await startBoth();
    const { id } = accepted(await update(gateway, '/v1/devices/99/firmware'));
    expect(await ended(gateway, id)).toMatchObject({
      state: 'failed',
      deviceId: 99,
      code: 'Device not found',
      percent: null,
    });
    expect((await gateway.post('/v1/devices/99/firmware', { FwPath: FILE })).status).toBe(404);
  });

  test('a device that takes no firmware', async () => {
    const { gateway, simulator } = await startBoth();
    const fixed = [...simulator.world.devices.values()].find(({ updatable }) => !updatable)!;
    const { id } = accepted(await update(gateway, `/v1/devices/${fixed.id}/firmware`));
    expect(await ended(gateway, id)).toMatchObject({ state: 'failed', code: 'Device not updatable' });
  });

  test('no studio', async () => {
    const gateway = await startGateway(await freePort());
    const { id } = accepted(await update(gateway));
    expect(await ended(gateway, id)).toMatchObject({ state: 'failed', code: 'Studio unreachable' });
  });

  test('one that fails arguments that do not fit make no job', async () => {
    const { gateway } = await startBoth();
    const headers = { prefer: 'respond-async' };
    const reply = await gateway.ask('POST', '/v1/devices/1/firmware', { body: { FwPath: 7 }, headers });
    expect(problemOf(reply)).toMatchObject({ status: 400, code: 'Invalid request' });
    expect(await jobsOf(gateway)).toEqual([]);
  });
});

describe('one at a time', { tags: ['extended'] }, () => {
  async function refusals(gateway: Gateway): Promise<unknown[]> {
    const args = { DeviceId: 2, FwPath: FILE };
    const socket = await GateSocket.connect(gateway);
    const paths = ROUTES.map(([path]) => path.replace('/1/', '/2/'));
    const replies = [
      ...(await Promise.all(paths.map((path) => gateway.post(path, { FwPath: FILE })))),
      ...(await Promise.all(paths.map((path) => update(gateway, path)))),
      await gateway.call('UpdateFirmware', args),
    ];
    return [...replies.map(problemOf), errorOf(await socket.command('UpdateWifiModule', args))];
  }

  test.each(ROUTES)('while %s runs, any other is Busy and is not sent', async (path, command) => {
    const { gateway, simulator } = await startBoth({}, SLOWLY);
    const count = counting(simulator);
    const { id } = accepted(await update(gateway, path));
    for (const problem of await refusals(gateway)) {
      expect(problem).toMatchObject({ status: 409, code: 'Busy', outcome: 'not-sent' });
      expect(problem).toMatchObject({ detail: expect.stringContaining(command) });
    }
    expect(await ended(gateway, id)).toMatchObject({ state: 'done' });
    expect(ROUTES.map(([, name]) => count(name))).toEqual(
      ROUTES.map(([, name]) => (name === command ? 1 : 0)),
    );
    expect(await jobsOf(gateway)).toHaveLength(1);
  });

  test('of many at once, one runs', async () => {
    const { gateway, simulator } = await startBoth({}, SLOWLY);
    const count = counting(simulator);
    const replies = await Promise.all(
      [1, 2, 3, 1].map((id) => update(gateway, `/v1/devices/${id}/firmware`)),
    );
    expect(replies.map(({ status }) => status).toSorted()).toEqual([202, 409, 409, 409]);
    const [job] = await jobsOf(gateway);
    await ended(gateway, job!.id);
    expect(count('UpdateFirmware')).toBe(1);
  });

  test('after the end of one, good or bad, the next may run', async () => {
    const { gateway } = await startBoth();
    const states: string[] = [];
    for (const path of [FILE, 'bad.bin', FILE]) {
      const { id } = accepted(await update(gateway, undefined, path));
      states.push((await ended(gateway, id)).state);
    }
    await ended(gateway, accepted(await update(gateway, '/v1/devices/99/firmware')).id);
    accepted(await update(gateway));
    expect(states).toEqual(['done', 'failed', 'done']);
    expect((await jobsOf(gateway)).map(({ state }) => state)).toEqual([...states, 'failed', 'running']);
  });
});
