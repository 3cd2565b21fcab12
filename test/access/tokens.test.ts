import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { revokeToken } from '../../src/access/token-file.js';
import type { Values } from '../../src/config/config.js';
import { addToken, bearer, newTokenFile, openSocket, socketStatus, timed, WRONG } from '../support/access.js';
import { run } from '../support/cli.js';
import { SseClient } from '../support/event-client.js';
import { problemOf, startBoth, until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';

/** Milliseconds within which a gateway knows of a change. */
const SOON_MS = 5000;
const NEW_TOKEN_MS = 3000;

const Paths = z.object({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ security: z.array(z.record(z.string(), z.array(z.string()))) })),
  ),
});

interface Route {
  readonly method: string;
  readonly path: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

async function documented(gateway: Gateway): Promise<Route[]> {
  const { paths } = Paths.parse((await gateway.get('/openapi.json')).json);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{(\w+)\}/g, '1'),
      security,
    })),
  );
}

async function startGuarded(
  settings: Values = {},
): Promise<{ gateway: Gateway; token: string; file: string }> {
  const file = newTokenFile();
  const token = addToken(file, 'chief', 'admin');
  const { gateway } = await startBoth({ tokens: file, authRate: 1_000_000, ...settings });
  return { gateway, token, file };
}

function expectUnauthorized(reply: Reply, challenge: string): void {
  expect(reply.headers.get('www-authenticate')).toBe(challenge);
  const problem = problemOf(reply);
  expect(problem).toMatchObject({ status: 401, code: 'Unauthorized', outcome: 'not-sent' });
  expect(reply.headers.get('x-track-id')).toMatch(/^[\w-]+$/);
}

/** Documented, and open to everybody. */
const AROUND = new Set([
  '/',
  '/docs',
  '/openapi.json',
  '/asyncapi.json',
  '/client.js',
  '/live',
  '/ready',
  '/v1/sign-in',
]);

const NONE = 'Bearer realm="rcsp-gateway"';
const INVALID = 'Bearer realm="rcsp-gateway", error="invalid_token"';

describe.each([{}, { listen: '0.0.0.0:0' }])('a gateway with tokens, %j', (settings) => {
  test('every documented API route refuses a missing or wrong token', async () => {
    const { gateway } = await startGuarded(settings);
    const routes = (await documented(gateway)).filter(({ path }) => !AROUND.has(path));
    expect(routes.length).toBeGreaterThan(50);
    expect(routes.some(({ path }) => path === '/metrics')).toBe(true);
    for (const { method, path, security } of routes) {
      const where = `${method} ${path}`;
      expect(security, where).not.toEqual([]);
      const raw = method === 'GET' ? {} : { raw: '{"no": "JSON', headers: { 'content-type': 'text/plain' } };
      expectUnauthorized(await gateway.ask(method, path, raw), NONE);
      expectUnauthorized(await gateway.ask(method, path, { headers: WRONG }), INVALID);
    }
  });

  test('public routes need no token', async () => {
    const { gateway } = await startGuarded(settings);
    for (const headers of [{}, WRONG]) {
      for (const path of ['/live', '/ready', '/docs/', '/docs/json', '/openapi.json', '/asyncapi.json']) {
        expect((await gateway.get(path, headers)).status, path).toBe(200);
      }
      expect([200, 404]).toContain((await gateway.get('/', headers)).status);
      expect((await gateway.get('/v1/nothing', headers)).status).toBe(404);
    }
  });

  test('a valid token is accepted', async () => {
    const { gateway, token } = await startGuarded(settings);
    for (const authorization of [`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token} `]) {
      expect((await gateway.get('/v1/info', { authorization })).status).toBe(200);
    }
    expect((await gateway.get('/metrics', bearer(token))).status).toBe(200);
    expect(await socketStatus(gateway, '/v1/ws', bearer(token))).toBe(101);
  });
});

test('every documented route of the API, and no other, says that it needs a token', async () => {
  const { gateway } = await startGuarded();
  for (const { method, path, security } of await documented(gateway)) {
    const isOpen = AROUND.has(path);
    expect(
      security.some((each) => 'token' in each),
      `${method} ${path}`,
    ).toBe(!isOpen);
  }
});

