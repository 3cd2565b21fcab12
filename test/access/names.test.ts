// @module-tag extended
import net from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { checkNames, nameOf } from '../../src/access/names.js';
import { addToken, bare, bearer, newTokenFile, upgrade } from '../support/access.js';
import type { Headers } from '../support/access.js';
import { counting, problemOf, startBoth } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';

const EVIL = 'evil.example';
/** Every kind of route: commands, any command, events, the gateway's own, documents, files, and what is no route. */
const KINDS: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/v1/info'],
  ['PUT', '/v1/devices/1/name'],
  ['POST', '/v1/commands/Info'],
  ['GET', '/v1/events/Logs/Info'],
  ['GET', '/v1/history?channel=Logs/Info'],
  ['POST', '/v1/tickets'],
  ['GET', '/v1/ws'],
  ['GET', '/metrics'],
  ['GET', '/openapi.json'],
  ['GET', '/asyncapi.json'],
  ['GET', '/docs'],
  ['GET', '/docs/'],
  ['GET', '/docs/static/index.html'],
  ['GET', '/docs/static/swagger-ui-bundle.js'],
  ['GET', '/'],
  ['GET', '/index.html'],
  ['GET', '/nothing'],
  ['POST', '/v1/nothing'],
  ['HEAD', '/v1/info'],
  ['OPTIONS', '/v1/info'],
  ['OPTIONS', '/nothing'],
];
const SOCKETS = ['/v1/ws', '/v1/ws/Logs/Info', '/', '/docs/', '/v1/info', '/nothing'];

function hostOf({ url }: Gateway): string {
  return new URL(url).host;
}

function portOf({ url }: Gateway): string {
  return new URL(url).port;
}

function expectForbidden(reply: Reply, method: string, where: string): void {
  expect(reply.status, where).toBe(403);
  if (method === 'HEAD') return;
  expect(problemOf(reply), where).toMatchObject({ code: 'Forbidden', outcome: 'not-sent' });
}

async function statusAs(gateway: Gateway, host: string): Promise<number> {
  return (await bare(gateway.url, 'GET', '/asyncapi.json', { host })).status;
}

