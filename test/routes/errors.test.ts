import net from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { bare } from '../support/access.js';
import {
  counting,
  Problem,
  problemOf,
  settled,
  startBoth,
  startGateway,
  startScripted,
  until,
} from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';

/** The contract's table. */
const STATUS_OF = {
  'Device not found': 404,
  'Sub-device not found': 404,
  'Unknown command': 404,
  'Unsupported command': 422,
  'Missing required argument': 400,
  'Missing required key': 400,
  'Invalid argument': 400,
  'Invalid value type': 400,
  'Invalid value': 400,
  Busy: 409,
  'Device not available': 409,
  'Device not updatable': 409,
  'Device command error': 502,
  'Runtime error': 502,
  'Unknown error': 502,
  'Response too small': 502,
  'Invalid marker': 502,
  'Wrong header type': 502,
  'Parse error': 502,
} as const;

describe('what the studio refuses', () => {
  test.each(Object.entries(STATUS_OF))('%s is answered with %i, its code verbatim', async (code, status) => {
    const { gateway, simulator } = await startBoth({ poolSize: 1 });
    simulator.faults.add({ kind: 'error', command: 'SetDeviceName', code });
    const reply = await gateway.put('/v1/devices/1/name', { DeviceName: 'A' });
    const problem = problemOf(reply);
    expect(problem).toMatchObject({
      status,
      code,
      title: code,
      outcome: 'rejected',
      command: 'SetDeviceName',
      detail: 'a fault of the simulator',
    });
    expect(problem.type).toMatch(/^urn:rcsp-gateway:problem:[a-z0-9-]+$/);
    expect(reply.headers.get('retry-after')).toBe(code === 'Busy' ? '1' : null);
    expect(reply.headers.get('server-timing')).toMatch(/^rcsp;dur=/);
  });

  test.each(['Moon phase unsuitable', 'toString', '', 'größer'])(
    'an error code that no table lists (%j) is answered with 502',
    async (code) => {
      const { gateway } = await startScripted((server) => ({
        GetDeviceName: (command) => server.error(command, code),
      }));
      expect(problemOf(await gateway.get('/v1/devices/1/name'))).toMatchObject({
        status: 502,
        code,
        outcome: 'rejected',
      });
    },
  );

  test("real refusals name their cause: no such device, no such LED, another device's command", async () => {
    const { gateway } = await startBoth();
    const codes = [
      await gateway.get('/v1/devices/99/name'),
      await gateway.put('/v1/devices/2/leds/Nose/behavior', { BehaviorType: 'On' }),
      await gateway.get('/v1/devices/4/network'),
      await gateway.call('DoTheTwist'),
    ].map((reply) => problemOf(reply));
    expect(codes.map(({ status, code }) => [status, code])).toEqual([
      [404, 'Device not found'],
      [404, 'Sub-device not found'],
      [422, 'Unsupported command'],
      [404, 'Unknown command'],
    ]);
    expect(codes[3]?.command).toBe('DoTheTwist');
  });
});

