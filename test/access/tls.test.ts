// @module-tag extended
import { once } from 'node:events';
import { chmodSync, copyFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Values } from '../../src/config/config.js';
import {
  addToken,
  bare,
  bearer,
  makeCertificate,
  newTokenFile,
  temporaryFolder,
  timed,
} from '../support/access.js';
import type { Certificate } from '../support/access.js';
import { Cli, run } from '../support/cli.js';
import type { Ended } from '../support/cli.js';
import { startGateway, until } from '../support/gateway.js';
import type { Reply } from '../support/gateway.js';

/** Milliseconds within which a certificate that is replaced is served. */
const SOON_MS = 5000;

/** A gateway with a certificate, in this process. */
class Secure {
  readonly folder = temporaryFolder();
  readonly files: Certificate = makeCertificate(this.folder, 'first');
  /** The certificate that it began with. */
  readonly ca = readFileSync(this.files.cert, 'utf8');
  url = '';
  /** What it logged so far. */
  log = (): string => '';

  static async start(settings: Values = {}): Promise<Secure> {
    const secure = new Secure();
    const { cert, key } = secure.files;
    const gateway = await startGateway(1, { simulate: true, tlsCert: cert, tlsKey: key, ...settings });
    secure.url = gateway.url.replace('http', 'https');
    secure.log = () => gateway.lines.join('');
    return secure;
  }

  get host(): string {
    return new URL(this.url).host;
  }

  get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
    return bare(this.url, method, path, { host: this.host, ...headers }, this.ca);
  }

  /** The name in the certificate that a new connection is shown. */
  async shown(): Promise<string> {
    const { hostname, port } = new URL(this.url);
    const socket = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return String(subject.CN);
  }

  /** Puts another certificate where the first one is. */
  replaceBy({ cert, key }: Certificate): void {
    copyFileSync(cert, this.files.cert);
    copyFileSync(key, this.files.key);
  }

  async socket(headers: Record<string, string> = {}): Promise<WebSocket> {
    const socket = new WebSocket(`${this.url.replace('https', 'wss')}/v1/ws`, { ca: this.ca, headers });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    return socket;
  }
}

/** The same as a process. */
class SecureProcess extends Secure {
  readonly cli = new Cli(
    ['serve', '--simulate', '--listen', '127.0.0.1:0', '--grace', '10']
      .concat(['--tls-cert', this.files.cert])
      .concat(['--tls-key', this.files.key]),
    { XDG_CONFIG_HOME: this.folder },
  );

  static async spawn(): Promise<SecureProcess> {
    const secure = new SecureProcess();
    secure.url = await secure.cli.printed(/^listening on (https:\/\/127\.0\.0\.1:\d+)$/m);
    return secure;
  }
}

test('a gateway with a certificate serves HTTPS and wss and prints the https URL', async () => {
  const secure = await SecureProcess.spawn();
  expect((await secure.get('/live')).json).toMatchObject({ status: 'live' });
  const socket = await secure.socket();
  socket.send('{"op":"ping","id":1}');
  const [data] = (await once(socket, 'message')) as [Buffer];
  expect(JSON.parse(data.toString())).toEqual({ op: 'pong', id: 1 });
  await expect(
    bare(secure.url.replace('https', 'http'), 'GET', '/live', { host: secure.host }),
  ).rejects.toThrow();
});

test("the gateway's own origin is the https one, for WebSockets too", async () => {
  const secure = await Secure.start();
  const origin = `https://${secure.host}`;
  expect((await secure.get('/live', { origin })).status).toBe(200);
  expect((await secure.get('/live', { origin: `http://${secure.host}` })).status).toBe(403);
  await secure.socket({ origin });
});

test('every kind of answer carries HSTS under TLS', async () => {
  const secure = await Secure.start();
  for (const path of ['/live', '/v1/info', '/docs/', '/nothing', '/v1/devices/99/name']) {
    const { headers } = await secure.get(path);
    expect(headers.get('strict-transport-security'), path).toMatch(/^max-age=\d{7,}$/);
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
  }
});

test('a token is required under TLS as well', async () => {
  const file = newTokenFile();
  const token = addToken(file, 'a');
  const secure = await Secure.start({ tokens: file });
  expect((await secure.get('/v1/commands')).status).toBe(401);
  await until(async () => (await secure.get('/v1/info', bearer(token))).status === 200);
  await secure.socket(bearer(token));
});

