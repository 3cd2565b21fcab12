// @module-tag extended
import { once } from 'node:events';
import net from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { upgrade } from '../support/access.js';
import { startBoth } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';

const H2C =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n';

/** Sends the requests one after the other on one connection; their answers without the headers that change. */
async function answers(gateway: Gateway, requests: readonly string[]): Promise<string[]> {
  const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const found: string[] = [];
  for (const request of requests) {
    socket.write(request);
    let text = '';
    while (!isWhole(text)) text += ((await once(socket, 'data')) as [Buffer])[0].toString();
    found.push(text.replaceAll(/^(date|x-track-id|server-timing): .*\r\n/gim, ''));
  }
  return found;
}

function isWhole(text: string): boolean {
  const [head = '', ...body] = text.split('\r\n\r\n');
  if (body.length === 0) return false;
  const length = /^content-length: (\d+)$/im.exec(head)?.[1] ?? '0';
  return body.join('\r\n\r\n').length >= Number(length);
}

function get(path: string, headers = ''): string {
  return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
}

function put(name: string, headers = ''): string {
  const body = JSON.stringify({ DeviceName: name });
  const head = `Host: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${headers}`;
  return `PUT /v1/devices/1/name HTTP/1.1\r\n${head}\r\n${body}`;
}

test('requests that offer h2c are answered as without the offer, on a connection that goes on', async () => {
  const { gateway } = await startBoth();
  const path = '/v1/devices/2/name';
  const plain = await answers(gateway, [get(path), put('A'), get(path), put('B'), get('/nothing')]);
  const offered = await answers(gateway, [
    get(path, H2C),
    put('A', H2C),
    get(path, H2C),
    put('B', H2C),
    get('/nothing', H2C),
  ]);
  const statuses = offered.map((text) => text.slice(9, 12));
  expect(statuses).toEqual(['200', '204', '200', '204', '404']);
  const withoutIds = (texts: string[]): string[] =>
    texts.map((text) => text.replaceAll(/"trackId":"[^"]*"/g, ''));
  expect(withoutIds(offered)).toEqual(withoutIds(plain));
  expect(offered.join('').toLowerCase()).not.toContain('connection: close');
});

test('a body in chunks arrives with an offer of h2c', async () => {
  const { gateway } = await startBoth();
  const head = 'PUT /v1/devices/1/name HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
  const request = `${head}Transfer-Encoding: chunked\r\n${H2C}\r\n12\r\n{"DeviceName":"AB"\r\n1\r\n}\r\n0\r\n\r\n`;
  const [first, second] = await answers(gateway, [request, get('/v1/devices/1/name', H2C)]);
  expect(first).toMatch(/^HTTP\/1\.1 204 /);
  expect(second).toContain('{"DeviceName":"AB"}');
});

test.each(['h2c', 'TLS/1.0', 'h2c, websocket', 'foo'])(
  'an offer of %j to a WebSocket path is ignored',
  async (offer) => {
    const { gateway } = await startBoth();
    const text = (await answers(gateway, [get('/v1/ws', `Connection: Upgrade\r\nUpgrade: ${offer}\r\n`)]))[0];
    expect(text).toMatch(/^HTTP\/1\.1 400 .*This is a WebSocket: connect to it with ws/s);
  },
);

test.each(['websocket', 'WebSocket'])('an offer of %j opens a WebSocket', async (offer) => {
  const { gateway } = await startBoth();
  const { host } = new URL(gateway.url);
  expect((await upgrade(gateway.url, '/v1/ws', { host, upgrade: offer })).status).toBe(101);
});