describe('a foreign host name', () => {
  test('the name is refused on every kind of route, and the problem tells how to allow it', async () => {
    const { gateway, simulator } = await startBoth({ noAuth: true });
    const count = counting(simulator);
    for (const [method, path] of KINDS) {
      const reply = await bare(gateway.url, method, path, { host: EVIL });
      expectForbidden(reply, method, `${method} ${path}`);
      if (method !== 'HEAD') expect(problemOf(reply).detail).toMatch(/"evil\.example".*--allowed-host/);
    }
    expect(count('Info')).toBe(0);
  });

  test('the name is refused for every WebSocket upgrade', async () => {
    const { gateway } = await startBoth({ noAuth: true });
    for (const path of SOCKETS) {
      expectForbidden(await upgrade(gateway.url, path, { host: EVIL }), 'GET', path);
    }
  });

  test.each([
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil-localhost',
    'localhost@evil.example',
    'evil.example:localhost',
    '[::2]',
    '10.0.0.1',
    '[::1',
    'localhost:80:80',
    'localhost,evil.example',
    'localhost evil.example',
    '0.0.0.0',
    '',
  ])('the host %j is refused', async (host) => {
    const { gateway } = await startBoth({ noAuth: true });
    expect(await statusAs(gateway, host)).toBe(403);
  });

  test('a request without a host is refused', async () => {
    const { gateway } = await startBoth({ noAuth: true });
    const socket = net.connect(Number(portOf(gateway)), '127.0.0.1');
    socket.write('GET /v1/info HTTP/1.0\r\n\r\n');
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(chunk.toString()).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('the name is refused before the token is checked, and with a valid token', async () => {
    const file = newTokenFile();
    const token = addToken(file, 'a', 'admin');
    const { gateway } = await startBoth({ tokens: file });
    for (const headers of [{}, bearer(token)]) {
      expectForbidden(await bare(gateway.url, 'GET', '/v1/info', { host: EVIL, ...headers }), 'GET', '');
    }
  });
});

/** What a raw request is answered with. */
async function raw(gateway: Gateway, request: string): Promise<string> {
  const socket = net.connect(Number(portOf(gateway)), '127.0.0.1');
  socket.write(request);
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return chunk.toString();
}

describe('a probe', () => {
  test.each(['/live', '/ready'])('%s is answered by any name and without one', async (path) => {
    const { gateway } = await startBoth({ noAuth: true });
    expect((await bare(gateway.url, 'GET', path, { host: EVIL })).status).toBe(200);
    expect(await raw(gateway, `GET ${path} HTTP/1.0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 200 /);
    const { status } = await bare(gateway.url, 'GET', path, { host: EVIL, origin: 'https://evil.example' });
    expect(status).toBe(403);
  });

  test.each([{ noAuth: true }, {}])(
    'by a foreign name is told the status alone, with %j',
    async (settings) => {
      const { gateway } = await startBoth(settings);
      for (const headers of [{ host: EVIL }, { host: EVIL, ...bearer('x') }]) {
        expect((await bare(gateway.url, 'GET', '/ready', headers)).json).toEqual({ status: 'ready' });
        const live = await bare(gateway.url, 'GET', '/live', headers);
        expect(live.json).toMatchObject({ mayRead: false });
      }
    },
  );

  test('by a foreign name with a valid token is told everything', async () => {
    const file = newTokenFile();
    const token = addToken(file, 'a');
    const { gateway } = await startBoth({ tokens: file });
    const reply = await bare(gateway.url, 'GET', '/ready', { host: EVIL, ...bearer(token) });
    expect(reply.json).toMatchObject({ status: 'ready', devices: 4 });
  });
});

describe('a request that names two hosts', () => {
  test.each([
    ['GET /v1/info HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n', 'more than one Host header'],
    ['GET http://evil.example/v1/info HTTP/1.1\r\nHost: localhost\r\n\r\n', 'must be a path'],
    ['GET http://localhost/live HTTP/1.1\r\nHost: localhost\r\n\r\n', 'must be a path'],
  ])('%j is refused with 400', async (request, detail) => {
    const { gateway, simulator } = await startBoth({ noAuth: true });
    const count = counting(simulator);
    const text = await raw(gateway, request);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain(detail);
    expect(count('Info')).toBe(0);
  });
});

test('a refusal names the flag with its value, and the log has it once a name', async () => {
  const { gateway } = await startBoth({ noAuth: true });
  for (const host of ['rcsp-gateway:8080', 'RCSP-Gateway', '192.168.1.5:8080', 'a b;rm']) {
    for (let i = 0; i < 3; i += 1) await bare(gateway.url, 'GET', '/v1/info', { host });
  }
  const refusals = gateway.log.flatMap(({ level, msg }) => (level === 40 ? [msg] : []));
  expect(refusals).toEqual([
    'refused: "rcsp-gateway" is no name of this gateway; --allowed-host rcsp-gateway makes it one.',
    'refused: "192.168.1.5" is no name of this gateway; --allowed-host 192.168.1.5 makes it one.',
    'refused: "a b;rm" is no name of this gateway; --allowed-host makes it one.',
  ]);
});

test('a pattern allows every name that ends so, and addresses are names', async () => {
  const { gateway } = await startBoth({ noAuth: true, allowedHost: '*.local,192.168.1.5,fe80::1' });
  for (const host of ['studio.local', 'a.b.LOCAL:80', '192.168.1.5:8080', '[fe80::1]:8080']) {
    expect(await statusAs(gateway, host), host).toBe(200);
  }
  for (const host of ['local', 'studio.local.evil.example', 'xlocal', '192.168.1.6', '*.local.evil']) {
    expect(await statusAs(gateway, host), host).toBe(403);
  }
});

test.each([
  ['garbage', '127.0.0.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:4711', '192.0.2.1'],
  ['[2001:db8::1]:4711', '2001:db8::1'],
  ['192.0.2.1, unknown', '127.0.0.1'],
  ['unknown, 192.0.2.1', '192.0.2.1'],
  ['<script>, 192.0.2.1, 127.0.0.1', '192.0.2.1'],
])('X-Forwarded-For: %s of a trusted proxy means %s', async (forwarded, address) => {
  const { gateway } = await startBoth({ noAuth: true, trustProxy: true });
  await gateway.ask('POST', '/nothing', { headers: { 'x-forwarded-for': forwarded } });
  const { from } = gateway.log.find(({ path }) => path === '/nothing') ?? {};
  expect(from).toBe(address);
});

describe("the gateway's own host names", () => {
  test('loopback names pass in all spellings', async () => {
    const { gateway } = await startBoth({ noAuth: true });
    const port = portOf(gateway);
    const names = ['localhost', 'LOCALHOST', 'LocalHost', '127.0.0.1', '127.1.2.3', '[::1]', 'localhost.'];
    for (const name of names) {
      expect(await statusAs(gateway, name), name).toBe(200);
      expect(await statusAs(gateway, `${name}:${port}`), `${name}:${port}`).toBe(200);
      expect((await upgrade(gateway.url, '/v1/ws', { host: `${name}:${port}` })).status, name).toBe(101);
    }
  });

  test('allowed names pass with any port, and no other name does', async () => {
    const { gateway } = await startBoth({ noAuth: true, allowedHost: 'studio-pc,mocap.example,[fe80::1]' });
    for (const host of [
      'studio-pc',
      'STUDIO-PC:8080',
      'mocap.example.',
      'mocap.example.:80',
      '[fe80::1]:5',
    ]) {
      expect(await statusAs(gateway, host), host).toBe(200);
    }
    for (const host of ['pc', 'a.mocap.example', 'mocap.example.evil.example', 'fe80::1']) {
      expect(await statusAs(gateway, host), host).toBe(403);
    }
  });

  test('the address at which a connection arrived passes', () => {
    const rules = { hosts: new Set<string>(), origins: new Set<string>() };
    const asked = {
      protocol: 'http',
      origin: undefined,
      fetchSite: undefined,
      fetchMode: undefined,
      fetchDest: undefined,
    };
    const check = (host: string, localAddress: string) => () =>
      checkNames({ ...asked, host, localAddress }, rules);
    expect(check('192.168.1.5:8080', '192.168.1.5')).not.toThrow();
    expect(check('192.168.1.5:8080', '::ffff:192.168.1.5')).not.toThrow();
    expect(check('[fe80::5]', 'fe80::5')).not.toThrow();
    expect(check('192.168.1.6', '192.168.1.5')).toThrow('--allowed-host');
    expect(check('fe80::5', 'fe80::5')).toThrow();
  });
});

test.each([
  ['Studio-PC.:8080', 'studio-pc'],
  ['[::1]:80', '[::1]'],
  ['a', 'a'],
  ['a:b', ''],
  ['::1', ''],
])('the name in %j is %j', (host, name) => {
  expect(nameOf(host)).toBe(name);
});

describe('behind a proxy', () => {
  const FORWARDED = { 'x-forwarded-host': 'mocap.example', 'x-forwarded-proto': 'https' };
  const ORIGIN = { origin: 'https://mocap.example' };

  async function statuses(gateway: Gateway, headers: Headers): Promise<number[]> {
    const own = { host: hostOf(gateway), ...headers };
    return [
      (await bare(gateway.url, 'GET', '/v1/info', own)).status,
      (await upgrade(gateway.url, '/v1/ws', own)).status,
    ];
  }

  test('forwarded headers of an untrusted proxy are ignored', async () => {
    const { gateway } = await startBoth({ noAuth: true, allowedHost: 'mocap.example' });
    expect(await statuses(gateway, { ...FORWARDED, ...ORIGIN })).toEqual([403, 403]);
    expect(await statuses(gateway, { 'x-forwarded-host': EVIL })).toEqual([200, 101]);
    const faked = { host: EVIL, 'x-forwarded-host': 'localhost' };
    expect((await bare(gateway.url, 'GET', '/v1/info', faked)).status).toBe(403);
  });

  test('forwarded name and protocol of a trusted proxy make the own origin', async () => {
    const { gateway } = await startBoth({ noAuth: true, trustProxy: true, allowedHost: 'mocap.example' });
    expect(await statuses(gateway, { ...FORWARDED, ...ORIGIN })).toEqual([200, 101]);
    expect(await statuses(gateway, { ...FORWARDED, origin: 'http://mocap.example' })).toEqual([403, 403]);
    expect(await statuses(gateway, { ...FORWARDED, origin: 'https://evil.example' })).toEqual([403, 403]);
    expect(await statuses(gateway, { 'x-forwarded-host': EVIL })).toEqual([403, 403]);
  });

  test('forwarded headers are ignored when the sender is not the trusted proxy', async () => {
    const { gateway } = await startBoth({
      noAuth: true,
      trustProxy: '10.0.0.0/8',
      allowedHost: 'mocap.example',
    });
    expect(await statuses(gateway, { ...FORWARDED, ...ORIGIN })).toEqual([403, 403]);
  });
});
