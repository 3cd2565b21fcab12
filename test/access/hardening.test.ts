// @module-tag extended
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { ANYBODY } from '../../src/access/scope.js';
import { revokeToken } from '../../src/access/token-file.js';
import { Tickets } from '../../src/access/tickets.js';
import { bare, makeCertificate, refusal, temporaryFolder, WRONG } from '../support/access.js';
import { Cli, run } from '../support/cli.js';
import { counting, startBoth, until } from '../support/gateway.js';
import { makeTokens } from '../support/tokens.js';

const NAME = { body: { DeviceName: 'x' } };

describe('--no-auth', () => {
  test('the gateway does not read the default token file, even a broken one', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'rcsp-gateway'));
    const file = join(folder, 'rcsp-gateway', 'tokens.json');
    writeFileSync(file, 'no tokens at all');
    chmodSync(file, 0o644);
    const cli = new Cli(['serve', '--simulate', '--listen', '127.0.0.1:0', '--no-auth'], {
      XDG_CONFIG_HOME: folder,
    });
    await cli.printed(/^listening on (http\S+)$/m);
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
  });

  test('the flag is refused together with --tokens', () => {
    expect(refusal({ noAuth: true, tokens: '/nowhere/tokens.json' })).toMatch(/--no-auth.*--tokens/);
  });
});

test('an address in use ends the start with one line about the address only', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const listen = `127.0.0.1:${(taken.address() as net.AddressInfo).port}`;
  const { code, stdout, stderr } = await run([
    'serve',
    '--simulate',
    '--log-level',
    'fatal',
    '--listen',
    listen,
  ]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(new RegExp(`^rcsp-gateway: --listen ${listen} [^\\n]*EADDRINUSE[^\\n]*\\n$`));
});

test('an unfinished TLS handshake is closed and frees its connection slot', { timeout: 40_000 }, async () => {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder, 'slow');
  const cli = new Cli(
    ['serve', '--simulate', '--listen', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key],
    { XDG_CONFIG_HOME: folder },
    35_000,
  );
  const url = await cli.printed(/^listening on (https\S+)$/m);
  const silent = net.connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void silent.destroy());
  silent.on('error', () => undefined);
  silent.resume();
  await once(silent, 'end', { signal: AbortSignal.timeout(20_000) });
});

test('SIGTERM does not wait for an unfinished TLS handshake', async () => {
  const folder = temporaryFolder();
  const { cert, key } = makeCertificate(folder, 'slow');
  const args = ['serve', '--simulate', '--listen', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key];
  const cli = new Cli(args, { XDG_CONFIG_HOME: folder });
  const url = await cli.printed(/^listening on (https\S+)$/m);
  const silent = net.connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  onTestFinished(() => void silent.destroy());
  silent.on('error', () => undefined);
  await once(silent, 'connect');
  cli.signal('SIGTERM');
  expect((await cli.end()).code).toBe(0);
});

test.each(['file', 'javascript', 'data:x'])(
  'X-Forwarded-Proto: %s makes nobody of the origin "null"',
  async (proto) => {
    const { gateway } = await startBoth({ trustProxy: ['loopback'] });
    const { host } = new URL(gateway.url);
    const headers = { host, origin: 'null', 'x-forwarded-proto': proto };
    expect((await bare(gateway.url, 'GET', '/v1/info', headers)).status).toBe(403);
  },
);

test('a revoked token can send no command over HTTP or WebSocket once the revocation is read', async () => {
  const tokens = makeTokens({ anna: 'control', chief: 'admin' });
  const { gateway, simulator } = await startBoth({ tokens: tokens.file });
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/v1/ws`, { headers: tokens.as('anna') });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  revokeToken(tokens.file, 'anna');
  await until(async () => (await gateway.get('/v1/jobs', tokens.as('anna'))).status === 401);
  const count = counting(simulator);
  const command = {
    op: 'command',
    id: 1,
    command: 'SetDeviceName',
    arguments: { DeviceId: 1, DeviceName: 'x' },
  };
  socket.send(JSON.stringify(command));
  const [code] = (await once(socket, 'close')) as [number];
  expect(code).toBe(4401);
  expect(count('SetDeviceName')).toBe(0);
});

test('the control lease ends with the token of its holder', async () => {
  const tokens = makeTokens({ anna: 'control', boris: 'control' });
  const { gateway } = await startBoth({ tokens: tokens.file, controlLease: true, leaseTime: 600 });
  expect((await gateway.ask('POST', '/v1/lease', { headers: tokens.as('anna') })).status).toBe(200);
  revokeToken(tokens.file, 'anna');
  await until(async () => (await gateway.get('/v1/jobs', tokens.as('anna'))).status === 401);
  expect((await gateway.get('/v1/lease', tokens.as('boris'))).json).toMatchObject({ holder: null });
  expect((await gateway.ask('POST', '/v1/lease', { headers: tokens.as('boris') })).status).toBe(200);
  expect(
    (await gateway.ask('PUT', '/v1/devices/1/name', { ...NAME, headers: tokens.as('boris') })).status,
  ).toBe(204);
});

test('one token cannot take all tickets', () => {
  const tickets = new Tickets();
  const anna = { name: 'anna', scope: 'read', key: 'a' } as const;
  for (let i = 0; i < 1000; i++) tickets.issue(anna, 0);
  expect(() => tickets.issue(anna, 0)).toThrow(/1000 tickets/);
  expect(tickets.redeem(tickets.issue(ANYBODY, 0), 0)).toBe(ANYBODY);
  expect(tickets.issue(anna, 30_000)).toBeTypeOf('string');
});

test('wrong tokens are counted even where no token is needed', async () => {
  const tokens = makeTokens({ anna: 'read' });
  const { gateway } = await startBoth({ tokens: tokens.file, authRate: 5 });
  const statuses: number[] = [];
  for (let i = 0; i < 8; i++) statuses.push((await gateway.get('/ready', WRONG)).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  expect((await gateway.get('/ready')).status).toBe(200);
  expect((await gateway.get('/ready', tokens.as('anna'))).status).toBe(200);
});

test('as many streams come in at once as --max-clients says, and no more', async () => {
  const { gateway } = await startBoth({ maxClients: 5, logLevel: 'info' });
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  const url = `${gateway.url}/v1/events?channel=Logs/Info`;
  const answers = await Promise.all(Array.from({ length: 30 }, () => fetch(url, { signal: ended.signal })));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(5);
  expect(statuses.filter((status) => status === 503)).toHaveLength(25);
});
