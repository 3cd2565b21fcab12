import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { makeCertificate, temporaryFolder } from '../support/access.js';
import { startBoth, until } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

const NGINX = '/usr/sbin/nginx';
const NAME = 'gateway.studio.example';

/** The example's block, on ports and with files of this test. */
function exampleBlock(port: number, gatewayPort: string, certificate: { cert: string; key: string }): string {
  const block = readFileSync(join(PACKAGE_ROOT, 'examples', 'nginx', 'rcsp-gateway.conf'), 'utf8');
  expect(block).toContain('proxy_pass');
  return block
    .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
    .replace('/etc/ssl/gateway/fullchain.pem', certificate.cert)
    .replace('/etc/ssl/gateway/privkey.pem', certificate.key)
    .replace('http://127.0.0.1:8080', `http://127.0.0.1:${gatewayPort}`);
}

async function startNginx(change: (block: string) => string) {
  const { gateway } = await startBoth({ trustProxy: 'loopback', allowedHost: NAME });
  const folder = temporaryFolder();
  const certificate = makeCertificate(folder, NAME);
  const port = await freePort();
  const block = change(exampleBlock(port, new URL(gateway.url).port, certificate));
  const file = join(folder, 'nginx.conf');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder};`,
  );
  writeFileSync(
    file,
    `daemon off; pid ${folder}/pid; error_log stderr; events {} http { access_log off; ${temp.join(' ')} ${block} }`,
  );
  const nginx = spawn(NGINX, ['-c', file, '-p', folder], { stdio: 'ignore' });
  onTestFinished(() => void nginx.kill('SIGTERM'));
  const origin = `https://${NAME}:${port}`;
  const ask = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
      const request = https.request(
        {
          host: '127.0.0.1',
          port,
          path,
          method,
          rejectUnauthorized: false,
          headers: { host: `${NAME}:${port}`, ...headers },
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => (text += chunk.toString()));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
          );
        },
      );
      request.on('error', reject);
      request.end();
    });
  await until(async () => (await ask('/').catch(() => undefined)) !== undefined);
  const open = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, {
        rejectUnauthorized: false,
        headers: { host: `${NAME}:${port}` },
        origin,
      });
      onTestFinished(() => socket.terminate());
      socket.on('open', () => socket.send('{"op":"ping","id":1}'));
      socket.on('message', (data: Buffer) => resolve(data.toString()));
      socket.on('error', reject);
    });
  return { ask, open, origin };
}

const isMissing = !existsSync(NGINX) && process.env['CI'] === undefined;

test.skipIf(isMissing)("the nginx example lets the page's own requests through on another port", async () => {
  const { ask, open, origin } = await startNginx((block) => block);
  const [, script = ''] = /src="\.\/(assets\/[^"]+)"/.exec((await ask('/')).text) ?? [];
  expect((await ask(`/${script}`, 'GET', { origin })).status).toBe(200);
  expect((await ask('/v1/tickets', 'POST', { origin })).status).toBe(200);
  expect((await ask('/v1/tickets', 'POST', { origin: 'https://evil.example' })).status).toBe(403);
  expect(await open('/v1/ws')).toBe('{"op":"pong","id":1}');
});

test.skipIf(isMissing)('below a path prefix, documents, redirects and sockets keep the prefix', async () => {
  const { ask, open } = await startNginx((block) =>
    block
      .replace('location / {', 'location /studio/ {')
      .replace(/proxy_pass (http:[^;]+);/, 'proxy_pass $1/;\n proxy_set_header X-Forwarded-Prefix /studio;'),
  );
  expect((await ask('/studio/v1/devices')).status).toBe(200);
  expect(await open('/studio/v1/ws')).toBe('{"op":"pong","id":1}');
  expect((await ask('/studio/docs')).headers['location']).toBe('docs/');
  const { servers } = JSON.parse((await ask('/studio/openapi.json')).text) as { servers: { url: string }[] };
  expect(servers.map(({ url }) => url)).toEqual(['/studio', '/studio/studios/{studio}']);
});
