// @module-tag extended
import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import type { ServerHttp2Stream } from 'node:http2';
import net from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createJoinToken } from '../../src/access/join-token-file.js';
import { newTokenFile } from '../support/access.js';
import { startBoth, until } from '../support/gateway.js';
import { fileOf, hasJoined, startRelay } from '../support/relay.js';
import { makeTokens } from '../support/tokens.js';

/*
 * Each side against one that was written after the contract alone, with Node's own HTTP/2.
 */

type OnStream = (stream: ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void;

/** A gateway of somebody else, joined as `stage`. */
async function foreignGateway(onStream: OnStream) {
  const file = newTokenFile();
  const token = createJoinToken(file, 'stage', null);
  const relay = await startRelay({}, {}, file);
  const request = http.get(`${relay.url}/v1/relay`, {
    headers: {
      connection: 'Upgrade',
      upgrade: 'rcsp-relay/1',
      authorization: `Bearer ${token}`,
      'rcsp-relay-name': 'stage',
    },
  });
  const [, socket, head] = (await once(request, 'upgrade')) as [unknown, Socket, Buffer];
  if (head.length > 0) socket.unshift(head);
  const session = http2.performServerHandshake(socket);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  session.on('error', () => undefined);
  session.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    onStream(stream, headers);
  });
  await once(session, 'remoteSettings');
  return { relay, session, socket };
}

/** Answers each request on a stream with its own head. */
const echo: OnStream = (stream) => {
  stream.respond({ ':status': 200 });
  stream.on('data', (chunk: Buffer) => {
    const body = chunk.toString();
    stream.write(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  });
  stream.on('end', () => stream.end());
};

describe('the relay with a foreign gateway', () => {
  test('opens one CONNECT stream for each connection of a client, with windows of 256 KiB', async () => {
    const seen: http2.IncomingHttpHeaders[] = [];
    const { relay, session } = await foreignGateway((stream, headers) => {
      seen.push(headers);
      echo(stream, headers);
    });
    expect(session.remoteSettings.initialWindowSize).toBe(262_144);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    for (let n = 0; n < 3; n += 1) {
      const request = http.get(`${relay.url}/stage/v1/devices?n=${n}`, {
        agent,
        headers: { 'x-forwarded-for': '1.2.3.4' },
      });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      const head = await text(response);
      expect(head).toMatch(new RegExp(`^GET /v1/devices\\?n=${n} HTTP/1.1\r\n`));
      expect(head).toMatch(/^X-Forwarded-For: 127.0.0.1\r$/m);
      expect(head).toMatch(/^X-Forwarded-Prefix: \/stage\r$/m);
      expect(head).not.toContain('1.2.3.4');
    }
    expect(seen.map((headers) => headers[':method'])).toEqual(['CONNECT']);
    await relay.get('/stage/v1/devices');
    expect(seen.length).toBe(2);
  });

  test('a stream that it refuses is not-sent', async () => {
    const refusing: OnStream[] = [
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      (stream) => stream.close(http2.constants.NGHTTP2_REFUSED_STREAM),
    ];
    for (const refuse of refusing) {
      const { relay } = await foreignGateway(refuse);
      const answer = await fetch(`${relay.url}/stage/v1/x`, { method: 'POST', body: '{}' });
      expect(await answer.json()).toMatchObject({ status: 503, code: 'Too busy', outcome: 'not-sent' });
    }
  });

  test('clients that leave in the middle of answers cost it no resets, and not its line', async () => {
    let resets = 0;
    const { relay, session } = await foreignGateway((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n');
      stream.resume();
      stream.on('end', () => stream.end());
      stream.on('aborted', () => (resets += 1));
    });
    for (let round = 0; round < 11; round += 1) {
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const request = http.get(`${relay.url}/stage/v1/events`, { agent: false });
          request.on('error', () => undefined);
          await once(request, 'response');
          request.destroy();
        }),
      );
    }
    expect([resets, session.destroyed]).toEqual([0, false]);
    await until(() => relay.app.server.listening && !session.closed);
  });

  test('an answer that is not whole ends the connection of the client', async () => {
    const { relay } = await foreignGateway((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      setTimeout(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR), 50);
    });
    const answer = await relay.get('/stage/v1/devices');
    await expect(answer.text()).rejects.toThrow();
  });
});

