import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createToken } from '../../src/access/token-file.js';
import { temporaryFolder } from '../support/access.js';
import { EventClient, epochOf, SseClient } from '../support/event-client.js';
import { problemOf, startGateway, startSimulator, until } from '../support/gateway.js';
import { startStudios } from '../support/studios.js';

const NAMES = ['stage', 'lab'] as const;

describe('routes of a studio', () => {
  test('a command below /studios/{studio} runs at that studio, without it at the default one', async () => {
    const { gateway } = await startStudios(NAMES);
    await gateway.put('/studios/lab/v1/devices/1/name', { DeviceName: 'Lab glove' });
    await gateway.put('/v1/devices/1/name', { DeviceName: 'Stage suit' });
    expect((await gateway.get('/studios/lab/v1/devices/1/name')).json).toEqual({ DeviceName: 'Lab glove' });
    expect((await gateway.get('/studios/stage/v1/devices/1/name')).json).toEqual({
      DeviceName: 'Stage suit',
    });
    expect((await gateway.get('/v1/devices/1/name')).json).toEqual({ DeviceName: 'Stage suit' });
  });

  test('an unknown studio is 404 with the names that there are', async () => {
    const { gateway } = await startStudios(NAMES);
    const problem = problemOf(await gateway.get('/studios/attic/v1/info'));
    expect(problem).toMatchObject({
      status: 404,
      code: 'Studio not found',
      outcome: 'not-sent',
      detail: 'There is no studio attic; there are: stage, lab.',
    });
    expect(problemOf(await gateway.get('/v1/studios/attic')).code).toBe('Studio not found');
    expect(await EventClient.refused(gateway, '/studios/attic/v1/ws')).toMatchObject({ status: 404 });
  });

  test('the list of studios tells the state of each', async () => {
    const { gateway, simulators } = await startStudios(NAMES, { defaultStudio: 'lab' });
    await simulators.stage.close();
    await until(() => gateway.app.studios.get('stage')?.upstream.state !== 'connected');
    const { json } = await gateway.get('/v1/studios');
    const common = { kind: 'rcsp', simulated: false, since: expect.any(Number) as number };
    expect(json).toEqual({
      studios: [
        {
          ...common,
          name: 'stage',
          default: false,
          state: expect.stringMatching(/^(dis)?connect(ing|ed)$/) as string,
          address: expect.any(String) as string,
          version: '1.0.0.0',
          devices: 0,
        },
        {
          ...common,
          name: 'lab',
          default: true,
          state: 'connected',
          address: expect.any(String) as string,
          version: '1.0.0.0',
          devices: 4,
        },
      ],
    });
    expect((await gateway.get('/v1/studios/lab')).json).toMatchObject({ name: 'lab', default: true });
  });

  test("a job's Location, the document and the redirect to the page keep the studio", async () => {
    const { gateway } = await startStudios(NAMES);
    const started = await gateway.ask('POST', '/studios/lab/v1/devices/4/firmware', {
      body: { FwPath: 'C:\\suit.bin' },
      headers: { prefer: 'respond-async' },
    });
    expect(started.status).toBe(202);
    expect(started.headers.get('location')).toMatch(/^\/studios\/lab\/v1\/jobs\//);
    expect((await gateway.get('/v1/jobs')).json).toEqual({ jobs: [] });
    const { json } = await gateway.get('/studios/lab/openapi.json');
    expect(json).toMatchObject({ servers: [{ url: '/studios/lab' }] });
    expect((await gateway.get('/openapi.json')).json).toMatchObject({
      servers: [
        { url: '/' },
        { url: '/studios/{studio}', variables: { studio: { default: 'stage', enum: ['stage', 'lab'] } } },
      ],
    });
    const page = await fetch(`${gateway.url}/studios/lab`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([302, 'lab/']);
  });

  test('readiness follows --ready, and below a studio that studio', async () => {
    const { gateway, simulators } = await startStudios(NAMES, { ready: 'all' });
    expect((await gateway.get('/ready')).status).toBe(200);
    await simulators.lab.close();
    await until(async () => (await gateway.get('/ready')).status === 503);
    expect((await gateway.get('/studios/stage/ready')).status).toBe(200);
    expect((await gateway.get('/studios/lab/ready')).status).toBe(503);
  });

  test('metrics carry the name of the studio', async () => {
    const { gateway } = await startStudios(NAMES);
    await gateway.get('/studios/lab/v1/devices/1/name');
    const line = (studio: string): string =>
      `rcsp_gateway_commands_total{command="GetDeviceName",outcome="ok",code="ok",studio="${studio}"}`;
    expect(await gateway.metric(line('lab'))).toBe(1);
    expect(await gateway.metric(line('stage'))).toBe(0);
    expect(await gateway.metric('rcsp_gateway_studio_up{studio="lab"}')).toBe(1);
  });
});

describe('channels of studios', () => {
  test('a channel is spelled as it was subscribed, with the same events and cursors', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const client = await EventClient.connect(gateway);
    const { channels } = await client.subscribe([
      'Logs/Info',
      'studios/stage/Logs/Info',
      'studios/lab/Logs/*',
    ]);
    expect(channels.map(({ channel, cursors }) => [channel, Object.keys(cursors).sort()])).toEqual([
      ['Logs/Info', ['Logs/Info']],
      ['studios/stage/Logs/Info', ['studios/stage/Logs/Info']],
      ['studios/lab/Logs/*', ['studios/lab/Logs/Error', 'studios/lab/Logs/Info', 'studios/lab/Logs/Warning']],
    ]);
    simulators.stage.emit('Logs', 'Info', { n: 1 });
    await until(() => client.numbers().length === 2);
    simulators.lab.emit('Logs', 'Info', { n: 2 });
    await until(() => client.numbers().length === 3);
    const events = client.messages.flatMap((each) => (each.op === 'event' ? [each] : []));
    expect(events.map(({ channel }) => channel)).toEqual([
      'Logs/Info',
      'studios/stage/Logs/Info',
      'studios/lab/Logs/Info',
    ]);
    expect(events[0]?.cursor).toBe(events[1]?.cursor);
    expect(epochOf(events[2]?.cursor ?? '')).not.toBe(epochOf(events[0]?.cursor ?? ''));
    const { json } = await gateway.get('/v1/history?channel=studios/lab/Logs/Info');
    expect(json).toMatchObject({ events: [{ channel: 'studios/lab/Logs/Info', cursor: events[2]?.cursor }] });
    expect((await gateway.get('/studios/lab/v1/history?channel=Logs/Info')).json).toMatchObject({
      events: [{ channel: 'Logs/Info', cursor: events[2]?.cursor }],
    });
  });

  test('a channel in a path may name its studio', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const client = await EventClient.connect(gateway, '/v1/ws/studios/lab/Logs/Info');
    await until(() => client.messages.length === 1);
    const stream = await SseClient.open(gateway, '/v1/events/studios/*/devices/*/DeviceLogs/Info');
    simulators.lab.emit('Logs', 'Info', { n: 1 });
    await until(() => client.numbers('studios/lab/Logs/Info').length === 1);
    await until(() => simulators.lab.subscriptionCount('DeviceLogs', 'Info', 1) === 1);
    simulators.lab.emit('DeviceLogs', 'Info', { n: 2 }, 1);
    await until(() => stream.numbers('studios/lab/devices/1/DeviceLogs/Info').length === 1);
  });

  test('a cursor is good under either name', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const first = await EventClient.connect(gateway);
    await first.subscribe(['studios/lab/Logs/Info']);
    for (const n of [1, 2, 3]) simulators.lab.emit('Logs', 'Info', { n });
    await until(() => first.numbers().length === 3);
    const cursor = first.messages.flatMap((each) => (each.op === 'event' ? [each.cursor] : []))[0];
    const second = await EventClient.connect(gateway, '/studios/lab/v1/ws');
    await second.subscribe(['Logs/Info'], { since: { 'Logs/Info': cursor } });
    await until(() => second.numbers().length === 2);
    expect(second.numbers('Logs/Info')).toEqual([2, 3]);
  });

  test('a wildcard over studios takes in all of them, one without a studio only the default one', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['studios/*/Logs/Info', 'Logs/*']);
    simulators.lab.emit('Logs', 'Info', { n: 1 });
    simulators.stage.emit('Logs', 'Info', { n: 2 });
    await until(() => client.numbers().length === 3);
    await client.roundTrip();
    expect(client.numbers('studios/lab/Logs/Info')).toEqual([1]);
    expect(client.numbers('studios/stage/Logs/Info')).toEqual([2]);
    expect(client.numbers('Logs/Info')).toEqual([2]);
  });

  test('every studio tells its own state', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const client = await EventClient.connect(gateway);
    await client.subscribe(['studios/*/$gateway/upstream', '$gateway/upstream']);
    const states = (): string[] =>
      client.messages.flatMap((each) =>
        each.op === 'event'
          ? [`${each.channel} ${(each.event['EventData'] as { state: string }).state}`]
          : [],
      );
    await until(() => states().length === 3);
    expect(states().sort()).toEqual([
      '$gateway/upstream connected',
      'studios/lab/$gateway/upstream connected',
      'studios/stage/$gateway/upstream connected',
    ]);
    await simulators.lab.close();
    await until(() => states().length === 4);
    expect(states().at(-1)).toBe('studios/lab/$gateway/upstream disconnected');
  });

  test('a change is told of its studio on the channel of all, and on its own', async () => {
    const { gateway } = await startStudios(NAMES);
    const [all, lab, stage] = await Promise.all([
      EventClient.connect(gateway),
      EventClient.connect(gateway, '/studios/lab/v1/ws'),
      EventClient.connect(gateway, '/studios/stage/v1/ws'),
    ]);
    for (const each of [all, lab, stage]) await each.subscribe(['$gateway/changes']);
    await gateway.put('/studios/lab/v1/devices/1/name', { DeviceName: 'x' });
    const changes = (client: EventClient): unknown[] =>
      client.messages.flatMap((each) => (each.op === 'event' ? [each.event['EventData']] : []));
    const told = { command: 'SetDeviceName', studio: 'lab', deviceId: 1, at: expect.any(Number) as number };
    await until(() => changes(all).length + changes(lab).length === 2);
    await stage.roundTrip();
    expect([changes(all), changes(lab), changes(stage)]).toEqual([[told], [told], []]);
  });

  test('a command over a WebSocket goes to the studio that it names, or to that of the path', async () => {
    const { gateway } = await startStudios(NAMES);
    await gateway.put('/studios/lab/v1/devices/1/name', { DeviceName: 'Lab glove' });
    const ask = { op: 'command', id: 1, command: 'GetDeviceName', arguments: { DeviceId: 1 } };
    const client = await EventClient.connect(gateway);
    expect(await client.ask({ ...ask, studio: 'lab' })).toMatchObject({
      response: { DeviceName: 'Lab glove' },
    });
    expect(await client.ask({ ...ask, studio: 'attic' })).toMatchObject({
      op: 'error',
      error: { code: 'Studio not found' },
    });
    const own = await EventClient.connect(gateway, '/studios/lab/v1/ws');
    expect(await own.ask(ask)).toMatchObject({ response: { DeviceName: 'Lab glove' } });
  });
});

