// @module-tag extended
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Metrics } from '../../src/metrics.js';
import { VERSION } from '../../src/util/package-info.js';
import { EventClient, SseClient } from '../support/event-client.js';
import { startBoth, startScripted, until } from '../support/gateway.js';
import { topicsOf } from '../support/scripted-server.js';

test('made-up commands are counted as other; those of the catalog and of the studio keep their names', async () => {
  const { gateway } = await startBoth();
  const names = Array.from({ length: 600 }, (_, i) => `Nonsense${i}`);
  for (let at = 0; at < names.length; at += 40)
    await Promise.all(names.slice(at, at + 40).map((name) => gateway.call(name)));
  await gateway.get('/v1/devices/1/name');
  await gateway.call('SimulatorSay', { Level: 'Info', LogMsg: 'x' });
  const { text } = await gateway.get('/metrics');
  expect(text).not.toContain('Nonsense');
  expect(text).toContain(
    'commands_total{command="other",outcome="rejected",code="Unknown command",studio="studio"} 600',
  );
  expect(text).toContain('commands_total{command="GetDeviceName",outcome="ok",code="ok",studio="studio"} 1');
  expect(text).toContain('commands_total{command="SimulatorSay",outcome="ok",code="ok",studio="studio"} 1');
});

describe('Metrics', () => {
  test('each label has a bound of its own', async () => {
    const all = new Metrics('1.2.3');
    const metrics = all.ofStudio('stage');
    for (let i = 0; i < 600; i += 1) metrics.event('Logs', `Topic${i}`);
    metrics.event('DeviceEvents', 'Topic1');
    metrics.command('GetDeviceName', undefined, 1);
    const text = await all.register.metrics();
    expect(text).toContain('rcsp_gateway_events_total{publisher="Logs",topic="Topic499",studio="stage"} 1');
    expect(text).toContain('rcsp_gateway_events_total{publisher="Logs",topic="other",studio="stage"} 100');
    expect(text).toContain(
      'rcsp_gateway_events_total{publisher="DeviceEvents",topic="Topic1",studio="stage"} 1',
    );
    expect(text).toContain('commands_total{command="GetDeviceName",outcome="ok",code="ok",studio="stage"} 1');
  });

  test('Metrics counters keep their values from one scrape to the next', async () => {
    const metrics = new Metrics('1.2.3');
    metrics.eventsDropped('slow-client', 3);
    await metrics.register.metrics();
    metrics.eventsDropped('slow-client', 2);
    expect(await metrics.register.metrics()).toContain('events_dropped_total{reason="slow-client"} 5');
  });

  const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;

  test.runIf(hasPromtool)('promtool finds nothing wrong with the names', async () => {
    const metrics = new Metrics('1.2.3');
    metrics.collectProcess();
    metrics.ofStudio('stage').command('Info', undefined, 5);
    metrics.ofStudio('stage').event('Logs', 'Info');
    metrics.eventsDropped('evicted', 1);
    metrics.requestRefused('Not found');
    metrics.malformedFrame('WS_ERR_INVALID_OPCODE');
    const input = await metrics.register.metrics();
    expect(execFileSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' })).toBe('');
  });
});

test('clients are counted by transport, refused requests by code, and the version is told', async () => {
  const { gateway } = await startBoth();
  await EventClient.connect(gateway);
  await SseClient.open(gateway, '/v1/events/Logs/Info');
  await gateway.get('/v1/nothing');
  await gateway.get('/v1/devices/x/name');
  expect(await gateway.metric('rcsp_gateway_clients{transport="websocket"}')).toBe(1);
  expect(await gateway.metric('rcsp_gateway_clients{transport="sse"}')).toBe(1);
  expect(await gateway.metric('rcsp_gateway_requests_refused_total{code="Not found"}')).toBe(1);
  expect(await gateway.metric('rcsp_gateway_requests_refused_total{code="Invalid request"}')).toBe(1);
  expect(
    await gateway.metric(`rcsp_gateway_build_info{version="${VERSION}",node="${process.version}"}`),
  ).toBe(1);
});

test('a WebSocket frame that breaks the protocol is counted', async () => {
  const { gateway } = await startBoth();
  const { hostname, port } = new URL(gateway.url);
  const socket = net.connect(Number(port), hostname);
  socket.write(
    `GET /v1/ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  socket.once('data', () => socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0])));
  await until(
    async () =>
      (await gateway.metric(
        'rcsp_gateway_websocket_malformed_frames_total{code="WS_ERR_INVALID_OPCODE"}',
      )) === 1,
  );
  socket.destroy();
});

test('connections that end before a request can be read are counted by their reason', async () => {
  const { gateway } = await startBoth();
  const { hostname, port } = new URL(gateway.url);
  const say = async (text: string): Promise<void> => {
    const socket = net.connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    socket.write(text);
    socket.resume();
    await once(socket, 'close');
  };
  const head = `GET /v1/ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\n`;
  await say('what?\r\n\r\n');
  await say(`${head}X: ${'x'.repeat(20_000)}\r\n\r\n`);
  await say(`${head}Expect: the impossible\r\n\r\n`);
  await say(`${head}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: short\r\n\r\n`);
  for (const reason of ['unreadable-request', 'headers-too-large', 'expectation', 'websocket-handshake']) {
    const line = `rcsp_gateway_connections_refused_total{reason="${reason}"}`;
    expect([reason, await gateway.metric(line)]).toEqual([reason, 1]);
  }
});

test('connections over the cap are counted', async () => {
  const { gateway } = await startBoth();
  gateway.app.server.emit('drop');
  expect(await gateway.metric('rcsp_gateway_connections_refused_total{reason="connection-limit"}')).toBe(1);
});

test('refused topics of one subscribe leave one line in the log', async () => {
  const { gateway } = await startScripted((server) => ({
    Subscribe: (command) => {
      if (topicsOf(command.args).some((topic) => topic.startsWith('Secret/')))
        server.error(command, 'Invalid value');
      else server.ok(command);
    },
  }));
  const client = await EventClient.connect(gateway);
  const channels = Array.from({ length: 30 }, (_, n) => `Secret/T${n}`);
  client.send({ op: 'subscribe', id: 1, channels });
  await until(() => gateway.log.some(({ msg }) => msg === 'the studio refused subscriptions'));
  const lines = gateway.log.filter(({ msg }) => msg === 'the studio refused subscriptions');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ count: 30, channels: expect.any(Array) as unknown[] });
});
