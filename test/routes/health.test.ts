import { expect, test } from 'vitest';
import { settled, startBoth, startGateway, startSimulator, until } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';

test('/live is 200 with and without a studio', async () => {
  const gateway = await startGateway(await freePort());
  expect(await gateway.get('/live')).toMatchObject({
    status: 200,
    json: {
      status: 'live',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
      uptimeSecs: expect.any(Number) as number,
    },
  });
});

test('/ready tells what is connected', async () => {
  const { gateway } = await startBoth({ poolSize: 3 });
  const { address } = gateway.rcsp;
  expect(await gateway.get('/ready')).toMatchObject({
    status: 200,
    json: {
      status: 'ready',
      studio: {
        state: 'connected',
        address: `127.0.0.1:${address.port}`,
        simulated: false,
        version: '1.0.0.0',
        gitSha: 'simulator',
        systemName: expect.stringContaining('simulated') as string,
        uptimeSecs: expect.any(Number) as number,
      },
      pool: { size: 3, up: 3, waiting: 0 },
      events: { connected: true },
      devices: 4,
    },
  });
});

test('/ready is 503 while no studio was ever there', async () => {
  const port = await freePort();
  const gateway = await startGateway(port, { poolSize: 2 });
  expect(await gateway.get('/ready')).toMatchObject({
    status: 503,
    json: {
      status: 'not ready',
      studio: {
        state: 'disconnected',
        address: `127.0.0.1:${port}`,
        simulated: false,
        version: null,
        gitSha: null,
        systemName: null,
        uptimeSecs: null,
      },
      pool: { size: 2, up: 0, waiting: 0 },
      events: { connected: false },
      devices: 0,
    },
  });
});

test('/ready follows a studio that goes and comes back', async () => {
  const first = await startSimulator();
  const gateway = await startGateway(first.port);
  await settled(gateway);
  await first.simulator.close();
  await until(async () => (await gateway.get('/ready')).status === 503);
  expect((await gateway.get('/ready')).json).toMatchObject({
    studio: { state: 'disconnected', version: '1.0.0.0', uptimeSecs: null },
    devices: 0,
  });
  await startSimulator({ port: first.port, devices: 2 });
  await until(async () => (await gateway.get('/ready')).status === 200);
  await settled(gateway);
  expect((await gateway.get('/ready')).json).toMatchObject({ status: 'ready', devices: 2 });
});

test('/ready reports that the studio is the built-in simulator', async () => {
  const gateway = await startGateway(1, { simulate: true, devices: 3 });
  await settled(gateway);
  expect((await gateway.get('/ready')).json).toMatchObject({ studio: { simulated: true }, devices: 3 });
});

test('/metrics counts commands by name, outcome and code, and how long they took', async () => {
  const { gateway, simulator } = await startBoth();
  await gateway.get('/v1/devices/1/name');
  await gateway.get('/v1/devices/99/name');
  simulator.faults.add({ kind: 'drop', command: 'SetDeviceName', count: 1 });
  await gateway.put('/v1/devices/1/name', { DeviceName: 'A' });
  const name = (outcome: string, code: string, command = 'GetDeviceName'): Promise<number> =>
    gateway.metric(`rcsp_gateway_commands_total{command="${command}",outcome="${outcome}",code="${code}"}`);
  expect(await name('ok', 'ok')).toBe(1);
  expect(await name('rejected', 'Device not found')).toBe(1);
  expect(await name('no-answer', 'Connection lost', 'SetDeviceName')).toBe(1);
  expect(await gateway.metric('rcsp_gateway_command_duration_seconds_count{command="GetDeviceName"}')).toBe(
    2,
  );
  const { headers } = await gateway.get('/metrics');
  expect(headers.get('content-type')).toMatch(/^text\/plain/);
});

test('/metrics counts what was not sent', async () => {
  const gateway = await startGateway(await freePort());
  await gateway.get('/v1/info');
  expect(
    await gateway.metric(
      'rcsp_gateway_commands_total{command="Info",outcome="not-sent",code="Studio unreachable"}',
    ),
  ).toBe(1);
  expect(await gateway.metric('rcsp_gateway_studio_up')).toBe(0);
});

test('/metrics tells connections, breaches of the protocol by kind, and reconnects', async () => {
  const { gateway, simulator } = await startBoth({ poolSize: 2 });
  expect(await gateway.metric('rcsp_gateway_studio_up')).toBe(1);
  expect(await gateway.metric('rcsp_gateway_commands_waiting')).toBe(0);
  expect(await gateway.metric('rcsp_gateway_connections{role="commands",state="up"}')).toBe(2);
  expect(await gateway.metric('rcsp_gateway_connections{role="events",state="up"}')).toBe(1);
  expect((await gateway.get('/metrics')).text).not.toContain('protocol_errors_total{');
  simulator.faults.add({ kind: 'garble', command: 'SetDeviceName', count: 1 });
  await gateway.put('/v1/devices/1/name', { DeviceName: 'A' });
  expect(await gateway.metric('rcsp_gateway_protocol_errors_total{kind="marker"}')).toBe(1);
  expect(await gateway.metric('rcsp_gateway_reconnects_total{role="commands"}')).toBe(1);
  simulator.dropConnections();
  await until(async () => (await gateway.metric('rcsp_gateway_reconnects_total{role="events"}')) === 1);
});

test('events reach the metrics and, at debug, the log', async () => {
  const { gateway } = await startBoth({ logLevel: 'debug' });
  await gateway.post('/v1/subscribe', { Publishers: [{ Publisher: 'Logs', Topics: ['Warning'] }] });
  await gateway.call('SimulatorSay', { Level: 'Warning', LogMsg: 'mind the gap' });
  await until(
    async () => (await gateway.metric('rcsp_gateway_events_total{publisher="Logs",topic="Warning"}')) === 1,
  );
  expect(gateway.log.filter(({ msg }) => msg === 'event')).toMatchObject([
    { publisher: 'Logs', topic: 'Warning', data: { LogMsg: 'mind the gap' } },
  ]);
});

test('events are not logged at info', async () => {
  const { gateway } = await startBoth({ logLevel: 'info' });
  await gateway.post('/v1/subscribe', { Publishers: [{ Publisher: 'Logs', Topics: ['Info'] }] });
  await gateway.post('/v1/test-event', { Publisher: 'Logs', Topic: 'Info' });
  await until(
    async () => (await gateway.metric('rcsp_gateway_events_total{publisher="Logs",topic="Info"}')) === 1,
  );
  expect(gateway.log.filter(({ msg }) => msg === 'event')).toEqual([]);
});

test('names from clients cannot grow the metrics without bound', { tags: ['extended'] }, async () => {
  const { gateway } = await startBoth();
  const names = Array.from({ length: 520 }, (_, i) => `Nonsense${i}`);
  for (let at = 0; at < names.length; at += 40) {
    await Promise.all(names.slice(at, at + 40).map((name) => gateway.call(name)));
  }
  const { text } = await gateway.get('/metrics');
  const labels = new Set(Array.from(text.matchAll(/commands_total\{command="([^"]+)"/g), ([, name]) => name));
  expect(labels.size).toBeLessThanOrEqual(500);
  expect(labels).toContain('other');
});
