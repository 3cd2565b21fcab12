import { expect, test } from 'vitest';
import { addToken, bearer, newTokenFile } from '../support/access.js';
import { SseClient } from '../support/event-client.js';
import { startBoth } from '../support/gateway.js';

/** `script-src 'self'` → `'self'`; undefined without the directive. */
function directive(policy: string | null, name: string): string | undefined {
  const found = policy?.split(';').map((text) => text.trim().split(/\s+/));
  return found
    ?.find(([first]) => first === name)
    ?.slice(1)
    .join(' ');
}

const PAGES = ['/', '/docs/', '/docs/static/index.html', '/nothing'];
const ANSWERS = [
  '/v1/info',
  '/v1/devices/99/name',
  '/v1/history',
  '/metrics',
  '/live',
  '/ready',
  '/openapi.json',
];

test('every answer forbids sniffing and foreign frames and sends no HSTS over HTTP', async () => {
  const { gateway } = await startBoth({ noAuth: true });
  for (const path of [...PAGES, ...ANSWERS]) {
    const { headers } = await gateway.get(path);
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
    expect(headers.get('strict-transport-security'), path).toBeNull();
    expect(headers.get('x-powered-by'), path).toBeNull();
    const ancestors = directive(headers.get('content-security-policy'), 'frame-ancestors');
    expect(["'none'", "'self'"], path).toContain(ancestors);
  }
});

test('the policy of a page allows only its own files', async () => {
  const { gateway } = await startBoth({ noAuth: true });
  for (const path of PAGES) {
    const policy = (await gateway.get(path)).headers.get('content-security-policy');
    expect(directive(policy, 'default-src'), path).toBe("'none'");
    expect(directive(policy, 'script-src'), path).toBe("'self'");
    expect(directive(policy, 'connect-src'), path).toBe("'self'");
    expect(directive(policy, 'base-uri'), path).toBe("'none'");
    expect(policy).not.toContain('unsafe-eval');
  }
});

test('the API explorer has no inline script, which its policy would block', async () => {
  const { gateway } = await startBoth({ noAuth: true });
  const { text } = await gateway.get('/docs/');
  const scripts = text.match(/<script\b[^>]*>/g) ?? [];
  expect(scripts.length).toBeGreaterThan(0);
  for (const script of scripts) expect(script).toMatch(/\bsrc=/);
});

test('the policy of API answers allows nothing, refusals and streams included', async () => {
  const file = newTokenFile();
  const token = addToken(file, 'a');
  const { gateway } = await startBoth({ tokens: file });
  const { response } = await SseClient.open(gateway, '/v1/events/Logs/Info', bearer(token));
  const policies = [
    (await gateway.get('/v1/info')).headers.get('content-security-policy'),
    (await gateway.get('/v1/info', bearer(token))).headers.get('content-security-policy'),
    String(response.headers['content-security-policy']),
  ];
  for (const policy of policies) {
    expect(directive(policy, 'default-src')).toBe("'none'");
    expect(policy).not.toContain('script-src');
  }
  expect(response.headers['x-content-type-options']).toBe('nosniff');
});
