import { expect, test } from 'vitest';
import { addToken, bearer, newTokenFile } from '../support/access.js';
import { startBoth } from '../support/gateway.js';

test('no answer of the API and no problem is kept by a cache, and each depends on the token', async () => {
  const file = newTokenFile();
  const token = addToken(file, 'a');
  const { gateway } = await startBoth({ tokens: file, allowedOrigin: ['https://page.example'] });
  const answers = [
    await gateway.get('/v1/info'),
    await gateway.get('/v1/info', bearer(token)),
    await gateway.get('/v1/devices/99/name', bearer(token)),
    await gateway.get('/v1/history', bearer(token)),
    await gateway.get('/metrics', bearer(token)),
    await gateway.get('/v1/info', { ...bearer(token), origin: 'https://page.example' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 200, 404, 400, 200, 200]);
  for (const { headers } of answers) {
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('vary')?.toLowerCase()).toContain('authorization');
  }
  expect(answers.at(-1)?.headers.get('vary')).toMatch(/origin/i);
});

test('problems outside of the API are kept by no cache either', async () => {
  const { gateway } = await startBoth();
  for (const path of ['/nothing', '/v1/nothing', '/v1/devices/%zz/name'])
    expect((await gateway.get(path)).headers.get('cache-control'), path).toBe('no-store');
});

test('files of the page with a hash in their name are kept for good, the others are asked about', async () => {
  const { gateway } = await startBoth();
  const { headers, text } = await gateway.get('/');
  expect(headers.get('cache-control')).toBe('no-cache');
  const script = /src="\.(\/assets\/[^"]+\.js)"/.exec(text)?.[1];
  expect(script).toBeDefined();
  for (const [path, status, caching] of [
    [script ?? '', 200, 'public, max-age=31536000, immutable'],
    ['/assets/nothing.js', 404, 'no-store'],
    ['/assets/', 404, 'no-store'],
    ['/icon.svg', 200, 'no-cache'],
  ] as const) {
    const answer = await gateway.get(path);
    expect([answer.status, answer.headers.get('cache-control')], path).toEqual([status, caching]);
  }
});
