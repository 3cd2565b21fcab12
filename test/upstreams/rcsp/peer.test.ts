import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import tls from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { describePeer } from '../../../src/upstreams/rcsp/protocol/peer.js';
import { makeCertificate, temporaryFolder } from '../../support/access.js';
import { Problem, startGateway, until } from '../../support/gateway.js';

test.each([
  ['485454502f312e3120343030', 'this port speaks HTTP; is it the RCSP port?'],
  ['15030100020246', 'this port speaks TLS; is it the RCSP port?'],
  ['160303007a', 'this port speaks TLS; is it the RCSP port?'],
  ['5353482d322e302d', 'this port speaks SSH; is it the RCSP port?'],
  ['32323020667470206f6b0d0a', 'this port says "220 ftp ok"; is it the RCSP port?'],
])('the bytes %s are recognised', (hex, expected) => {
  expect(describePeer(Buffer.from(hex, 'hex'))).toBe(expected);
});

test.each(['', '00', 'dc01080200000000', '1504', '7b7d'])('the bytes %j are not recognised', (hex) => {
  expect(describePeer(Buffer.from(hex, 'hex'))).toBeUndefined();
});

async function portOf(server: net.Server): Promise<number> {
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

const secure = (): tls.Server => {
  const { cert, key } = makeCertificate(temporaryFolder(), 'peer');
  const server = tls.createServer({ cert: readFileSync(cert), key: readFileSync(key) });
  server.on('tlsClientError', () => undefined);
  return server;
};

test.each<readonly [what: string, make: () => net.Server, says: string]>([
  ['HTTP', () => http.createServer(), 'this port speaks HTTP; is it the RCSP port?'],
  [
    'SSH',
    () => net.createServer((socket) => socket.on('error', () => undefined).write('SSH-2.0-x\r\n')),
    'this port speaks SSH; is it the RCSP port?',
  ],
  ['TLS without an alert', secure, 'a TLS server does that'],
  [
    'TLS',
    () =>
      net.createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(Buffer.from('15030100020246', 'hex')));
      }),
    'this port speaks TLS; is it the RCSP port?',
  ],
])('a port where %s speaks is named in the log and in the 503', async (_, make, says) => {
  const gateway = await startGateway(await portOf(make()));
  await until(() => gateway.lines.some((line) => line.includes(says)));
  await until(async () => {
    const { status, json } = await gateway.get('/v1/info');
    return status === 503 && Problem.parse(json).detail.includes(says);
  });
  expect(gateway.lines.filter((line) => line.includes('"level":40') && line.includes(says))).toHaveLength(1);
  expect((await gateway.get('/ready')).status).toBe(503);
});
