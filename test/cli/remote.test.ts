// @module-tag extended
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as consume } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { call } from '../../src/cli/call.js';
import type { CallResult } from '../../src/cli/call.js';
import { remoteOf } from '../../src/cli/remote.js';
import { watch } from '../../src/cli/watch.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { makeCertificate, temporaryFolder } from '../support/access.js';
import { run } from '../support/cli.js';
import { startGateway } from '../support/gateway.js';

const CLI = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js');
const ONE_LINE = /^rcsp-gateway: [^\n]+\n$/;

describe('--url', { tags: ['extended'] }, () => {
  test.each([
    ['studio-gw:8080', 'http://studio-gw:8080/'],
    ['localhost:8080/studios/stage', 'http://localhost:8080/studios/stage'],
    ['[::1]:8080', 'http://[::1]:8080/'],
    ['ws://studio-gw:8080', 'http://studio-gw:8080/'],
    ['WSS://studio-gw', 'https://studio-gw/'],
    [' http://studio-gw:8080\n', 'http://studio-gw:8080/'],
  ])('%j is %s', (url, expected) => {
    expect(remoteOf({ url }).base.href).toBe(expected);
  });

  test.each([
    '',
    'studio-gw',
    'ftp://studio-gw',
    'http://',
    'http://stu dio',
    'studio-gw:99999',
    'http://me:pw@studio-gw',
    'http://studio-gw/?a=1',
  ])('%j is refused by call and watch with 2 and one line', async (url) => {
    for (const args of [
      ['call', 'Info'],
      ['watch', 'Logs/*'],
    ]) {
      const { code, stdout, stderr } = await run([...args, '--url', url]);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(ONE_LINE);
      expect(stderr).toContain('it must be like http://studio-gw:8080');
    }
  });
});

describe('the token', () => {
  const url = 'http://127.0.0.1:1';

  test.each(['secret\n', ' secret\r\n', '\tsecret'])('%j is trimmed', (token) => {
    expect(remoteOf({ url, token }).headers).toEqual({ authorization: 'Bearer secret' });
  });

  test('of white space alone is none', () => {
    expect(remoteOf({ url, token: '\n' }).headers).toEqual({});
  });

  test.each(['two words', 'a\nb', 'a\u0000b', 'a\u001b[1m', 'schlüssel'])(
    '%j is refused without being shown',
    async (token) => {
      const { exitCode, stderr } = await call('Info', [], { url, token });
      expect([exitCode, stderr]).toEqual([
        2,
        'rcsp-gateway: the token (--token, RCSP_GATEWAY_TOKEN) holds white space or characters no token has\n',
      ]);
    },
  );

  test('that is unusable ends watch with 2', async () => {
    const { code, stderr } = await run(['watch', 'Logs/*', '--url', url], { RCSP_GATEWAY_TOKEN: 'a b' });
    expect(code).toBe(2);
    expect(stderr).toMatch(ONE_LINE);
  });
});

/** `watch` until it ends by itself, and what it said. */
async function watched(url: string, cacert?: string): Promise<{ code: number; said: string[] }> {
  const said: string[] = [];
  const code = await watch(['Logs/*'], {
    url,
    cacert,
    json: false,
    signal: AbortSignal.timeout(20_000),
    print: () => undefined,
    say: (line) => void said.push(line),
  });
  return { code, said };
}

describe('a gateway with a private certificate', () => {
  async function start(): Promise<{ url: string; cert: string }> {
    const { cert, key } = makeCertificate(temporaryFolder(), 'private');
    const gateway = await startGateway(1, { simulate: true, tlsCert: cert, tlsKey: key });
    return { url: gateway.url.replace('http', 'https'), cert };
  }

  test('a gateway with a private certificate ends call and watch with 3, the reason and the way', async () => {
    const { url } = await start();
    const { exitCode, stderr } = await call('ListErrorCodes', [], { url });
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(ONE_LINE);
    expect(stderr).toContain('the certificate is not trusted: self-signed certificate');
    expect(stderr).toContain('--cacert FILE or NODE_EXTRA_CA_CERTS');
    const { code, said } = await watched(url);
    expect([code, said.length]).toEqual([3, 1]);
    expect(said[0]).toContain('--cacert FILE or NODE_EXTRA_CA_CERTS');
  });

  test('a gateway with a private certificate is reached with --cacert', async () => {
    const { url, cert } = await start();
    const call1 = (): Promise<CallResult> => call('ListErrorCodes', [], { url, cacert: cert });
    await expect.poll(async () => (await call1()).exitCode).toBe(0);
  });

  test('a gateway with a private certificate is not reached with a file that is missing or holds no certificate', async () => {
    const { key } = makeCertificate(temporaryFolder(), 'other');
    for (const cacert of ['/nowhere/ca.pem', key]) {
      const { exitCode, stderr } = await call('Info', [], { url: 'https://127.0.0.1:1', cacert });
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`--cacert ${cacert}`);
    }
  });
});

test('https:// to a gateway without TLS ends call and watch with 3', async () => {
  const gateway = await startGateway(1);
  const url = gateway.url.replace('http', 'https');
  const { exitCode, stderr } = await call('Info', [], { url });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(ONE_LINE);
  expect(stderr).toContain('is it http:// there?');
  expect((await watched(url)).code).toBe(3);
});

test.each([
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
])('a %s ends watch with 1', async (status, code) => {
  const problem = { type: 'about:blank', title: code, status, code, detail: 'No.' };
  const url = await serving((_, response) => response.writeHead(status).end(JSON.stringify(problem)));
  expect(await watched(url)).toEqual({ code: 1, said: [`${code}: No.`] });
});

test('a redirect is named and not followed', async () => {
  const url = await serving((_, response) =>
    response.writeHead(308, { location: 'https://studio-gw.example/v1/x?token=1' }).end(),
  );
  const says = `${url} redirects (308) to https://studio-gw.example; say that as --url`;
  expect(await call('Info', [], { url })).toEqual({
    exitCode: 3,
    stdout: '',
    stderr: `rcsp-gateway: ${says}\n`,
  });
  expect(await watched(url)).toEqual({ code: 1, said: [says] });
});

async function serving(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('control characters of an error and of an event are shown as escapes', async () => {
  const problem = {
    type: 'about:blank',
    title: 'x',
    status: 404,
    code: 'Not\u001b[2J',
    detail: 'a\u009b\u202e',
  };
  const url = await serving((_, response) => response.writeHead(404).end(JSON.stringify(problem)));
  expect((await call('Info', [], { url })).stderr).toContain('Not\\u001b[2J: a\\u009b\\u202e (404');
  expect(await watched(url)).toEqual({ code: 1, said: ['Not\\u001b[2J: a\\u009b\\u202e'] });
});

test.each([[['--help']], [['call', '--help']], [['token', 'list']], [['call', 'Info', '--url', 'x']]])(
  '%j into a closed pipe ends quietly',
  async (args) => {
    const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const closed = once(child, 'close');
    expect(await consume(child.stderr)).not.toContain('EPIPE');
    expect((await closed)[1]).toBeNull();
  },
);