describe('a token for single studios', () => {
  async function limited() {
    const file = join(temporaryFolder(), 'tokens.json');
    const create = (name: string, studios?: readonly string[]): Record<string, string> => ({
      authorization: `Bearer ${createToken(file, { name, scope: 'admin', expiresAt: null, studios })}`,
    });
    const [lab, all] = [create('lab-desk', ['lab']), create('desk')];
    const stage = await startStudios(NAMES, { tokens: file });
    return { ...stage, lab, all };
  }

  test('it sees and commands those only, and is told which by name', async () => {
    const { gateway, lab } = await limited();
    const names = (await gateway.get('/v1/studios', lab)).json as { studios: { name: string }[] };
    expect(names.studios.map(({ name }) => name)).toEqual(['lab']);
    expect((await gateway.get('/v1/me', lab)).json).toMatchObject({ name: 'lab-desk', studios: ['lab'] });
    expect((await gateway.get('/studios/lab/v1/info', lab)).status).toBe(200);
    const refused = problemOf(await gateway.get('/v1/info', lab));
    expect(refused).toMatchObject({
      status: 403,
      detail: 'The token "lab-desk" is not for the studio stage, only for lab.',
    });
    expect(problemOf(await gateway.get('/studios/attic/v1/info', lab)).detail).toBe(
      'There is no studio attic; there are: lab.',
    );
    const ready = (await gateway.get('/ready', lab)).json;
    expect(ready).toEqual({ status: 'ready', studios: [{ name: 'lab', state: 'connected' }] });
    const { text } = await gateway.get('/metrics', lab);
    expect(text).toContain('studio="lab"');
    expect(text).not.toContain('studio="stage"');
  });

  test('it hears those only: wildcards, jobs and changes of others stay silent', async () => {
    const { gateway, simulators, lab, all } = await limited();
    const { ticket } = (await gateway.ask('POST', '/v1/tickets', { headers: lab })).json as {
      ticket: string;
    };
    const client = await EventClient.connect(gateway, `/v1/ws?ticket=${ticket}`);
    const { channels } = await client.subscribe(['studios/*/Logs/Info', '$gateway/changes']);
    expect(channels.flatMap(({ cursors }) => Object.keys(cursors))).toEqual([
      'studios/lab/Logs/Info',
      '$gateway/changes',
    ]);
    expect(await client.ask({ op: 'subscribe', id: 9, channels: ['Logs/Info'] })).toMatchObject({
      op: 'error',
      error: { status: 403 },
    });
    expect(await client.ask({ op: 'subscribe', id: 9, channels: ['studios/stage/Logs/Info'] })).toMatchObject(
      { op: 'error', error: { status: 403 } },
    );
    await gateway.ask('PUT', '/studios/stage/v1/devices/1/name', { body: { DeviceName: 'x' }, headers: all });
    await gateway.ask('PUT', '/studios/lab/v1/devices/1/name', { body: { DeviceName: 'y' }, headers: all });
    simulators.stage.emit('Logs', 'Info', { n: 1 });
    simulators.lab.emit('Logs', 'Info', { n: 2 });
    await until(() => client.messages.filter(({ op }) => op === 'event').length === 2);
    await client.roundTrip();
    const events = client.messages.flatMap((each) => (each.op === 'event' ? [each] : []));
    expect(events.map(({ channel }) => channel).sort()).toEqual([
      '$gateway/changes',
      'studios/lab/Logs/Info',
    ]);
    expect(events.find(({ channel }) => channel === '$gateway/changes')?.event['EventData']).toMatchObject({
      studio: 'lab',
    });
    expect((await gateway.get('/v1/history?channel=studios/stage/Logs/Info', lab)).status).toBe(403);
  });
});

