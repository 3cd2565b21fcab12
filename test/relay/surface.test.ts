import { once } from 'node:events';
import http from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { RcspClient } from '../../src/client/index.js';
import { call } from '../../src/cli/call.js';
import { watch } from '../../src/cli/watch.js';
import { bearer } from '../support/access.js';
import { until } from '../support/gateway.js';
import { startJoined, startRelay } from '../support/relay.js';

/*
 * A gateway is used through the relay as it is used directly.
 */

test('REST, the page, its assets, the documents and the explorer are below the name', async () => {
  const { relay, url, tokens } = await startJoined();
  expect((await relay.get('/stage/v1/devices', tokens.as('reader'))).status).toBe(200);
  const page = await (await relay.get('/stage/')).text();
  const [, script = ''] = /src="\.\/(assets\/[^"]+)"/.exec(page) ?? [];
  expect((await relay.get(`/stage/${script}`)).headers.get('content-type')).toContain('javascript');
  expect((await relay.get('/stage/client.js')).status).toBe(200);
  const document = (await (await relay.get('/stage/openapi.json')).json()) as { servers: { url: string }[] };
  expect(document.servers[0]?.url).toBe('/stage');
  const explorer = await relay.get('/stage/docs');
  expect([explorer.status, explorer.headers.get('location')]).toEqual([302, 'docs/']);
  expect((await relay.get('/stage/docs/')).status).toBe(200);
  const bare = await relay.get('/stage?a=1');
  expect(new URL(bare.headers.get('location') ?? '', url).href).toBe(`${url}/?a=1`);
});

