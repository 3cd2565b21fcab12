// @module-tag extended
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { LightSimulator, LightSimulatorOptions } from '../../src/simulator/lights/light-simulator.js';
import { temporaryFolder } from '../support/access.js';
import { SseClient } from '../support/event-client.js';
import { problemOf, startGateway, startSimulator, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { sendBytes, startLight } from '../support/lights.js';
import { makeTokens } from '../support/tokens.js';

const STEPS = [
  { register: 'LED_FAN', on: true },
  { register: 'ALL_4_NIKON', power: 80 },
  { register: 'ALL_4_CANON', power: 80, shutterMs: 105 },
  { register: 'OLAT_4_NIKON', power: 80, drive: 'single' },
  { register: 'DIGITAL_POLARIZER', on: true },
  { register: 'MODEL_LIGHT', power: 10 },
];

/** A gateway with one light array that takes its heartbeats. */
async function start(
  settings: Readonly<Record<string, unknown>> = {},
  options: LightSimulatorOptions = {},
): Promise<{ gateway: Gateway; light: LightSimulator; node: string; path: string }> {
  const light = await startLight(options);
  const node = `127.0.0.1:${light.address.port}`;
  const { port } = await startSimulator();
  const gateway = await startGateway(port, {
    lights: node,
    lightsListen: '127.0.0.1:0',
    stateFolder: temporaryFolder(),
    ...settings,
  });
  await until(() => gateway.app.lights.nodes[0]?.state === 'connected');
  return { gateway, light, node, path: `/v1/lights/${node}` };
}

function textOf(client: SseClient): string {
  return client.events.map(({ data }) => data).join('\n');
}

const Job = z.looseObject({ id: z.string(), state: z.string() });

async function ended(gateway: Gateway, id: string): Promise<z.output<typeof Job>> {
  let job: z.output<typeof Job> | undefined;
  await until(async () => {
    job = Job.parse((await gateway.get(`/v1/jobs/${id}`)).json);
    return job.state !== 'running';
  });
  return job!;
}

describe('the routes of light arrays', () => {
  test('list and show them, by name and by id', async () => {
    const { gateway, node, path } = await start();
    await until(() => gateway.app.lights.descriptions[0]?.unit !== null);
    const { status, json } = await gateway.get(path);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      node,
      id: '81639cd4',
      state: 'connected',
      unit: { firmwareVersion: '2.0.4' },
    });
    expect((await gateway.get('/v1/lights')).json).toEqual({ lights: [json] });
    expect((await gateway.get('/v1/lights/81639cd4')).json).toEqual(json);
  });

  test('are there without any light array', async () => {
    const { port } = await startSimulator();
    const gateway = await startGateway(port);
    expect((await gateway.get('/v1/lights')).json).toEqual({ lights: [] });
    const problem = problemOf(await gateway.put('/v1/lights/192.168.0.23/fan', { on: true }));
    expect(problem).toMatchObject({
      status: 404,
      code: 'Not found',
      outcome: 'not-sent',
      command: 'SetLightFan',
    });
  });

  test('switch light, fan and polarizer with 204', async () => {
    const { gateway, light, path } = await start();
    for (const [what, body] of [
      ['model-light', { power: 40 }],
      ['fan', { on: true }],
      ['polarizer', { on: false }],
    ] as const) {
      const { status, text, headers } = await gateway.put(`${path}/${what}`, body);
      expect([status, text]).toEqual([204, '']);
      expect(headers.get('server-timing')).toMatch(/^rcsp;dur=\d+\.\d\d$/);
    }
    expect(Object.fromEntries(light.board.registers)).toEqual({
      MODEL_LIGHT: [40],
      LED_FAN: [1],
      DIGITAL_POLARIZER: [0],
    });
  });

  test('upload a sequence, give it back, and run it after something else was loaded', async () => {
    const { gateway, light, path } = await start();
    expect((await gateway.get(`${path}/sequence`)).json).toEqual({ steps: [], standalone: false });
    expect((await gateway.put(`${path}/sequence`, { steps: STEPS })).status).toBe(204);
    expect((await gateway.get(`${path}/sequence`)).json).toEqual({ steps: STEPS, standalone: false });
    expect((await gateway.put(`${path}/model-light`, { power: 1 })).status).toBe(204);
    expect((await gateway.post(`${path}/sequence/run`)).status).toBe(204);
    expect(light.board.loaded).toEqual([
      'LED_FAN,1',
      'ALL_4_NIKON,80',
      'ALL_4_CANON,80,105',
      'OLAT_4_NIKON,80,0',
      'DIGITAL_POLARIZER,1',
      'MODEL_LIGHT,10',
    ]);
  });

  test('write a standalone sequence to the file that boardio runs at its start', async () => {
    const { gateway, light, path } = await start();
    const body = { steps: STEPS.slice(0, 2), standalone: true };
    expect((await gateway.put(`${path}/sequence`, body)).status).toBe(204);
    expect(light.board.files.get('/home/rigsters/la4_sequence_standalone.csv')).toBe(
      'LED_FAN,1\nALL_4_NIKON,80\n',
    );
  });

  test.each([
    ['model-light', {}],
    ['model-light', { power: 101 }],
    ['model-light', { power: '40' }],
    ['model-light', { power: 40, more: 1 }],
    ['fan', { on: 'yes' }],
    ['sequence', { steps: [] }],
    ['sequence', { steps: [{ register: 'ALL_4_CANON', power: 80 }] }],
    ['sequence', { steps: [{ register: 'REBOOT', power: 80 }] }],
    ['sequence', { steps: STEPS, standalone: "'; reboot" }],
  ])('refuse %s %j, and nothing is sent', async (what, body) => {
    const { gateway, light, path } = await start();
    const problem = problemOf(await gateway.put(`${path}/${what}`, body));
    expect(problem).toMatchObject({ status: 400, code: 'Invalid request', outcome: 'not-sent' });
    expect(problem.errors?.length).toBeGreaterThan(0);
    expect(light.commands).toEqual([]);
  });

  test('tell how a command failed', async () => {
    const { gateway, light, path } = await start();
    light.faults.add({ kind: 'error', count: 1 });
    expect(problemOf(await gateway.put(`${path}/fan`, { on: true }))).toMatchObject({
      status: 502,
      code: 'Device command error',
      detail: 'BOARDIO_ERROR: as ordered',
      outcome: 'rejected',
      command: 'SetLightFan',
    });
    light.faults.add({ kind: 'silent', count: 1 });
    const silent = await gateway.ask('PUT', `${path}/fan`, {
      body: { on: true },
      headers: { prefer: 'wait=1' },
    });
    expect(problemOf(silent)).toMatchObject({ status: 504, code: 'Timeout', outcome: 'no-answer' });
    await light.pause();
    expect(problemOf(await gateway.put(`${path}/fan`, { on: true }))).toMatchObject({
      status: 503,
      code: 'Studio unreachable',
      outcome: 'not-sent',
    });
  });
});

