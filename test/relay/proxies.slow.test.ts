import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { addToken, bearer, newTokenFile, temporaryFolder } from '../support/access.js';
import { startBoth, until } from '../support/gateway.js';
import { fileOf, startRelay } from '../support/relay.js';
import { freePort } from '../support/scripted-server.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

/*
 * The relay behind reverse proxies: gateways join through them, clients come through them. Without the programs, and
 * without CI, a test is skipped.
 */

const NGINX = '/usr/sbin/nginx';
const HAPROXY = '/usr/sbin/haproxy';

function isMissing(program: string): boolean {
  if (existsSync(program) || process.env['CI'] !== undefined) return false;
  process.stderr.write(`skipped: the relay behind ${program}, which is not there (apt install)\n`);
  return true;
}

function run(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGTERM'));
}

/** The block of docs/remote.md, without TLS. */
function nginx(port: number, relayPort: string): void {
  const docs = readFileSync(join(PACKAGE_ROOT, 'docs', 'remote.md'), 'utf8');
  const [, block = ''] = /```nginx\n(.*?)```/s.exec(docs) ?? [];
  const plain = block
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replaceAll(/ {2}ssl_.*\n/g, '')
    .replace('http://127.0.0.1:8443', `http://127.0.0.1:${relayPort}`);
  expect(plain).toContain(`127.0.0.1:${relayPort}`);
  const folder = temporaryFolder();
  const file = join(folder, 'nginx.conf');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder};`,
  );
  writeFileSync(
    file,
    `daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${temp.join(' ')} ${plain} }`,
  );
  run(NGINX, ['-c', file, '-p', folder]);
}

function haproxy(port: number, relayPort: string): void {
  const file = join(temporaryFolder(), 'haproxy.cfg');
  writeFileSync(
    file,
    `defaults
  mode http
  timeout connect 5s
  timeout client 120s
  timeout server 120s
  timeout tunnel 1h
frontend public
  bind 127.0.0.1:${port}
  http-request del-header X-Forwarded-For
  option forwardfor
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header X-Forwarded-Proto http
  default_backend relay
backend relay
  server relay 127.0.0.1:${relayPort}
`,
  );
  run(HAPROXY, ['-f', file, '-db']);
}

test.each([
  ['nginx', NGINX, nginx],
  ['HAProxy', HAPROXY, haproxy],
])('behind %s a gateway joins, and its page, API, events and sockets work', async (_name, program, start) => {
  if (isMissing(program)) return;
  const relay = await startRelay({ trustProxy: 'loopback' });
  const port = await freePort();
  start(port, new URL(relay.url).port);
  const url = `http://127.0.0.1:${port}/stage`;
  const tokens = newTokenFile();
  const headers = bearer(addToken(tokens, 'me'));
  const { simulator } = await startBoth({
    ...{ relay: `http://127.0.0.1:${port}`, relayName: 'stage' },
    ...{ relayTokenFile: fileOf(relay.tokenOf('stage')), tokens },
  });
  await until(async () => (await fetch(`${url}/live`).catch(() => undefined))?.status === 200);
  expect((await fetch(`${url}/`)).headers.get('content-type')).toContain('text/html');
  expect((await fetch(`${url}/v1/devices`, { headers })).status).toBe(200);
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as { servers: { url: string }[] };
  expect(document.servers[0]?.url).toBe('/stage');
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws/Logs/Info`, { headers });
  onTestFinished(() => socket.terminate());
  await once(socket, 'message');
  const stream = await fetch(`${url}/v1/events?channel=Logs/Info`, { headers });
  const reader = stream.body!.getReader();
  await reader.read();
  simulator.emit('Logs', 'Info', { LogMsg: 'through' });
  expect(String((await once(socket, 'message'))[0])).toContain('through');
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain('through');
  await reader.cancel();
  const me = (await (
    await fetch(`${url}/v1/me`, { headers: { ...headers, 'x-forwarded-for': '203.0.113.9' } })
  ).json()) as {
    address: string;
  };
  expect(me.address).toBe('127.0.0.1');
});