test('a Location is below the name', async () => {
  const { url, tokens } = await startJoined({ gateway: { relayMaxScope: 'admin' } });
  const answer = await fetch(`${url}/v1/devices/1/firmware`, {
    method: 'POST',
    headers: { ...tokens.as('owner'), prefer: 'respond-async', 'content-type': 'application/json' },
    body: JSON.stringify({ FwPath: '/firmware.bin' }),
  });
  expect(answer.status).toBe(202);
  const location = answer.headers.get('location') ?? '';
  expect(location).toMatch(/^\/stage\/v1\/jobs\//);
  expect((await fetch(new URL(location, url), { headers: tokens.as('owner') })).status).toBe(200);
});

test('the API and the metrics need a token, also of a gateway that needs none on its own machine', async () => {
  for (const settings of [{ tokens: undefined }, { tokens: undefined, noAuth: true }]) {
    const { relay, gateway } = await startJoined({ gateway: settings });
    expect((await gateway.get('/v1/devices')).status).toBe(200);
    for (const path of ['/v1/devices', '/v1/me', '/metrics', '/v1/events?channel=*/*'])
      expect((await relay.get(`/stage${path}`)).status, path).toBe(401);
    expect((await relay.get('/stage/v1/devices', bearer('rcspgw_wrong'))).status).toBe(401);
    expect(await (await relay.get('/stage/ready')).json()).toEqual({ status: 'ready' });
    expect(await (await relay.get('/stage/live')).json()).toMatchObject({ mayRead: false });
  }
});

test('the scope is capped, and a refusal tells by what', async () => {
  const { url, gateway, tokens } = await startJoined();
  const post = (base: string) =>
    fetch(`${base}/v1/devices/1/firmware`, { method: 'POST', headers: tokens.as('owner') });
  const refused = await post(url);
  expect([refused.status, ((await refused.json()) as { detail: string }).detail]).toEqual([
    403,
    'UpdateFirmware needs the scope admin; the token "owner" has control through the relay (--relay-max-scope).',
  ]);
  expect((await post(gateway.url)).status).not.toBe(403);
  const me = await fetch(`${url}/v1/me`, { headers: tokens.as('owner') });
  expect(await me.json()).toMatchObject({ name: 'owner', scope: 'control', address: '127.0.0.1' });
  const { ticket } = (await (
    await fetch(`${gateway.url}/v1/tickets`, { method: 'POST', headers: tokens.as('owner') })
  ).json()) as { ticket: string };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws?ticket=${ticket}`);
  await once(socket, 'open');
  socket.send('{"op":"command","id":1,"command":"GracefulExit"}');
  const [message] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(message.toString())).toMatchObject({ op: 'error', error: { status: 403 } });
  socket.close();
});

test('call, watch and RcspClient take the URL as it is', async () => {
  const { url, gateway, tokens } = await startJoined();
  const token = tokens.of.operator;
  expect((await call('GetDeviceName', ['DeviceId=1'], { url, token })).exitCode).toBe(0);

  const ended = new AbortController();
  const printed: string[] = [];
  const watched = watch(['Logs/*'], {
    ...{ url, token, json: false, signal: ended.signal },
    print: (line) => void printed.push(line),
    say: () => undefined,
  });
  const client = new RcspClient({ url, token, WebSocket });
  const heard: unknown[] = [];
  client.subscribe('Logs/*', {}, ({ event }) => heard.push(event.EventData));
  await until(async () => {
    await gateway.ask('POST', '/v1/test-event', {
      headers: tokens.as('operator'),
      body: { Publisher: 'Logs', Topic: 'Info' },
    });
    return printed.length > 0 && heard.length > 0;
  });
  ended.abort();
  expect(await watched).toBe(0);
  expect(await client.call('GetDeviceName', { DeviceId: 1 })).toEqual({ DeviceName: 'Suit' });
  client.close();
});

test('close codes of the gateway arrive', async () => {
  const { url, tokens } = await startJoined();
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, { headers: tokens.as('reader') });
  await once(socket, 'open');
  socket.send('x'.repeat(70_000));
  expect((await once(socket, 'close'))[0]).toBe(1009);
});

test('$gateway/relay, /ready and the metrics tell the state of the line', async () => {
  const { relay, gateway, proxy, tokens } = await startJoined();
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/ws`, {
    headers: tokens.as('reader'),
  });
  const states: unknown[] = [];
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as { event?: { EventData: unknown } };
    if (message.event !== undefined) states.push(message.event.EventData);
  });
  await once(socket, 'open');
  socket.send('{"op":"subscribe","id":1,"channels":["$gateway/relay"]}');
  const address = `${proxy.url}/stage`;
  await until(() => states.length > 0);
  expect(states[0]).toEqual({ state: 'connected', address, rttMs: expect.any(Number) });
  const ready = await gateway.get('/ready', tokens.as('reader'));
  expect(ready.json).toMatchObject({ relay: { state: 'connected', address } });
  const metrics = await gateway.get('/metrics', tokens.as('reader'));
  expect(metrics.text).toContain('rcsp_gateway_relay_up 1');
  expect(await (await relay.get('/metrics')).text()).toContain('rcsp_relay_line_up{name="stage"} 1');
  expect(await (await relay.get('/ready')).json()).toEqual({ status: 'ready', lines: 1 });

  await relay.app.close();
  await until(() => states.some((each) => (each as { state: string }).state === 'disconnected'));
  expect((await gateway.get('/ready', tokens.as('reader'))).status).toBe(200);
  socket.terminate();
});

test('the relay refuses names that are not its own, and pages of other origins', async () => {
  const relay = await startRelay({ allowedHost: 'relay.example', allowedOrigin: 'https://pages.example' });
  const ask = (path: string, headers: Record<string, string>) =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      http.get(`${relay.url}${path}`, { headers }, resolve).on('error', reject);
    });
  expect((await ask('/stage/v1/me', { host: 'evil.example' })).statusCode).toBe(403);
  expect((await ask('/live', { host: 'evil.example' })).statusCode).toBe(200);
  expect((await ask('/stage/v1/me', { host: 'relay.example:8443' })).statusCode).toBe(503);
  const origin = 'https://pages.example';
  const allowed = await ask('/stage/v1/me', { host: 'relay.example', origin });
  expect([allowed.statusCode, allowed.headers['access-control-allow-origin']]).toEqual([503, origin]);
  expect(
    (await ask('/stage/v1/me', { host: 'relay.example', origin: 'https://evil.example' })).statusCode,
  ).toBe(403);
});

test('addresses that --metrics-from does not name may not read the metrics', async () => {
  const relay = await startRelay({ metricsFrom: '192.0.2.1' });
  expect((await relay.get('/metrics')).status).toBe(403);
});
