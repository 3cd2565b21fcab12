// @module-tag extended
import { once } from 'node:events';
import net from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { addToken, makeCertificate, newTokenFile, temporaryFolder } from '../support/access.js';
import { startGateway, until } from '../support/gateway.js';
import { fileOf, hasJoined, startJoined, startRelay } from '../support/relay.js';

/** What bytes on a connection to the relay are answered with. */
async function raw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(bytes);
  return text(socket);
}

const HOST = 'Host: 127.0.0.1';

describe('what another server might read otherwise', () => {
  test.each([
    ['two hosts', `GET /stage/live HTTP/1.1\r\n${HOST}\r\nHost: other\r\nConnection: close\r\n\r\n`],
    ['no host', 'GET /stage/live HTTP/1.1\r\nConnection: close\r\n\r\n'],
    [
      'a length and chunks',
      `POST /stage/v1/x HTTP/1.1\r\n${HOST}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'two lengths',
      `POST /stage/v1/x HTTP/1.1\r\n${HOST}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
    ],
    ['a target with a host', `GET http://other/stage/live HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    ['dots in the path', `GET /stage/../lab/live HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    ['encoded dots', `GET /stage/%2e%2e/lab/live HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`],
    ['a folded header', `GET /stage/live HTTP/1.1\r\n${HOST}\r\nX-A: 1\r\n 2\r\nConnection: close\r\n\r\n`],
    [
      'a space before the colon',
      `GET /stage/live HTTP/1.1\r\n${HOST}\r\nContent-Length : 5\r\nConnection: close\r\n\r\n`,
    ],
  ])('%s: 400', async (_what, bytes) => {
    const { relay } = await startJoined();
    expect(await raw(relay.url, bytes)).toMatch(/^HTTP\/1.1 400 /);
  });

  test('an offer of h2c is ignored, CONNECT ends the connection', async () => {
    const { relay } = await startJoined();
    const offer = `GET /stage/live HTTP/1.1\r\n${HOST}\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`;
    expect(await raw(relay.url, offer)).toMatch(/^HTTP\/1.1 200 /);
    expect(await raw(relay.url, 'CONNECT other:80 HTTP/1.1\r\nHost: other\r\n\r\n')).not.toMatch(
      /^HTTP\/1.1 2/,
    );
  });

  test('a WebSocket handshake that the gateway refuses ends with its answer', async () => {
    const { url } = await startJoined();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(401);
  });
});

describe('limits', () => {
  test('one address may have so many connections', async () => {
    const { url, tokens } = await startJoined({ relay: { connectionsPerAddress: 2 } });
    const open = async () => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, { headers: tokens.as('reader') });
      onTestFinished(() => socket.terminate());
      socket.on('error', () => undefined);
      const [result] = (await Promise.race([
        once(socket, 'open').then(() => [101]),
        once(socket, 'unexpected-response').then(([, { statusCode }]) => [statusCode as number]),
      ])) as [number];
      return { socket, result };
    };
    // The connection that asked whether the gateway has joined may still be open.
    const opened = [await open(), await open(), await open()];
    expect(opened.at(-1)?.result).toBe(429);
    for (const { socket } of opened) socket.terminate();
    await until(async () => (await open()).result === 101);
  });

  test('one address may ask so often', async () => {
    const relay = await startRelay({ requestRate: 3 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => relay.get('/stage/live')));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 503).length).toBeLessThanOrEqual(3);
    expect(statuses).toContain(429);
  });
});

test('two gateways are told apart, each by its tokens', async () => {
  const first = await startJoined();
  const file = newTokenFile();
  const token = addToken(file, 'lab-user');
  const lab = await startGateway(1, {
    relay: first.relay.url,
    relayName: 'lab',
    relayTokenFile: fileOf(first.relay.tokenOf('lab')),
    tokens: file,
  });
  await hasJoined(first.relay, 'lab');
  const headers = { authorization: `Bearer ${token}` };
  expect((await first.relay.get('/lab/v1/me', headers)).status).toBe(200);
  expect((await first.relay.get('/stage/v1/me', headers)).status).toBe(401);
  await lab.app.close();
  expect((await first.relay.get('/lab/live')).status).toBe(503);
  expect((await first.relay.get('/stage/live')).status).toBe(200);
});

test('a gateway with TLS of its own is served through a relay with TLS', async () => {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder, 'relay');
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  onTestFinished(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  const relay = await startRelay({ tlsCert: cert, tlsKey: key });
  const url = relay.url.replace('http', 'https');
  const file = newTokenFile();
  const token = addToken(file, 'me');
  await startGateway(1, {
    ...{ relay: url, relayName: 'stage', relayTokenFile: fileOf(relay.tokenOf('stage')) },
    ...{ tokens: file, tlsCert: cert, tlsKey: key },
  });
  const headers = { authorization: `Bearer ${token}` };
  await until(async () => (await fetch(`${url}/stage/live`)).status === 200);
  expect(await (await fetch(`${url}/stage/v1/me`, { headers })).json()).toMatchObject({ name: 'me' });
});