test('WebSockets, streams and HEAD need a token as well', async () => {
  const { gateway } = await startGuarded();
  for (const path of ['/v1/ws', '/v1/ws/Logs/Info', '/v1/ws/devices/1/DeviceLogs/Info', '/v1/ws/x/y']) {
    expect(await socketStatus(gateway, path), path).toBe(401);
    expect(await socketStatus(gateway, path, WRONG), path).toBe(401);
    expectUnauthorized(await gateway.get(path), NONE);
  }
  for (const path of ['/v1/events?channel=Logs/Info', '/v1/events/Logs/Info', '/v1/history?channel=a/b']) {
    expectUnauthorized(await gateway.get(path), NONE);
  }
  expect((await gateway.ask('HEAD', '/v1/info')).status).toBe(401);
});

test.each(['token', 'access_token', 'ticket', 'authorization', 'bearer', 'Authorization'])(
  'a token is not taken from the URL, as ?%s=',
  async (name) => {
    const { gateway, token } = await startGuarded();
    for (const path of ['/v1/info', '/v1/events/Logs/Info', '/v1/history', '/metrics', '/v1/ws']) {
      const { status } = await gateway.get(`${path}?${name}=${token}&channel=Logs/Info`);
      expect(status, path).toBe(401);
    }
    expect(await socketStatus(gateway, `/v1/ws?${name}=${token}`)).toBe(401);
  },
);

test.each([
  ['Basic', (token: string) => `Basic ${Buffer.from(`chief:${token}`).toString('base64')}`],
  ['no scheme', (token: string) => token],
  ['Token', (token: string) => `Token ${token}`],
  ['two of them', (token: string) => `Bearer ${token} ${token}`],
  ['the hash of it', () => ''],
])('a token is not accepted in another form: %s', async (what, write) => {
  const { gateway, token, file } = await startGuarded();
  const hash = z.object({ tokens: z.array(z.object({ sha256: z.string() })) });
  const { tokens } = hash.parse(JSON.parse(readFileSync(file, 'utf8')));
  const authorization = what === 'the hash of it' ? `Bearer ${tokens[0]!.sha256}` : write(token);
  expect((await gateway.get('/v1/info', { authorization })).status).toBe(401);
});

test('on loopback without tokens said, nobody needs one; who shows a wrong one is refused', async () => {
  const { gateway } = await startBoth();
  expect((await gateway.get('/v1/info')).status).toBe(200);
  expectUnauthorized(await gateway.get('/v1/info', WRONG), INVALID);
});

test('--no-auth requires no token, whatever a client shows', async () => {
  const { gateway } = await startBoth({ noAuth: true, listen: '0.0.0.0:0' });
  expect((await gateway.get('/v1/info', WRONG)).status).toBe(200);
  expect((await gateway.call('SetDeviceName', { DeviceId: 1, DeviceName: 'a' })).status).toBe(204);
});

test('full readiness details require a token', async () => {
  const { gateway, token } = await startGuarded();
  expect((await gateway.get('/ready')).json).toEqual({ status: 'ready' });
  expect((await gateway.get('/ready', WRONG)).json).toEqual({ status: 'ready' });
  expect((await gateway.get('/ready', bearer(token))).json).toMatchObject({ studio: { state: 'connected' } });
});

/** Who has come in, in every way that lasts. */
async function comeIn(
  gateway: Gateway,
  token: string,
): Promise<{ codes: Promise<number[]>; ended: Promise<unknown> }> {
  const headers = bearer(token);
  const sockets = await Promise.all(
    ['/v1/ws', '/v1/ws/Logs/Info'].map((path) => openSocket(gateway, path, headers)),
  );
  const streams = await Promise.all(
    ['/v1/events?channel=Logs/*', '/v1/events/Logs/Info'].map((path) =>
      SseClient.open(gateway, path, headers),
    ),
  );
  return {
    codes: Promise.all(sockets.map(({ closed }) => closed)),
    ended: Promise.all(streams.map(({ closed }) => closed)),
  };
}

async function expectThrownOut({ codes, ended }: Awaited<ReturnType<typeof comeIn>>): Promise<void> {
  expect(await timed(Promise.all([codes, ended]))).toBeLessThan(SOON_MS);
  expect(await codes).toEqual([4401, 4401]);
}

