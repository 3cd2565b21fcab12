// @module-tag extended
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { RcspClient } from '../../src/client/index.js';
import { RelayLink } from '../../src/transports/relay/relay-link.js';
import { counting, until } from '../support/gateway.js';
import { startJoined } from '../support/relay.js';

/*
 * The line is cut while something is on its way.
 */

const SLOW = { kind: 'late', delayMs: 1500 } as const;

describe('a line that is lost in flight', () => {
  test('a GET is repeated when the line is back in time', async () => {
    const { proxy, simulator, url, tokens } = await startJoined();
    simulator.faults.add({ ...SLOW, command: 'GetDeviceName', count: 1 });
    const sent = counting(simulator);
    const answer = fetch(`${url}/v1/devices/1/name`, { headers: tokens.as('reader') });
    await until(() => sent('GetDeviceName') === 1);
    proxy.cut();
    expect(await (await answer).json()).toEqual({ DeviceName: 'Suit' });
  });

  test('a GET is told no-answer when the line is not back in time', async () => {
    const { proxy, simulator, url, tokens } = await startJoined();
    simulator.faults.add({ kind: 'hang', command: 'GetDeviceName', count: 1 });
    const sent = counting(simulator);
    const answer = fetch(`${url}/v1/devices/1/name`, { headers: tokens.as('reader') });
    await until(() => sent('GetDeviceName') === 1);
    proxy.isOpen = false;
    proxy.cut();
    const { status } = await answer;
    expect(status).toBe(502);
    expect(await (await answer).json()).toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
  });

  test('a write is told no-answer at once and runs once', async () => {
    const { proxy, simulator, url, tokens } = await startJoined();
    simulator.faults.add({ ...SLOW, command: 'SetDeviceName', count: 1 });
    const sent = counting(simulator);
    const answer = fetch(`${url}/v1/devices/1/name`, {
      method: 'PUT',
      headers: { ...tokens.as('operator'), 'content-type': 'application/json' },
      body: '{"DeviceName":"Cut"}',
    });
    await until(() => sent('SetDeviceName') === 1);
    proxy.cut();
    expect(await (await answer).json()).toMatchObject({ code: 'Connection lost', outcome: 'no-answer' });
    await until(async () => (await fetch(`${url}/live`)).status === 200);
    expect(sent('SetDeviceName')).toBe(1);
  });

  test('a WebSocket is closed with 1012, a stream of events ends', async () => {
    const { proxy, url, tokens } = await startJoined();
    const headers = tokens.as('reader');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws/Logs/Info`, { headers });
    await once(socket, 'message');
    const stream = await fetch(`${url}/v1/events?channel=Logs/*`, { headers });
    expect(stream.status).toBe(200);
    const read = stream.text().then(
      () => 'ended',
      () => 'broke',
    );
    const closed = once(socket, 'close');
    proxy.cut();
    expect((await closed)[0]).toBe(1012);
    expect(await read).toBe('broke');
  });

  test('a client comes back with its cursor, and misses nothing', async () => {
    const { proxy, simulator, url, tokens } = await startJoined();
    const client = new RcspClient({ url, token: tokens.of.reader, WebSocket });
    const heard: number[] = [];
    const gaps: unknown[] = [];
    client.on('gap', (gap) => gaps.push(gap));
    client.subscribe('Logs/Info', {}, ({ event }) => heard.push(Number(event.EventData['n'])));
    await until(() => simulator.subscriptionCount('Logs', 'Info') > 0);
    let sent = 0;
    const timer = setInterval(() => simulator.emit('Logs', 'Info', { n: (sent += 1) }), 5);
    for (let cut = 1; cut <= 3; cut += 1) {
      const before = heard.length;
      await until(() => heard.length > before + 20);
      proxy.cut();
    }
    const before = heard.length;
    await until(() => heard.length > before + 20);
    clearInterval(timer);
    await until(() => heard.at(-1) === sent);
    client.close();
    expect(gaps).toEqual([]);
    const [first = 0] = heard;
    expect(heard).toEqual(Array.from({ length: sent - first + 1 }, (_, at) => first + at));
  });
});

describe('a line that is silent', () => {
  test('is given up by the relay', async () => {
    const { proxy, relay, gateway } = await startJoined({
      relayOptions: { pulse: { pingMs: 100, deadMs: 500 } },
    });
    proxy.freeze();
    await until(() => relay.lines.some((line) => line.includes('it is silent or gone')));
    expect((await relay.get('/stage/live')).status).toBe(503);
    proxy.cut();
    await until(async () => (await relay.get('/stage/live')).status === 200);
    expect(gateway.app.relayLink?.connects).toBe(2);
  });

  test('is given up by the gateway, which dials again', async () => {
    let joins = 0;
    const server = http.createServer();
    server.on('upgrade', (_request, socket: Socket) => {
      joins += 1;
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: rcsp-relay/1\r\n\r\n',
      );
    });
    server.listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const states: string[] = [];
    const link = new RelayLink({
      relay: new URL(`http://127.0.0.1:${port}`),
      name: 'stage',
      readToken: () => 'token',
      proxy: () => undefined,
      onConnection: () => undefined,
      onStatus: ({ state }) => states.push(state),
      log: pino({ level: 'silent' }),
      pulse: { pingMs: 50, deadMs: 200 },
    });
    link.start();
    onTestFinished(() => link.stop());
    await until(() => joins === 2);
    expect(states).toEqual(['disconnected', 'connecting', 'disconnected', 'connecting']);
  });
});

test('a relay that ends closes WebSockets with 1012, and waits for what is in flight', async () => {
  const { relay, simulator, url, tokens } = await startJoined({ relay: { grace: 10 } });
  const headers = tokens.as('reader');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, { headers });
  await once(socket, 'open');
  simulator.faults.add({ kind: 'late', delayMs: 500, command: 'GetDeviceName', count: 1 });
  const sent = counting(simulator);
  const answer = fetch(`${url}/v1/devices/1/name`, { headers });
  await until(() => sent('GetDeviceName') === 1);
  const closed = once(socket, 'close');
  const ended = relay.app.close();
  expect((await closed)[0]).toBe(1012);
  expect((await answer).status).toBe(200);
  await ended;
});

test('a gateway that ends closes WebSockets with 1001, and answers what is in flight', async () => {
  const { gateway, relay, simulator, url, tokens } = await startJoined({ gateway: { grace: 10 } });
  const headers = tokens.as('reader');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, { headers });
  await once(socket, 'open');
  simulator.faults.add({ kind: 'late', delayMs: 500, command: 'GetDeviceName', count: 1 });
  const sent = counting(simulator);
  const answer = fetch(`${url}/v1/devices/1/name`, { headers });
  await until(() => sent('GetDeviceName') === 1);
  const closed = once(socket, 'close');
  const ended = gateway.app.close();
  expect((await closed)[0]).toBe(1001);
  expect((await answer).status).toBe(200);
  await ended;
  expect((await relay.get('/stage/live')).status).toBe(503);
});
