import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { temporaryFolder } from '../support/access.js';
import { startBoth, until } from '../support/gateway.js';
import { freePort } from '../support/scripted-server.js';

interface Proxy {
  readonly program: string;
  /** Serves the gateway at `to` below `/studio`, with `X-Forwarded-Prefix`. */
  readonly config: (port: number, to: string) => string;
  readonly args: (file: string) => readonly string[];
}

const PROXIES: readonly Proxy[] = [
  {
    program: 'caddy',
    config: (port, to) => `{
  admin off
}
http://127.0.0.1:${port} {
  handle_path /studio/* {
    reverse_proxy ${to} {
      header_up X-Forwarded-Prefix /studio
      flush_interval -1
    }
  }
}
`,
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
  {
    program: 'haproxy',
    config: (port, to) => `defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend studio
  bind 127.0.0.1:${port}
  default_backend gateway
backend gateway
  http-request set-header X-Forwarded-Prefix /studio
  http-request replace-path /studio/(.*) /\\1
  server gateway ${to}
`,
    args: (file) => ['-f', file],
  },
];

const isMissing = ({ program }: Proxy): boolean =>
  process.env['CI'] === undefined && spawnSync(program, ['version']).error !== undefined;

test.each(PROXIES)(
  'below a path prefix of $program, documents, redirects and sockets keep it',
  async (proxy) => {
    if (isMissing(proxy)) {
      process.stderr.write(`skipped: ${proxy.program} is not there (apt install ${proxy.program})\n`);
      return;
    }
    const { gateway } = await startBoth({ trustProxy: 'loopback' });
    const port = await freePort();
    const folder = temporaryFolder();
    const file = join(folder, 'proxy.conf');
    writeFileSync(file, proxy.config(port, new URL(gateway.url).host));
    const child = spawn(proxy.program, proxy.args(file), {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], HOME: folder },
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const url = `http://127.0.0.1:${port}/studio`;
    await until(async () => (await fetch(`${url}/live`).catch(() => undefined))?.status === 200);
    expect((await fetch(`${url}/v1/devices`)).status).toBe(200);
    const job = await fetch(`${url}/v1/devices/1/firmware`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: JSON.stringify({ FwPath: 'suit.bin' }),
    });
    expect(job.headers.get('location')).toMatch(/^\/studio\/v1\/jobs\//);
    const { servers } = (await (await fetch(`${url}/openapi.json`)).json()) as { servers: { url: string }[] };
    expect(servers.map((each) => each.url)).toEqual(['/studio', '/studio/studios/{studio}']);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/studios/studio/v1/ws`);
    onTestFinished(() => socket.terminate());
    const pong = new Promise<string>((resolve, reject) => {
      socket.on('open', () => socket.send('{"op":"ping","id":1}'));
      socket.on('message', (data: Buffer) => resolve(data.toString()));
      socket.on('error', reject);
    });
    expect(await pong).toBe('{"op":"pong","id":1}');
  },
);