describe('a request that does not fit', () => {
  test.each([
    ['GET', '/v1/devices/one/name', undefined, ['path.DeviceId']],
    ['GET', '/v1/devices/-1/name', undefined, ['path.DeviceId']],
    ['GET', '/v1/devices/1.5/name', undefined, ['path.DeviceId']],
    ['GET', '/v1/devices/%20/name', undefined, ['path.DeviceId']],
    ['GET', '/v1/recording/tags/0', undefined, ['path.Tag']],
    ['GET', '/v1/publishers?DeviceId=x', undefined, ['query.DeviceId']],
    ['GET', '/v1/publishers?DeviceId=1&DeviceId=2', undefined, ['query.DeviceId']],
    ['PUT', '/v1/devices/1/name', { DeviceName: 5 }, ['body.DeviceName']],
    ['PUT', '/v1/devices/1/name', {}, ['body.DeviceName']],
    ['PUT', '/v1/devices/1/name', undefined, ['body']],
    ['PUT', '/v1/devices/1/name', 'text', ['body']],
    ['PUT', '/v1/devices/1/name', [], ['body']],
    ['PUT', '/v1/devices/1/name', { DeviceId: 2, DeviceName: 'A' }, ['body.DeviceId']],
    [
      'PUT',
      '/v1/devices/2/leds/RingLed/color',
      { Red: 256, Green: -1 },
      ['body.Red', 'body.Green', 'body.Blue'],
    ],
    [
      'PUT',
      '/v1/devices/4/magnetometer-offset',
      { Offset: { X: '1', Y: 2 } },
      ['body.Offset.X', 'body.Offset.Z'],
    ],
    [
      'POST',
      '/v1/subscribe',
      { Publishers: [{ Publisher: 'Logs', Topics: [] }] },
      ['body.Publishers.0.Topics'],
    ],
    ['POST', '/v1/commands/GetDeviceName', { Arguments: {} }, ['body.Arguments.DeviceId']],
    ['POST', '/v1/commands/Info', { Arguments: 'none' }, ['body.Arguments']],
    ['POST', '/v1/commands/Info', { Version: 0 }, ['body.Version']],
    ['POST', '/v1/commands/Info', { arguments: {} }, ['body']],
  ])('%s %s with %j names %j', async (method, path, body, paths) => {
    const { gateway, simulator } = await startBoth({ poolSize: 1 });
    const count = [...simulator.commandCounts.values()].reduce((sum, each) => sum + each, 0);
    const problem = problemOf(await gateway.ask(method, path, { body }));
    expect(problem).toMatchObject({ status: 400, code: 'Invalid request', outcome: 'not-sent' });
    expect(problem.errors?.map((each) => each.path)).toEqual(paths);
    expect(problem.errors?.every(({ reason }) => reason.length > 0)).toBe(true);
    expect([...simulator.commandCounts.values()].reduce((sum, each) => sum + each, 0)).toBe(count);
  });

  test('a device that is named by its type is refused with where its number is found', async () => {
    const { gateway } = await startBoth({ poolSize: 1 });
    for (const path of ['/v1/devices/Suit/name', '/v1/publishers?DeviceId=Suit']) {
      const { detail } = problemOf(await gateway.get(path));
      expect(detail).toContain('DeviceId is a number; see GET /v1/devices.');
    }
  });

  const json = { 'content-type': 'application/json' };

  test.each([
    ['malformed JSON', '{"DeviceName":', json],
    ['JSON with a trailing comma', '{"DeviceName":"A",}', json],
    ['a poisoned prototype', '{"DeviceName":"A","__proto__":{"x":1}}', json],
  ])('%s is a 400 that was not sent', async (_, raw, headers) => {
    const { gateway } = await startBoth();
    const problem = problemOf(await gateway.ask('PUT', '/v1/devices/1/name', { raw, headers }));
    expect(problem).toMatchObject({ status: 400, code: 'Invalid request', outcome: 'not-sent' });
  });

  test('a body over the limit is a 413', async () => {
    const { gateway } = await startBoth({ bodyLimit: 1024 });
    const big = { DeviceName: 'x'.repeat(2000) };
    expect(problemOf(await gateway.put('/v1/devices/1/name', big))).toMatchObject({
      status: 413,
      code: 'Payload too large',
      outcome: 'not-sent',
    });
  });

  test.each([
    ['POST', '/v1/devices/1/calibrate', 204],
    ['POST', '/v1/devices/1/wifi/start', 204],
    ['PUT', '/v1/devices/1/data-stream', 204],
    ['DELETE', '/v1/devices/1/data-stream', 204],
    ['POST', '/v1/commands/ListDevices', 200],
  ])('%s %s takes an empty body although it is announced as JSON', async (method, path, status) => {
    const { gateway } = await startBoth();
    const reply = await gateway.ask(method, path, { headers: json });
    expect(reply.status, reply.text).toBe(status);
  });

  test.each(['application/octet-stream', 'application/x-www-form-urlencoded', 'text/plain;charset=UTF-8'])(
    'an empty body of type %s counts as no body',
    async (type) => {
      const { gateway } = await startBoth();
      const none = { raw: '', headers: { 'content-type': type } };
      for (const path of ['/v1/devices/1/reinit-algo', '/v1/tickets', '/v1/commands/GetDeviceName']) {
        const { status, text } = await gateway.ask('POST', path, none);
        if (path.endsWith('Name')) expect(text).toContain('DeviceId');
        else expect(status, text).toBeLessThan(300);
      }
      expect(problemOf(await gateway.ask('PUT', '/v1/devices/1/name', none)).errors).toHaveLength(1);
    },
  );

  test('an unknown route is reported before a bad body', async () => {
    const { gateway } = await startBoth();
    const form = { raw: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    expect(problemOf(await gateway.ask('POST', '/v1/nothing', form))).toMatchObject({ code: 'Not found' });
  });

  test.each([
    ['GET', '/v1/nothing', 404, 'Not found'],
    ['PATCH', '/v1/info', 405, 'Method not allowed'],
    ['GET', '/v1/devices//name', 404, 'Not found'],
    ['GET', '/v1/devices/%zz/name', 400, 'Invalid request'],
    ['GET', `/v1/devices/1/${'x'.repeat(300)}`, 404, 'Not found'],
    ['POST', `/v1/commands/${'x'.repeat(300)}`, 400, 'Invalid request'],
  ])('%s %s is a problem with %i', async (method, path, status, code) => {
    const { gateway } = await startBoth();
    expect(problemOf(await gateway.ask(method, path))).toMatchObject({ status, code });
  });

  test.each([
    ['GET', '/v1/exit', 'POST'],
    ['POST', '/v1/devices/1/name', 'GET, HEAD, PUT'],
    ['PATCH', '/v1/info?x=1', 'GET, HEAD'],
    ['OPTIONS', '/v1/devices/1/data-stream', 'PUT, DELETE'],
    ['DELETE', '/v1/events/Logs/Info', 'GET'],
    ['HEAD', '/v1/events', 'GET'],
    ['POST', '/live', 'GET, HEAD'],
    ['PROPFIND', '/v1/commands/Info', 'POST'],
    ['POST', '/v1/devices/1/name/', 'GET, HEAD, PUT'],
  ])('%s %s is refused with 405, which allows %s', async (method, path, allow) => {
    const { gateway } = await startBoth({ poolSize: 1 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const reply = await bare(gateway.url, method, path, { host: new URL(gateway.url).host, ...form });
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, allow]);
    if (method === 'HEAD') return;
    const problem = problemOf(reply);
    expect(problem).toMatchObject({ code: 'Method not allowed', outcome: 'not-sent' });
    expect(problem.detail).toBe(
      `${path.split('?', 1)[0]} does not take ${method}; it takes ${allow}. See /docs.`,
    );
  });

  test('bytes that are not HTTP get a problem, and the gateway keeps working', async () => {
    const { gateway } = await startBoth();
    const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write('\xdc\x01 what?\r\n\r\n');
    await once(socket, 'close');
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /);
    expect(head).toContain('application/problem+json');
    expect(Problem.partial({ trackId: true }).parse(JSON.parse(body))).toMatchObject({
      status: 400,
      code: 'Invalid request',
      outcome: 'not-sent',
    });
    expect((await gateway.get('/live')).status).toBe(200);
  });
});

