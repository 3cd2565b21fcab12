// @module-tag extended
import { describe, expect, test } from 'vitest';
import { bare, bearer, addToken, newTokenFile, upgrade, WRONG } from '../support/access.js';
import type { Headers } from '../support/access.js';
import { SseClient } from '../support/event-client.js';
import { counting, problemOf, startBoth } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';

const STUDIO = 'https://studio.example:8443';

function ask(gateway: Gateway, method: string, path: string, headers: Headers): Promise<Reply> {
  return bare(gateway.url, method, path, { host: new URL(gateway.url).host, ...headers });
}

function preflight(gateway: Gateway, origin: string, path = '/v1/devices/1/name'): Promise<Reply> {
  return ask(gateway, 'OPTIONS', path, {
    origin,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'authorization, content-type',
  });
}

function expectNoCors({ headers }: Reply): void {
  for (const name of headers.keys()) expect(name).not.toMatch(/^access-control-allow/);
}

/** What CORS lets a page of that origin see. */
function expectCors({ headers }: { readonly headers: Reply['headers'] }, origin: string): void {
  expect(headers.get('access-control-allow-origin')).toBe(origin);
  expect(headers.get('vary')).toMatch(/\borigin\b/i);
  expect(headers.has('access-control-allow-credentials')).toBe(false);
  const seen = headers.get('access-control-expose-headers')?.split(', ') ?? [];
  expect(seen).toEqual(expect.arrayContaining(['x-track-id', 'retry-after', 'server-timing', 'location']));
}

async function startAllowing(settings = {}): Promise<{ gateway: Gateway; token: string }> {
  const file = newTokenFile();
  const token = addToken(file, 'page', 'control');
  const { gateway } = await startBoth({ tokens: file, allowedOrigin: STUDIO, ...settings });
  return { gateway, token };
}

