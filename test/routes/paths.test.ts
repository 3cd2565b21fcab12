import { expect, test } from 'vitest';
import { addToken, bare, bearer, newTokenFile, upgrade } from '../support/access.js';
import { startBoth } from '../support/gateway.js';
import { SseClient } from '../support/event-client.js';

test.each([
  ['//v1/devices', '/v1/devices'],
  ['/v1/devices/', '/v1/devices'],
  ['//v1//devices//', '/v1/devices'],
  ['//v1/devices/1//name/?x=1', '/v1/devices/1/name'],
  ['//openapi.json', '/openapi.json'],
  ['//docs/json/', '/docs/json'],
])('%s is answered like %s', async (path, plain) => {
  const { gateway } = await startBoth();
  const host = new URL(gateway.url).host;
  const [found, expected] = [
    await bare(gateway.url, 'GET', path, { host }),
    await bare(gateway.url, 'GET', plain, { host }),
  ];
  expect([found.status, found.text]).toEqual([200, expected.text]);
});

test('a WebSocket and an event stream open under a path with a slash too many', async () => {
  const { gateway } = await startBoth();
  const host = new URL(gateway.url).host;
  expect((await upgrade(gateway.url, '//v1//ws', { host })).status).toBe(101);
  expect((await upgrade(gateway.url, '/v1/ws/Logs/Info/', { host })).status).toBe(101);
  const { response } = await SseClient.open(gateway, '//v1/events/Logs/Info/');
  expect(response.statusCode).toBe(200);
});

test('a path with a slash too many needs the scope of its route', async () => {
  const file = newTokenFile();
  const token = addToken(file, 'a', 'read');
  const { gateway } = await startBoth({ tokens: file });
  const host = new URL(gateway.url).host;
  expect((await bare(gateway.url, 'POST', '//v1//exit/', { host })).status).toBe(401);
  expect((await bare(gateway.url, 'POST', '//v1//exit/', { host, ...bearer(token) })).status).toBe(403);
});