describe('a certificate that is replaced on disk', () => {
  test('the new certificate is served within 5 s without a restart or closed connections', async () => {
    const secure = await Secure.start();
    const socket = await secure.socket();
    expect(await secure.shown()).toBe('first');
    secure.replaceBy(makeCertificate(secure.folder, 'second'));
    expect(await timed(until(async () => (await secure.shown()) === 'second'))).toBeLessThan(SOON_MS);
    socket.send('{"op":"ping","id":1}');
    await once(socket, 'message');
  });

  test('a broken replacement is ignored, and the next valid one is served', async () => {
    const secure = await Secure.start();
    const refusals = (): number => secure.log().split('the certificate stays what it was').length - 1;
    writeFileSync(secure.files.cert, 'no certificate');
    await until(() => refusals() === 1);
    expect(await secure.shown()).toBe('first');
    const second = makeCertificate(secure.folder, 'second');
    copyFileSync(second.cert, secure.files.cert);
    await until(() => refusals() === 2);
    expect(await secure.shown()).toBe('first');
    copyFileSync(second.key, secure.files.key);
    await until(async () => (await secure.shown()) === 'second');
  });
});

describe('SIGTERM', () => {
  test('the gateway exits with 0 promptly, even with silent, idle and listening TLS clients', async () => {
    const secure = await SecureProcess.spawn();
    const { hostname, port } = new URL(secure.url);
    const silent = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    silent.on('error', () => undefined);
    onTestFinished(() => void silent.destroy());
    await once(silent, 'secureConnect');
    const idle = tls.connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    idle.on('error', () => undefined);
    onTestFinished(() => void idle.destroy());
    idle.write(`GET /live HTTP/1.1\r\nHost: ${secure.host}\r\n\r\n`);
    await once(idle, 'data');
    const socket = await secure.socket();
    const closed = once(socket, 'close');
    const ended = secure.cli.end();
    secure.cli.signal('SIGTERM');
    expect(await timed(ended)).toBeLessThan(SOON_MS);
    expect((await ended).code).toBe(0);
    expect((await closed)[0]).toBe(1001);
  });
});

describe(
  'an unusable certificate or key ends the start with 2 and one line that names the flag',
  { tags: ['extended'] },
  () => {
    function start(...args: string[]): Promise<Ended> {
      return run(['serve', '--simulate', '--listen', '127.0.0.1:0', ...args], {
        XDG_CONFIG_HOME: temporaryFolder(),
      });
    }

    test.each<readonly [what: string, args: (files: Certificate, folder: string) => string[], says: string]>([
      ['a certificate without a key', ({ cert }) => ['--tls-cert', cert], '--tls-key'],
      ['a key without a certificate', ({ key }) => ['--tls-key', key], '--tls-cert'],
      [
        'no file',
        ({ key }, folder) => ['--tls-cert', join(folder, 'none.pem'), '--tls-key', key],
        '--tls-cert',
      ],
      ['a folder', ({ cert }, folder) => ['--tls-cert', cert, '--tls-key', folder], '--tls-key'],
      [
        'a key that everybody may read',
        ({ cert, key }) => {
          chmodSync(key, 0o644);
          return ['--tls-cert', cert, '--tls-key', key];
        },
        'chmod o-rw',
      ],
      ['no PEM', ({ key }, folder) => ['--tls-cert', textIn(folder), '--tls-key', key], '--tls-cert'],
      [
        'the key of another certificate',
        ({ cert }, folder) => ['--tls-cert', cert, '--tls-key', makeCertificate(folder, 'other').key],
        '--tls-key',
      ],
    ])('%s', async (_, args, says) => {
      const folder = temporaryFolder();
      const { code, stdout, stderr } = await start(...args(makeCertificate(folder, 'own'), folder));
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^rcsp-gateway: [^\n]+\n$/);
      expect(stderr).toContain(says);
    });

    function textIn(folder: string): string {
      const path = join(folder, 'text.pem');
      writeFileSync(path, 'no PEM');
      return path;
    }
  },
);

test('a file that cannot be read keeps the old certificate in use', async () => {
  const secure = await Secure.start();
  const { cert } = secure.files;
  rmSync(cert);
  symlinkSync(cert, cert);
  await until(() => secure.log().includes('the certificate stays what it was'));
  expect((await secure.get('/live')).status).toBe(200);
});
