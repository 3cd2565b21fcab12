import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLink } from '../../src/access/sign-in-links.js';
import { upgrade } from '../support/access.js';
import { startJoined, startRelay } from '../support/relay.js';

const ID = 'a-robot-in-the-north-wing';

function hostOf(url: string): { host: string } {
  return { host: new URL(url).host };
}

function offer(url: string, headers: Record<string, string> = {}, id = ID): Promise<Response> {
  return fetch(`${url}/rtc/${id}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ type: 'offer', sdp: 'one' }),
    signal: AbortSignal.timeout(30_000),
  });
}

/** Answers each offer `x` with `for x`; ends with the test. */
async function registerRobot(url: string, id = ID): Promise<WebSocket> {
  const robot = new WebSocket(`${url.replace('http', 'ws')}/rtc/${id}`);
  onTestFinished(() => robot.terminate());
  robot.on('message', (data: Buffer) => {
    const { sdp } = JSON.parse(data.toString()) as { sdp: string };
    robot.send(JSON.stringify({ type: 'answer', sdp: `for ${sdp}` }));
  });
  await once(robot, 'open');
  return robot;
}

test('a relay with --rtc-signalling passes offers on to robots', async () => {
  const relay = await startRelay({ rtcSignalling: true });
  await registerRobot(relay.url);
  const response = await offer(relay.url);
  expect([response.status, await response.json()]).toEqual([200, { type: 'answer', sdp: 'for one' }]);
});

test('a relay that ends closes the sockets of robots', async () => {
  const relay = await startRelay({ rtcSignalling: true });
  const closed = once(await registerRobot(relay.url), 'close');
  await relay.app.close();
  expect((await closed)[0]).toBe(1001);
});

test('a relay without --rtc-signalling takes neither robots nor offers', async () => {
  const relay = await startRelay();
  expect((await offer(relay.url)).status).toBe(404);
  expect((await upgrade(relay.url, `/rtc/${ID}`, hostOf(relay.url))).status).toBe(404);
});

test('--rtc-short-ids decides over ids that can be guessed', async () => {
  const careful = await startRelay({ rtcSignalling: true });
  expect((await upgrade(careful.url, '/rtc/robot', hostOf(careful.url))).status).toBe(400);
  const generous = await startRelay({ rtcSignalling: true, rtcShortIds: true });
  await registerRobot(generous.url, 'robot');
  expect((await offer(generous.url, {}, 'robot')).status).toBe(200);
});

test('a page of an allowed origin may read why no robot answers', async () => {
  const relay = await startRelay({ rtcSignalling: true, allowedOrigin: 'https://page.example' });
  const response = await offer(relay.url, { origin: 'https://page.example' });
  expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
    404,
    'https://page.example',
  ]);
});

test('a session that is made through a relay is told what it may do there', async () => {
  const { url, tokens } = await startJoined();
  const response = await fetch(`${url}/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: createLink(tokens.file, 'owner') }),
    signal: AbortSignal.timeout(30_000),
  });
  const { token, scope } = (await response.json()) as { token: string; scope: string };
  expect([response.status, scope]).toEqual([200, 'control']);
  const me = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(await me.json()).toMatchObject({ scope: 'control' });
});
