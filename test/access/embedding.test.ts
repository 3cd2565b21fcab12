// @module-tag extended
import { expect, test } from 'vitest';
import { bare } from '../support/access.js';
import type { Headers } from '../support/access.js';
import { SseClient } from '../support/event-client.js';
import { counting, problemOf, startBoth } from '../support/gateway.js';

const MOZILLA = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36';

test.each<readonly [what: string, headers: Headers]>([
  ["Chrome's image", { accept: 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8' }],
  ["Firefox's film", { accept: 'video/webm,video/ogg,video/*;q=0.9,application/ogg;q=0.7,*/*;q=0.5' }],
  ['a style sheet', { accept: 'text/css,*/*;q=0.1' }],
  ['a script, as Sec-Fetch-Dest says', { accept: '*/*', 'sec-fetch-dest': 'script' }],
  ['a frame of the same site, as Sec-Fetch-Dest says', { accept: 'text/html', 'sec-fetch-dest': 'iframe' }],
])('a GET of the API for %s is refused, and its command does not run', async (_, headers) => {
  const { gateway, simulator } = await startBoth({ noAuth: true });
  const count = counting(simulator);
  const reply = await bare(gateway.url, 'GET', '/v1/devices/1/wifi/version', {
    host: new URL(gateway.url).host,
    ...headers,
  });
  expect(problemOf(reply)).toMatchObject({ status: 403, code: 'Forbidden', outcome: 'not-sent' });
  expect(count('GetWifiVersion')).toBe(0);
});

test.each<readonly [what: string, headers: Headers]>([
  ['curl', { accept: '*/*', 'user-agent': 'curl/8.5.0' }],
  ['a program that says nothing', {}],
  ['fetch of a page', { accept: '*/*', 'user-agent': MOZILLA }],
  ['fetch that says what it loads', { accept: '*/*', 'sec-fetch-dest': 'empty' }],
  ['a person', { accept: 'text/html,image/avif,*/*;q=0.8', 'sec-fetch-dest': 'document' }],
  ['a person, over plain HTTP', { accept: 'text/html,application/xml;q=0.9,image/avif,*/*;q=0.8' }],
])('a GET of the API by %s is answered', async (_, headers) => {
  const { gateway } = await startBoth({ noAuth: true });
  const own = { host: new URL(gateway.url).host, ...headers };
  expect((await bare(gateway.url, 'GET', '/v1/info', own)).status).toBe(200);
});

test.each<readonly [what: string, headers: Record<string, string>]>([
  ['an EventSource', { accept: 'text/event-stream', 'user-agent': MOZILLA }],
  ['curl', { accept: '*/*', 'user-agent': 'curl/8.5.0' }],
  ['a tab, as Sec-Fetch-Dest says', { accept: 'text/html,*/*;q=0.8', 'sec-fetch-dest': 'document' }],
])('a stream that is asked for by %s begins', async (_, headers) => {
  const { gateway } = await startBoth({ noAuth: true });
  const stream = await SseClient.open(gateway, '/v1/events/Logs/Info', headers);
  expect(stream.response.statusCode).toBe(200);
});

test.each<readonly [what: string, headers: Record<string, string>]>([
  ['a script of a page', { accept: '*/*', 'user-agent': MOZILLA }],
  ['a frame of a page', { accept: 'text/html,*/*;q=0.8', 'user-agent': MOZILLA }],
])('a stream that is asked for by %s, over plain HTTP, is refused', async (_, headers) => {
  const { gateway } = await startBoth({ noAuth: true });
  await expect(SseClient.open(gateway, '/v1/events/Logs/Info', headers)).rejects.toThrow('"status":403');
});