describe('a run', () => {
  test('with respond-async is a job that is told on $gateway/jobs', async () => {
    const { gateway, node, path } = await start();
    const client = await SseClient.open(gateway, '/v1/events?channel=$gateway/jobs');
    await gateway.put(`${path}/sequence`, { steps: STEPS });
    const reply = await gateway.ask('POST', `${path}/sequence/run`, { headers: { prefer: 'respond-async' } });
    const job = Job.parse(reply.json);
    expect(reply.status).toBe(202);
    expect(reply.headers.get('location')).toBe(`/v1/jobs/${job.id}`);
    expect(reply.headers.get('preference-applied')).toBe('respond-async');
    expect(job).toMatchObject({ command: 'RunLightSequence', node, deviceId: null, state: 'running' });
    expect(await ended(gateway, job.id)).toMatchObject({ state: 'done', error: null });
    await until(() => textOf(client).includes('"state":"done"'));
    expect(textOf(client)).toContain('"state":"running"');
  });

  test('that fails gives its job the error of the node', async () => {
    const { gateway, light, path } = await start();
    await gateway.put(`${path}/sequence`, { steps: STEPS });
    light.faults.add({ kind: 'stderr', command: 'runSeq', count: 1 });
    const reply = await gateway.ask('POST', `${path}/sequence/run`, { headers: { prefer: 'respond-async' } });
    expect(await ended(gateway, Job.parse(reply.json).id)).toMatchObject({
      state: 'failed',
      error: 'BOARDIO_CLI: cannot open the FIFO file',
      code: 'Device command error',
    });
  });

  test('that says nothing ends by its timeout as no-answer', async () => {
    const { gateway, light, path } = await start();
    await gateway.put(`${path}/sequence`, { steps: STEPS });
    light.faults.add({ kind: 'endless', command: 'runSeq', count: 1 });
    const headers = { prefer: 'respond-async, wait=1' };
    const reply = await gateway.ask('POST', `${path}/sequence/run`, { headers });
    expect(await ended(gateway, Job.parse(reply.json).id)).toMatchObject({
      state: 'failed',
      code: 'Timeout',
      outcome: 'no-answer',
    });
  });

  test('without a sequence is refused, and no job', async () => {
    const { gateway, path } = await start();
    const reply = await gateway.ask('POST', `${path}/sequence/run`, { headers: { prefer: 'respond-async' } });
    expect(problemOf(reply)).toMatchObject({ status: 400, outcome: 'not-sent' });
    expect((await gateway.get('/v1/jobs')).json).toEqual({ jobs: [] });
  });
});