describe("what is a studio's own", () => {
  test('each has a lease and jobs of its own', async () => {
    const { gateway } = await startStudios(NAMES, { controlLease: true });
    await gateway.post('/studios/lab/v1/lease');
    expect((await gateway.get('/studios/lab/v1/lease')).json).toMatchObject({
      holder: 'anybody at 127.0.0.1',
    });
    expect((await gateway.get('/v1/lease')).json).toMatchObject({ holder: null });
    const client = await EventClient.connect(gateway);
    await client.subscribe(['$gateway/lease']);
    await until(() => client.messages.filter(({ op }) => op === 'event').length === 2);
    const holders = client.messages.flatMap((each) => (each.op === 'event' ? [each.event['EventData']] : []));
    expect(holders).toEqual([
      expect.objectContaining({ studio: 'stage', holder: null }),
      expect.objectContaining({ studio: 'lab', holder: 'anybody at 127.0.0.1' }),
    ]);
  });

  test('reads of the same device in two studios are not shared', async () => {
    const { gateway, simulators } = await startStudios(NAMES);
    const paths = ['/v1/devices/1/info', '/studios/lab/v1/devices/1/info'];
    const before = NAMES.map((name) => simulators[name].commandCounts.get('GetDeviceInfo') ?? 0);
    const answers = await Promise.all(paths.map((path) => gateway.get(path)));
    expect(answers[0]?.text).not.toBe(answers[1]?.text);
    expect(NAMES.map((name) => simulators[name].commandCounts.get('GetDeviceInfo'))).toEqual(
      before.map((n) => n + 1),
    );
  });
});