describe('a gateway that runs', { tags: ['extended'] }, () => {
  test('clients of a revoked token are closed within 5 s, and no others', async () => {
    const { gateway, token, file } = await startGuarded();
    const other = await comeIn(gateway, token);
    const page = addToken(file, 'page');
    await until(async () => (await gateway.get('/v1/info', bearer(page))).status === 200);
    const inside = await comeIn(gateway, page);
    expect((await run(['token', 'revoke', 'page', '--tokens', file])).code).toBe(0);
    await expectThrownOut(inside);
    expectUnauthorized(await gateway.get('/v1/info', bearer(page)), INVALID);
    expect((await gateway.get('/v1/info', bearer(token))).status).toBe(200);
    expect(await Promise.race([other.codes, other.ended, Promise.resolve('inside')])).toBe('inside');
  });

  test('clients of an expired token or of its tickets are closed', async () => {
    const { gateway, file } = await startGuarded();
    const token = addToken(file, 'short', 'read', new Date(Date.now() + 3000));
    await until(async () => (await gateway.get('/v1/info', bearer(token))).status === 200);
    const { json } = await gateway.ask('POST', '/v1/tickets', { headers: bearer(token) });
    const { ticket } = z.object({ ticket: z.string() }).parse(json);
    const byTicket = await openSocket(gateway, `/v1/ws?ticket=${ticket}`);
    await expectThrownOut(await comeIn(gateway, token));
    expect(await byTicket.closed).toBe(4401);
    expectUnauthorized(await gateway.get('/v1/info', bearer(token)), INVALID);
  });

  test('clients of a token whose scope is edited are closed, and the new scope applies', async () => {
    const { gateway, file } = await startGuarded();
    const page = addToken(file, 'page', 'control');
    await until(async () => (await gateway.get('/v1/info', bearer(page))).status === 200);
    const inside = await comeIn(gateway, page);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"control"', '"read"'));
    await expectThrownOut(inside);
    expect((await gateway.get('/v1/info', bearer(page))).status).toBe(200);
    const body = { DeviceName: 'x' };
    const { status } = await gateway.ask('PUT', '/v1/devices/1/name', { body, headers: bearer(page) });
    expect(status).toBe(403);
  });

  test('a token created meanwhile is accepted within 3 s', async () => {
    const { gateway, file } = await startGuarded();
    const token = addToken(file, 'late', 'control');
    const known = until(async () => (await gateway.get('/v1/info', bearer(token))).status === 200);
    expect(await timed(known)).toBeLessThan(NEW_TOKEN_MS);
  });

  test.each<readonly [what: string, spoil: (file: string) => void]>([
    ['is no JSON', (file) => writeFileSync(file, 'garbage')],
    ['is empty', (file) => writeFileSync(file, '')],
    ['may be written by others', (file) => chmodSync(file, 0o602)],
    ['is gone', (file) => rmSync(file)],
  ])(
    'a gateway that runs lets nobody in while the file %s, and lets them in again when it is mended',
    async (_, spoil) => {
      const { gateway, token, file } = await startGuarded();
      const text = readFileSync(file, 'utf8');
      const inside = await comeIn(gateway, token);
      spoil(file);
      await expectThrownOut(inside);
      expectUnauthorized(await gateway.get('/v1/info', bearer(token)), INVALID);
      expect((await gateway.get('/ready')).status).toBe(200);
      writeFileSync(file, text, { mode: 0o600 });
      chmodSync(file, 0o600);
      await until(async () => (await gateway.get('/v1/info', bearer(token))).status === 200);
    },
  );
});

test('tokens of one name after another are told apart', { tags: ['extended'] }, async () => {
  const { gateway, file } = await startGuarded();
  const first = addToken(file, 'page');
  await until(async () => (await gateway.get('/v1/info', bearer(first))).status === 200);
  const inside = await comeIn(gateway, first);
  revokeToken(file, 'page');
  const second = addToken(file, 'page');
  await expectThrownOut(inside);
  await until(async () => (await gateway.get('/v1/info', bearer(second))).status === 200);
  expect((await gateway.get('/v1/info', bearer(first))).status).toBe(401);
});

test('no token is ever logged', async () => {
  const tokens = makeTokens({ reader: 'read' });
  const { gateway } = await startBoth({ tokens: tokens.file });
  await gateway.get('/v1/info', tokens.as('reader'));
  await gateway.ask('POST', '/v1/exit', { headers: tokens.as('reader') });
  await gateway.get(`/v1/info?token=${tokens.of.reader}`);
  await gateway.get('/v1/info', { authorization: `Basic ${tokens.of.reader}` });
  expect(gateway.lines.length).toBeGreaterThan(0);
  expect(gateway.lines.join('')).not.toContain(tokens.of.reader);
});