/** A relay of somebody else, at which the gateway has joined. */
async function foreignRelay() {
  const server = http.createServer();
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const arrived = once(server, 'upgrade') as Promise<[http.IncomingMessage, Socket, Buffer]>;
  const tokens = makeTokens({ reader: 'read' });
  const { gateway } = await startBoth({
    relay: `http://127.0.0.1:${port}`,
    relayName: 'stage',
    relayTokenFile: fileOf('secret-token'),
    tokens: tokens.file,
  });
  const [request, socket] = await arrived;
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: rcsp-relay/1\r\n\r\n');
  const session = http2.connect('http://stage', { createConnection: () => socket });
  onTestFinished(() => void socket.destroy());
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  return { request, session, gateway, tokens };
}

function connect(session: http2.ClientHttp2Session): http2.ClientHttp2Stream {
  return session.request({ ':method': 'CONNECT', ':authority': 'stage' });
}

describe('the gateway with a foreign relay', () => {
  test('asks to join as the contract says', async () => {
    const { request, session } = await foreignRelay();
    expect([request.method, request.url]).toEqual(['GET', '/v1/relay']);
    expect(request.headers).toMatchObject({
      connection: 'Upgrade',
      upgrade: 'rcsp-relay/1',
      authorization: 'Bearer secret-token',
      'rcsp-relay-name': 'stage',
    });
    expect(session.remoteSettings.initialWindowSize).toBe(262_144);
  });

  test('serves each CONNECT stream as a connection, and believes what the relay says of the client', async () => {
    const { session, tokens } = await foreignRelay();
    const stream = connect(session);
    const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    expect(headers[':status']).toBe(200);
    const head = (close: boolean) =>
      `GET /v1/me HTTP/1.1\r\nHost: relay.example\r\nX-Forwarded-For: 203.0.113.5\r\nX-Forwarded-Proto: https\r\n` +
      `Authorization: Bearer ${tokens.of.reader}\r\nConnection: ${close ? 'close' : 'keep-alive'}\r\n\r\n`;
    stream.write(head(false) + head(true));
    const answers = await text(stream);
    expect(answers.match(/HTTP\/1.1 200 OK/g)?.length).toBe(2);
    expect(answers).toContain('"address":"203.0.113.5"');
  });

  test('answers streams that are no CONNECT with 405', async () => {
    const { session } = await foreignRelay();
    const stream = session.request({ ':path': '/v1/devices' });
    const [headers] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
    expect(headers[':status']).toBe(405);
    stream.close();
  });

  test('reads no X-Forwarded header of a direct client because of the relay', async () => {
    const { gateway, tokens } = await foreignRelay();
    const me = await gateway.get('/v1/me', {
      ...tokens.as('reader'),
      'x-forwarded-for': 'relay, 203.0.113.5',
    });
    expect(me.json).toMatchObject({ address: '127.0.0.1' });
  });
});

test('the gateway reaches its relay through HTTPS_PROXY', async () => {
  const asked: string[] = [];
  const proxy = http.createServer();
  proxy.on('connect', (request: http.IncomingMessage, near: Socket) => {
    asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const far = net.connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n');
      near.pipe(far).pipe(near);
    });
    for (const each of [near, far]) each.on('error', () => undefined);
    onTestFinished(() => void far.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const before = process.env['https_proxy'];
  process.env['https_proxy'] = `http://me:secret@127.0.0.1:${port}`;
  onTestFinished(() => {
    if (before === undefined) delete process.env['https_proxy'];
    else process.env['https_proxy'] = before;
  });
  const file = newTokenFile();
  const token = createJoinToken(file, 'stage', null);
  const relay = await startRelay({}, {}, file);
  await startBoth({ relay: relay.url, relayName: 'stage', relayTokenFile: fileOf(token) });
  await hasJoined(relay, 'stage');
  expect(asked).toEqual([`${new URL(relay.url).host} Basic ${Buffer.from('me:secret').toString('base64')}`]);
});