describe('the file of studios', () => {
  test('studios are added and removed while the gateway runs', async () => {
    const [stage, lab] = await Promise.all([startSimulator(), startSimulator({ seed: 2 })]);
    const file = join(temporaryFolder(), 'studios.json');
    const write = (studios: object): void => writeFileSync(file, JSON.stringify({ studios }));
    const addresses = { stage: `127.0.0.1:${stage.port}`, lab: `127.0.0.1:${lab.port}` };
    write({ stage: addresses.stage });
    const gateway = await startGateway(0, { rcsp: undefined, studiosFile: file });
    await until(async () => (await gateway.get('/ready')).status === 200);
    const client = await EventClient.connect(gateway);
    write(addresses);
    gateway.app.lifecycle.reload();
    await until(async () => (await gateway.get('/studios/lab/ready')).status === 200);
    await client.subscribe(['studios/lab/Logs/Info']);
    write({ stage: addresses.stage });
    gateway.app.lifecycle.reload();
    await until(() => client.messages.some(({ op }) => op === 'error'));
    const [gap, error] = client.messages.slice(-2);
    expect(gap).toMatchObject({ op: 'gap', channel: 'studios/lab/Logs/Info', cause: 'upstream-lost' });
    expect(error).toMatchObject({
      op: 'error',
      id: null,
      error: { code: 'Studio not found', detail: 'There is no studio lab.' },
    });
    expect((await gateway.get('/studios/lab/v1/info')).status).toBe(404);
    expect((await gateway.get('/metrics')).text).not.toContain('studio_up{studio="lab"}');
    write(addresses);
    gateway.app.lifecycle.reload();
    await until(async () => (await gateway.get('/studios/lab/ready')).status === 200);
    await until(() => lab.simulator.subscriptionCount('Logs', 'Info') === 1);
    lab.simulator.emit('Logs', 'Info', { n: 7 });
    await until(() => client.numbers().length === 1);
    expect(client.numbers('studios/lab/Logs/Info')).toEqual([7]);
  });

  test('a file that cannot be read leaves the studios as they are, with one line in the log', async () => {
    const { port } = await startSimulator();
    const file = join(temporaryFolder(), 'studios.json');
    writeFileSync(file, JSON.stringify({ studios: { stage: `127.0.0.1:${port}` } }));
    const gateway = await startGateway(0, { rcsp: undefined, studiosFile: file });
    await until(async () => (await gateway.get('/ready')).status === 200);
    writeFileSync(file, '{"studios":');
    gateway.app.lifecycle.reload();
    gateway.app.lifecycle.reload();
    await until(() => gateway.log.some(({ msg }) => String(msg).startsWith('the studios stay as they are')));
    expect((await gateway.get('/studios/stage/v1/info')).status).toBe(200);
  });
});