describe('a studio that fails', () => {
  test('an absent studio ends a command at once as not-sent', async () => {
    const gateway = await startGateway(await freePort());
    const started = performance.now();
    for (const reply of [
      await gateway.get('/v1/devices'),
      await gateway.put('/v1/devices/1/name', { DeviceName: 'A' }),
      await gateway.call('DoTheTwist'),
      await gateway.post('/v1/subscribe', { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] }),
    ]) {
      expect(problemOf(reply)).toMatchObject({
        status: 503,
        code: 'Studio unreachable',
        outcome: 'not-sent',
      });
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('commands over the queue limit are refused at once as not-sent', async () => {
    const { gateway, simulator } = await startBoth({ maxWaiting: 2, poolSize: 1 });
    simulator.faults.add({ kind: 'late', delayMs: 400, command: 'SetDeviceName', count: 1 });
    const names = ['A', 'B'].map((DeviceName) => gateway.put('/v1/devices/1/name', { DeviceName }));
    await until(() => gateway.rcsp.pool.load === 2);
    const refused = await gateway.get('/v1/info');
    expect(problemOf(refused)).toMatchObject({ status: 503, code: 'Too busy', outcome: 'not-sent' });
    expect(refused.headers.get('retry-after')).toBe('1');
    for (const name of names) expect((await name).status).toBe(204);
    expect((await gateway.get('/v1/info')).status).toBe(200);
  });

  test("an unanswered command times out after the caller's Prefer: wait", async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'hang', command: 'GetDeviceName' });
    const started = performance.now();
    const reply = await gateway.get('/v1/devices/1/name', { prefer: 'respond-async, wait=1' });
    expect(performance.now() - started).toBeGreaterThan(900);
    expect(performance.now() - started).toBeLessThan(4000);
    expect(problemOf(reply)).toMatchObject({ status: 504, code: 'Timeout', outcome: 'no-answer' });
    expect(reply.headers.get('preference-applied')).toBe('wait=1');
    expect(Number(/dur=([\d.]+)/.exec(reply.headers.get('server-timing') ?? '')?.[1])).toBeGreaterThan(900);
  });

  test(
    'the wait is capped at the maximum, and the answer names the applied wait',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth({ maxTimeout: 1 });
      simulator.faults.add({ kind: 'hang', command: 'GetDeviceName' });
      const [asked, silent] = await Promise.all([
        gateway.get('/v1/devices/1/name', { prefer: 'wait=3000' }),
        gateway.get('/v1/devices/2/name'),
      ]);
      expect([asked.status, silent.status]).toEqual([504, 504]);
      expect(asked.headers.get('preference-applied')).toBe('wait=1');
      expect(silent.headers.get('preference-applied')).toBeNull();
    },
  );

  test.each(['wait=0', 'wait=-1', 'wait=soon', 'wait', 'return=minimal', ''])(
    'Prefer: %s is ignored',
    async (prefer) => {
      const { gateway } = await startBoth({ poolSize: 1 });
      const { status, headers } = await gateway.get('/v1/info', { prefer });
      expect([status, headers.get('preference-applied')]).toEqual([200, null]);
    },
  );

  test('a write whose connection dies is sent once and ends with no-answer', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'drop', command: 'SetDeviceName' });
    const count = counting(simulator);
    expect(problemOf(await gateway.put('/v1/devices/1/name', { DeviceName: 'A' }))).toMatchObject({
      status: 502,
      code: 'Connection lost',
      outcome: 'no-answer',
    });
    expect(count('SetDeviceName')).toBe(1);
  });

  test('a read whose connection dies is sent once more', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'drop', command: 'GetDeviceName', count: 1 });
    const count = counting(simulator);
    expect((await gateway.get('/v1/devices/1/name')).status).toBe(200);
    expect(count('GetDeviceName')).toBe(2);
  });

  test('a read whose connections die twice ends with Connection lost', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'drop', command: 'GetDeviceName', count: 2 });
    const count = counting(simulator);
    expect(problemOf(await gateway.get('/v1/devices/1/name'))).toMatchObject({
      status: 502,
      code: 'Connection lost',
      outcome: 'no-answer',
    });
    expect(count('GetDeviceName')).toBe(2);
  });

  test('an answer that breaks RCSP is a protocol error of its own command only', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'garble', command: 'SetDeviceName', count: 1 });
    const count = counting(simulator);
    const [bad, good] = await Promise.all([
      gateway.put('/v1/devices/1/name', { DeviceName: 'A' }),
      gateway.get('/v1/devices/2/name'),
    ]);
    expect(problemOf(bad)).toMatchObject({ status: 502, code: 'Protocol error', outcome: 'no-answer' });
    expect(good.status).toBe(200);
    expect(count('SetDeviceName')).toBe(1);
    await settled(gateway);
    expect((await gateway.put('/v1/devices/1/name', { DeviceName: 'A' })).status).toBe(204);
  });

  test('answers that arrive in single bytes are read', async () => {
    const { gateway, simulator } = await startBoth();
    simulator.faults.add({ kind: 'split', command: 'ListDevices' });
    expect((await gateway.get('/v1/devices')).status).toBe(200);
  });

  test(
    'commands behind a late one on the only connection still get their own answers',
    { tags: ['extended'] },
    async () => {
      const { gateway, simulator } = await startBoth({ poolSize: 1 });
      simulator.faults.add({ kind: 'late', delayMs: 1300, command: 'GetFrameRate', count: 1 });
      const [late, next] = await Promise.all([
        gateway.get('/v1/devices/1/frame-rate', { prefer: 'wait=1' }),
        gateway.get('/v1/devices/2/name'),
      ]);
      expect(late.status).toBe(504);
      expect(next.json).toEqual({ DeviceName: expect.any(String) as string });
      expect((await gateway.get('/v1/devices/1/frame-rate')).json).toEqual({ FrameRate: 100 });
    },
  );
});