describe('a shell command', () => {
  test('is not to be had without --lights-shell', async () => {
    const { gateway, light, path } = await start();
    const problem = problemOf(await gateway.post(`${path}/commands`, { command: 'ls' }));
    expect(problem).toMatchObject({ status: 404, code: 'Not found', outcome: 'not-sent' });
    expect(problem.detail).toContain('--lights-shell');
    expect(light.commands).toEqual([]);
  });

  test('answers its output, and whether it ended well', async () => {
    const { gateway, path } = await start({ lightsShell: true });
    expect((await gateway.post(`${path}/commands`, { command: "echo 'a b'" })).json).toEqual({
      output: 'a b\n',
      ok: true,
    });
    expect((await gateway.post(`${path}/commands`, { command: 'nothing' })).json).toEqual({
      output: 'sh: nothing: not found\n',
      ok: false,
    });
  });
});

describe('access', () => {
  test('looking needs read, lighting control, the shell admin; each write leaves an audit line', async () => {
    const tokens = makeTokens({ viewer: 'read', operator: 'control', chief: 'admin' });
    const { gateway, light, node, path } = await start({ tokens: tokens.file, lightsShell: true });
    const as = (name: 'viewer' | 'operator' | 'chief') => ({ headers: tokens.as(name) });
    expect((await gateway.ask('GET', '/v1/lights')).status).toBe(401);
    expect((await gateway.ask('GET', path, as('viewer'))).status).toBe(200);
    const fan = { body: { on: true } };
    expect((await gateway.ask('PUT', `${path}/fan`, { ...fan, ...as('viewer') })).status).toBe(403);
    expect((await gateway.ask('PUT', `${path}/fan`, { ...fan, ...as('operator') })).status).toBe(204);
    const shell = { body: { command: 'true' } };
    expect((await gateway.ask('POST', `${path}/commands`, { ...shell, ...as('operator') })).status).toBe(403);
    expect((await gateway.ask('POST', `${path}/commands`, { ...shell, ...as('chief') })).status).toBe(200);
    await until(() => gateway.log.filter((line) => 'audit' in line).length === 4);
    const lines = gateway.log.flatMap(({ audit }) => (audit === undefined ? [] : [audit]));
    expect(lines).toMatchObject([
      { who: 'viewer', command: 'SetLightFan', node, outcome: 'refused', code: 'Forbidden' },
      { who: 'operator', command: 'SetLightFan', node, outcome: 'ok', code: null },
      { who: 'operator', command: 'RunLightShell', node, outcome: 'refused', code: 'Forbidden' },
      { who: 'chief', command: 'RunLightShell', node, outcome: 'ok', code: null },
    ]);
    expect(light.commands.length).toBe(3);
  });

  test('only the holder of the control lease lights', async () => {
    const tokens = makeTokens({ one: 'control', other: 'control' });
    const { gateway, path } = await start({ tokens: tokens.file, controlLease: true });
    const put = (name: 'one' | 'other') =>
      gateway.ask('PUT', `${path}/fan`, { body: { on: true }, headers: tokens.as(name) });
    await gateway.ask('POST', '/v1/lease', { headers: tokens.as('one') });
    expect((await put('other')).status).toBe(409);
    expect((await put('one')).status).toBe(204);
  });
});

