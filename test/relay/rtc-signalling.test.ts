import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { problemOf } from '../../src/errors/problem-of.js';
import { rtcSignalling } from '../../src/relay/rtc-signalling.js';
import { upgrade } from '../support/access.js';
import { until } from '../support/gateway.js';
import { hasNoRtcbot, PythonPeer } from '../support/python-peer.js';

const ID = 'a-robot-in-the-north-wing';

/** A bare app with the plugin; ends with the test. */
async function startSignalling(settings: { shortIds?: boolean; authRate?: number } = {}): Promise<string> {
  const app: FastifyInstance = Fastify();
  app.setErrorHandler((error, _request, reply) => {
    const problem = problemOf(error);
    return reply.code(problem.status).send(problem);
  });
  await app.register(rtcSignalling, {
    shortIds: false,
    authRate: 60,
    ...settings,
    onUpgrade: (path, handler) =>
      app.server.on('upgrade', (request, socket, head) => {
        if (request.url?.startsWith(path) === true)
          handler(request, socket, head, request.socket.remoteAddress ?? '');
      }),
    addressOf: (request) => request.socket.remoteAddress ?? '',
  });
  onTestFinished(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
}

/** A robot's socket, which ends with the test, and what it was sent. */
async function register(url: string, id = ID, headers: Record<string, string> = {}) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rtc/${id}`, { headers });
  onTestFinished(() => socket.terminate());
  const offers: string[] = [];
  const closed = once(socket, 'close').then(([code]: unknown[]) => code);
  socket.on('message', (data: Buffer) => offers.push(data.toString()));
  await once(socket, 'open');
  return { socket, offers, closed };
}

async function offer(url: string, sdp: string, { id = ID, type = 'text/plain', more = {} } = {}) {
  const response = await fetch(`${url}/rtc/${id}`, {
    method: 'POST',
    body: JSON.stringify({ type: 'offer', sdp, ...more }),
    headers: { 'content-type': type },
  });
  return { status: response.status, json: JSON.parse(await response.text()) as unknown };
}

/** Answers each offer `x` with `for x`. */
function answerAll({ socket }: { socket: WebSocket }): void {
  socket.on('message', (data: Buffer) => {
    const { sdp } = JSON.parse(data.toString()) as { sdp: string };
    socket.send(JSON.stringify({ type: 'answer', sdp: `for ${sdp}`, extra: 1 }));
  });
}

describe('POST /rtc/{id}', () => {
  test.each(['text/plain', 'application/json', 'application/x-www-form-urlencoded'])(
    'takes an offer of the type %s to the robot and brings its answer back, only sdp and type',
    async (type) => {
      const url = await startSignalling();
      const robot = await register(url);
      answerAll(robot);
      expect(await offer(url, 'one', { type, more: { extra: 1 } })).toEqual({
        status: 200,
        json: { type: 'answer', sdp: 'for one' },
      });
      expect(robot.offers).toEqual(['{"sdp":"one","type":"offer"}']);
    },
  );

  test('gives the robot one offer after another, and each browser its own answer', async () => {
    const url = await startSignalling();
    const robot = await register(url);
    const asked = ['a', 'b', 'c'].map((sdp) => offer(url, sdp));
    for (let n = 0; n < 3; n++) {
      await until(() => robot.offers.length > n);
      expect(robot.offers.length).toBe(n + 1);
      const { sdp } = JSON.parse(robot.offers[n] ?? '') as { sdp: string };
      robot.socket.send(JSON.stringify({ type: 'answer', sdp: `for ${sdp}` }));
    }
    expect((await Promise.all(asked)).map(({ json }) => json)).toEqual(
      ['a', 'b', 'c'].map((sdp) => ({ type: 'answer', sdp: `for ${sdp}` })),
    );
  });

  test('answers 404 without a robot, also after it has left', async () => {
    const url = await startSignalling();
    expect(await offer(url, 'x')).toMatchObject({ status: 404, json: { code: 'Not found' } });
    const robot = await register(url);
    robot.socket.close();
    await robot.closed;
    await until(async () => (await offer(url, 'x')).status === 404);
  });

  test(
    'answers 504 when the robot is silent for 10 s, and lets go of it',
    { tags: ['extended'] },
    async () => {
      const url = await startSignalling();
      const robot = await register(url);
      expect(await offer(url, 'x')).toMatchObject({ status: 504, json: { code: 'Timeout' } });
      expect(await robot.closed).toBe(1011);
      const next = await register(url);
      answerAll(next);
      expect((await offer(url, 'y')).json).toEqual({ type: 'answer', sdp: 'for y' });
    },
  );

  test.each(['not json at all', '{"type":"offer","sdp":"x"}', '""', '{"type":"answer"}'])(
    'answers 502 when the robot says %s',
    async (nonsense) => {
      const url = await startSignalling();
      const robot = await register(url);
      robot.socket.on('message', () => robot.socket.send(nonsense));
      expect(await offer(url, 'x')).toMatchObject({ status: 502, json: { code: 'Protocol error' } });
      expect(await robot.closed).toBe(1008);
    },
  );

  test('answers 502 when the robot goes while it is asked, to all that wait', async () => {
    const url = await startSignalling();
    const robot = await register(url);
    const asked = [offer(url, 'a'), offer(url, 'b')];
    await until(() => robot.offers.length === 1);
    robot.socket.terminate();
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([502, 502]);
  });

  test.each(['', '[]', '{"type":"offer"}', '{"type":"answer","sdp":"x"}', '{"type":"offer","sdp":5}'])(
    'refuses the body %j with 400',
    async (body) => {
      const url = await startSignalling();
      const robot = await register(url);
      const response = await fetch(`${url}/rtc/${ID}`, { method: 'POST', body });
      expect(response.status).toBe(400);
      expect(robot.offers).toEqual([]);
    },
  );

  test('counts wrong ids against the address, which then is not told of right ones', async () => {
    const url = await startSignalling({ authRate: 3 });
    const robot = await register(url);
    answerAll(robot);
    for (let n = 0; n < 3; n++)
      expect((await offer(url, 'x', { id: 'a-wrong-id-of-a-robot' })).status).toBe(404);
    expect(await offer(url, 'x')).toMatchObject({ status: 429, json: { code: 'Too many requests' } });
  });
});

describe('GET /rtc/{id}', () => {
  test('registers also with Connection: keep-alive, Upgrade', async () => {
    const url = await startSignalling();
    const { host } = new URL(url);
    const headers = { host, connection: 'keep-alive, Upgrade' };
    expect((await upgrade(url, `/rtc/${ID}`, headers)).status).toBe(101);
  });

  test('refuses an id that is taken with 409, and the first robot stays', async () => {
    const url = await startSignalling();
    const robot = await register(url);
    answerAll(robot);
    const { host } = new URL(url);
    expect(await upgrade(url, `/rtc/${ID}`, { host })).toMatchObject({ status: 409, json: { code: 'Busy' } });
    expect((await offer(url, 'x')).json).toEqual({ type: 'answer', sdp: 'for x' });
  });

  test(
    'lets go of a robot that no longer answers when another asks for its id',
    { tags: ['extended'] },
    async () => {
      const url = await startSignalling({ authRate: 1_000_000 });
      const robot = await register(url);
      robot.socket.pause();
      const { host } = new URL(url);
      expect((await upgrade(url, `/rtc/${ID}`, { host })).status).toBe(409);
      await until(async () => (await upgrade(url, `/rtc/${ID}`, { host })).status === 101);
    },
  );

  test('refuses an id of less than 16 characters, unless short ids are allowed', async () => {
    const url = await startSignalling();
    const { host } = new URL(url);
    expect(await upgrade(url, '/rtc/short', { host })).toMatchObject({ status: 400 });
    const lax = await startSignalling({ shortIds: true });
    expect((await upgrade(lax, '/rtc/short', { host: new URL(lax).host })).status).toBe(101);
  });

  test('without an upgrade is refused with 400', async () => {
    const url = await startSignalling();
    expect((await fetch(`${url}/rtc/${ID}`)).status).toBe(400);
  });
});

describe.skipIf(hasNoRtcbot('a robot of RTCBot'))('a robot of rtcbot', { tags: ['extended'] }, () => {
  test('answers a browser of RTCBot, and both talk', async () => {
    const url = await startSignalling();
    const robot = new PythonPeer('robot', `${url.replace('http', 'ws')}/rtc/${ID}`);
    await robot.line(({ open }) => open === true);
    await until(async () => (await upgrade(url, `/rtc/${ID}`, { host: new URL(url).host })).status === 409);
    const browser = new PythonPeer('rtcbot', `${url}/rtc/${ID}`);
    browser.tell({ put: 'hello' });
    await browser.line(({ got }) => JSON.stringify(got) === '{"echo":"hello"}');
  });
});