describe('a foreign page', () => {
  test.each([
    'https://evil.example',
    'http://localhost',
    'http://127.0.0.1:1',
    'https://studio.example',
    'null',
    'file://',
    '',
  ])('of %j is refused with GET, POST, preflight and WebSocket', async (origin) => {
    const { gateway, simulator } = await startBoth({ noAuth: true, allowedOrigin: STUDIO });
    const count = counting(simulator);
    const replies = [
      await ask(gateway, 'GET', '/v1/info', { origin }),
      await ask(gateway, 'GET', '/nothing', { origin }),
      await ask(gateway, 'GET', '/docs/', { origin }),
      await ask(gateway, 'POST', '/v1/exit', { origin }),
      await ask(gateway, 'GET', '/v1/events/Logs/Info', { origin }),
      await preflight(gateway, origin),
      await upgrade(gateway.url, '/v1/ws', { host: new URL(gateway.url).host, origin }),
    ];
    for (const reply of replies) {
      expect(problemOf(reply)).toMatchObject({ status: 403, code: 'Forbidden', outcome: 'not-sent' });
      expectNoCors(reply);
    }
    expect(problemOf(replies[0]!).detail).toContain('--allowed-origin');
    expect([count('Info'), count('GracefulExit')]).toEqual([0, 0]);
  });

  test.each([
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, 403],
    [{ 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'websocket', 'sec-fetch-dest': 'websocket' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
    [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 200],
    [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, 200],
  ])('that shows no origin is told by %j: %i', async (headers, status) => {
    const { gateway } = await startBoth({ noAuth: true });
    for (const path of ['/docs/', '/live', '/v1/info']) {
      expect((await ask(gateway, 'GET', path, headers)).status, path).toBe(status);
    }
  });
});

describe('an origin that is no page of the web', () => {
  test.each([
    'file://',
    'tauri://localhost',
    'capacitor://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://0f0e0d0c-0b0a-0908-0706-050403020100',
  ])('%j is refused, and allowed by --allowed-origin', async (origin) => {
    const { gateway: closed } = await startBoth({ noAuth: true });
    const refused = await ask(closed, 'GET', '/v1/info', { origin });
    expect(problemOf(refused).detail).toBe(
      `Pages of "${origin}" may not use this gateway; --allowed-origin ${origin} lets them.`,
    );
    const { gateway } = await startBoth({ noAuth: true, allowedOrigin: origin });
    const reply = await ask(gateway, 'GET', '/v1/info', { origin });
    expect(reply.status).toBe(200);
    expectCors(reply, origin);
    expect((await preflight(gateway, origin)).status).toBe(204);
    const own = { host: new URL(gateway.url).host, origin };
    expect((await upgrade(gateway.url, '/v1/ws', own)).status).toBe(101);
    const other = await ask(gateway, 'GET', '/v1/info', { origin: `${origin}x` });
    expect(other.status).toBe(403);
  });

  test('null is refused with the reason and a way out', async () => {
    const { gateway } = await startBoth({ noAuth: true });
    const { detail } = problemOf(await ask(gateway, 'GET', '/v1/info', { origin: 'null' }));
    expect(detail).toBe(
      'Pages of "null" may not use this gateway; files and sandboxed pages of every site say "null", ' +
        'so --allowed-origin cannot name it: serve the page over http:// and allow that origin.',
    );
  });
});

test('an origin that differs in its scheme alone is refused, and the problem names the scheme', async () => {
  const { gateway } = await startBoth({ noAuth: true });
  const { host } = new URL(gateway.url);
  const { detail } = problemOf(await ask(gateway, 'GET', '/v1/info', { origin: `https://${host}` }));
  expect(detail).toBe(
    `Pages of "https://${host}" may not use this gateway; its own origin is http://${host}, with another scheme; ` +
      `--allowed-origin https://${host} lets them.`,
  );
});

test('the own page passes under every own name, without CORS', async () => {
  const { gateway } = await startBoth({ noAuth: true, allowedHost: 'studio-pc' });
  const { port } = new URL(gateway.url);
  for (const name of ['localhost', '127.0.0.1', '[::1]', 'studio-pc']) {
    const own = { host: `${name}:${port}`, origin: `http://${name}:${port}` };
    const reply = await bare(gateway.url, 'GET', '/v1/info', own);
    expect(reply.status, name).toBe(200);
    expectNoCors(reply);
    expect((await bare(gateway.url, 'POST', '/v1/commands/Info', own)).status, name).toBe(200);
    expect((await upgrade(gateway.url, '/v1/ws', own)).status, name).toBe(101);
    const https = { ...own, origin: `https://${name}:${port}` };
    expect((await bare(gateway.url, 'GET', '/v1/info', https)).status, name).toBe(403);
  }
});

describe('a page of an allowed origin', () => {
  test('a page of an allowed origin asks beforehand without a token, and is told what it may do', async () => {
    const { gateway } = await startAllowing();
    for (const path of ['/v1/devices/1/name', '/v1/tickets', '/v1/events/Logs/Info', '/v1/exit']) {
      const reply = await preflight(gateway, STUDIO, path);
      expect([reply.status, reply.text]).toEqual([204, '']);
      expectCors(reply, STUDIO);
      const methods = reply.headers.get('access-control-allow-methods')?.split(', ');
      expect(methods?.sort()).toEqual(['DELETE', 'GET', 'HEAD', 'POST', 'PUT']);
      const sent = reply.headers.get('access-control-allow-headers')?.split(', ');
      expect(sent).toEqual(
        expect.arrayContaining(['authorization', 'content-type', 'last-event-id', 'prefer']),
      );
    }
  });

  test('a page of an allowed origin sees answers, errors and streams', async () => {
    const { gateway, token } = await startAllowing();
    const headers = { origin: STUDIO, ...bearer(token) };
    const seen: readonly (readonly [method: string, path: string, headers: Headers, status: number])[] = [
      ['GET', '/v1/info', headers, 200],
      ['GET', '/v1/devices/99/name', headers, 404],
      ['GET', '/v1/devices/x/name', headers, 400],
      ['POST', '/v1/exit', headers, 403],
      ['GET', '/nothing', headers, 404],
      ['GET', '/v1/info', { origin: STUDIO }, 401],
      ['GET', '/v1/info', { origin: STUDIO, ...WRONG }, 401],
      ['GET', '/live', { origin: STUDIO }, 200],
    ];
    for (const [method, path, shown, status] of seen) {
      const reply = await ask(gateway, method, path, shown);
      expect(reply.status, `${method} ${path}`).toBe(status);
      expectCors(reply, STUDIO);
    }
    const { response } = await SseClient.open(gateway, '/v1/events/Logs/Info', headers);
    expectCors({ headers: new Headers(response.headers as Record<string, string>) }, STUDIO);
    const own = { host: new URL(gateway.url).host, ...headers };
    expect((await upgrade(gateway.url, '/v1/ws', own)).status).toBe(101);
  });

  test('a page of an allowed origin is told its own origin only, of several', async () => {
    const other = 'http://other.example';
    const { gateway, token } = await startAllowing({ allowedOrigin: [STUDIO, other] });
    for (const origin of [STUDIO, other]) {
      expectCors(await ask(gateway, 'GET', '/v1/info', { origin, ...bearer(token) }), origin);
      expectCors(await preflight(gateway, origin), origin);
    }
  });

  test('a page of an allowed origin still needs a token, and a host of the gateway', async () => {
    const { gateway, token } = await startAllowing();
    expect((await ask(gateway, 'PUT', '/v1/devices/1/name', { origin: STUDIO })).status).toBe(401);
    const evil = { origin: STUDIO, host: 'evil.example', ...bearer(token) };
    expect((await bare(gateway.url, 'GET', '/v1/info', evil)).status).toBe(403);
  });
});