describe('events and metrics', () => {
  test('events reach a channel byte for byte, by wildcard too', async () => {
    const { gateway, light, node } = await start();
    const one = await SseClient.open(gateway, `/v1/events/lights/${node}/Pycom/Message`);
    const all = await SseClient.open(gateway, '/v1/events?channel=lights/*/Pycom/*');
    await until(() => textOf(all).includes('"state":"connected"'));
    const { port } = light.address;
    const event = `{"id":"81639cd4","name":"n","ip":"x","port":${port},"version":"0","coordinator":false, "type_":"message","message":"\\u00e9","n":1.0}`;
    await sendBytes(gateway.app.lights.port!, event);
    for (const client of [one, all]) await until(() => textOf(client).includes(`"event":${event}}`));
    expect(textOf(one)).toContain(`"channel":"lights/${node}/Pycom/Message"`);
    const { text } = await gateway.get(`/v1/history?channel=lights/${node}/Pycom/Message`);
    expect(text).toContain(event);
  });

  test('a node that takes no heartbeat for 15 s is unreachable, with a gap on its channels', async () => {
    const { gateway, light, node, path } = await start();
    const client = await SseClient.open(gateway, '/v1/events?channel=lights/*/Pycom/*');
    await light.pause();
    await until(() => textOf(client).includes('"state":"unreachable"'));
    expect(textOf(client)).toContain(`"op":"gap","channel":"lights/${node}/Pycom/Message"`);
    expect(textOf(client)).toContain('"cause":"upstream-lost"');
    expect((await gateway.get(path)).json).toMatchObject({ state: 'unreachable' });
    await light.listen();
    await until(() => gateway.app.lights.nodes[0]?.state === 'connected');
  });

  test('a gateway that ends leaves a run in flight without an answer', async () => {
    const { gateway, light, path } = await start();
    await gateway.put(`${path}/sequence`, { steps: STEPS });
    light.faults.add({ kind: 'endless', command: 'runSeq', count: 1 });
    const run = gateway.post(`${path}/sequence/run`);
    await until(() => light.commands.some((command) => command.includes('runSeq')));
    await gateway.app.close();
    expect(problemOf(await run)).toMatchObject({
      status: 502,
      code: 'Connection lost',
      outcome: 'no-answer',
    });
  });

  test('a channel of an unknown node is refused', async () => {
    const { gateway } = await start();
    const reply = await gateway.get('/v1/events/lights/10.0.0.1/Pycom/Message');
    expect(problemOf(reply)).toMatchObject({ status: 400, code: 'Invalid request' });
  });

  test('metrics count nodes, commands, and connections that brought no event', async () => {
    const { gateway, node, path } = await start();
    await gateway.put(`${path}/fan`, { on: true });
    await sendBytes(gateway.app.lights.port!, 'GET / HTTP/1.1\r\n\r\n');
    const metric = (line: string) => gateway.metric(`rcsp_gateway_lights_${line}`);
    await until(async () => (await metric('callbacks_refused_total{reason="not-json"}')) === 1);
    expect(await metric(`up{node="${node}"}`)).toBe(1);
    expect(await metric(`commands_total{node="${node}",command="SetLightFan",outcome="ok"}`)).toBe(1);
  });
});

test('--simulate brings two light arrays', async () => {
  const gateway = await startGateway(1, { simulate: true });
  await until(() => gateway.app.lights.nodes.filter(({ state }) => state === 'connected').length === 2);
  const { node } = gateway.app.lights.descriptions[1]!;
  expect((await gateway.put(`/v1/lights/${node}/model-light`, { power: 7 })).status).toBe(204);
});
