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
