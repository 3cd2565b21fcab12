// @module-tag extended
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addToken, makeCertificate, newTokenFile, temporaryFolder } from '../support/access.js';
import { run } from '../support/cli.js';
import { settled, startGateway, startSimulator } from '../support/gateway.js';
import { freePort, ScriptedServer } from '../support/scripted-server.js';

const QUIET = { RCSP_GATEWAY_LISTEN: '127.0.0.1:0' };

interface Report {
  readonly code: number | null;
  /** `ok`, `warning`, `WRONG` or `-`, and what is said, by the check's name. */
  readonly checks: ReadonlyMap<string, string>;
  readonly text: string;
}

async function doctor(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Report> {
  const { code, stdout, stderr } = await run(['doctor', ...args], { ...QUIET, ...env });
  expect(stderr).toBe('');
  const lines = Array.from(stdout.matchAll(/^(ok|warning|WRONG|-) +((?:\w+: )?\w+) +(.*)$/gm));
  const checks = new Map(
    lines.map(([, verdict = '', check = '', text = '']) => [check, `${verdict}: ${text}`]),
  );
  return { code, checks, text: stdout };
}

/** Listens until the test is over; answers its address. */
async function listening(server: net.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('of a studio', () => {
  test('finds nothing wrong with the simulator', async () => {
    const { port } = await startSimulator();
    const { code, checks, text } = await doctor(['--rcsp', `127.0.0.1:${port}`]);
    expect(code).toBe(0);
    expect(checks.get('name')).toBe('ok: 127.0.0.1 is an address');
    expect(checks.get('port')).toContain(`ok: 127.0.0.1:${port} accepts connections`);
    expect(checks.get('protocol')).toContain('ok: it speaks RCSP');
    expect(checks.get('versions')).toContain('ok: studio 1.0.0.0 on');
    expect(checks.get('connections')).toBe('ok: 5 of 5');
    expect(text).toContain('nothing is wrong; warnings: 0');
  });

  test('sends Info and ListCommands, and nothing else', async () => {
    const { port, simulator } = await startSimulator();
    await doctor(['--rcsp', `127.0.0.1:${port}`, '--pool-size', '1']);
    expect([...simulator.commandCounts.keys()].sort()).toEqual(['Info', 'ListCommands']);
  });

  test('names the reason when nothing listens', async () => {
    const { code, checks, text } = await doctor(['--rcsp', `127.0.0.1:${await freePort()}`]);
    expect(code).toBe(1);
    expect(checks.get('port')).toContain('WRONG: nothing listens');
    expect(checks.get('connections')).toBe('-: not checked');
    expect(text).toContain('Is the device driver running?');
  });

  test('names a host that nobody knows', async () => {
    const { code, checks } = await doctor(['--rcsp', 'studio.invalid:45451']);
    expect(code).toBe(1);
    expect(checks.get('name')).toContain('WRONG: nobody knows the name studio.invalid');
  });

  test('recognises a server for HTTP', async () => {
    const { code, checks } = await doctor(['--rcsp', await listening(http.createServer())]);
    expect(code).toBe(1);
    expect(checks.get('protocol')).toBe('WRONG: this port speaks HTTP; is it the RCSP port?');
  });

  test('recognises a server for SSH', async () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('SSH-2.0-OpenSSH_9.2p1\r\n');
    });
    const { code, checks } = await doctor(['--rcsp', await listening(server)]);
    expect(code).toBe(1);
    expect(checks.get('protocol')).toBe('WRONG: this port speaks SSH; is it the RCSP port?');
  });

  test('recognises a server for TLS, or says that it closes the connection', async () => {
    const { cert, key } = makeCertificate(temporaryFolder(), 'studio');
    const server = tls.createServer({ cert: readFileSync(cert), key: readFileSync(key) });
    server.on('tlsClientError', () => undefined);
    const { code, checks } = await doctor(['--rcsp', await listening(server)]);
    expect(code).toBe(1);
    expect(checks.get('protocol')).toMatch(/^WRONG: .*TLS/);
  });

  test('says that a studio which accepts connections does not answer', async () => {
    const server = net.createServer((socket) => void socket.on('error', () => undefined));
    const { code, checks } = await doctor(['--rcsp', await listening(server), '--connect-timeout', '300']);
    expect(code).toBe(1);
    expect(checks.get('protocol')).toBe(
      'WRONG: it accepts connections, and did not answer Info within 0.3 s',
    );
  });

  test('counts the connections that a studio accepts', async () => {
    const server = await ScriptedServer.start();
    server.maxConnections = 2;
    server.onCommand = (command) =>
      server.ok(command, command.name === 'ListCommands' ? { Commands: [] } : {});
    const { code, checks } = await doctor(['--rcsp', `127.0.0.1:${server.port}`]);
    expect(code).toBe(0);
    expect(checks.get('connections')).toBe('warning: 2 of 5: the studio accepts no more');
  });

  test('names commands that are newer than the gateway knows', async () => {
    const server = await ScriptedServer.start();
    const Commands = [
      { Command: 'GetEmfChannel', Version: 9 },
      { Command: 'Dance', Version: 1 },
    ];
    server.onCommand = (command) => server.ok(command, command.name === 'ListCommands' ? { Commands } : {});
    const { checks } = await doctor(['--rcsp', `127.0.0.1:${server.port}`, '--pool-size', '1']);
    expect(checks.get('versions')).toBe(
      'ok: studio unknown on an unknown system; it lists 2 commands, 1 of them without a route of their own; newer than the gateway knows: GetEmfChannel 9',
    );
  });

  test('says that a studio takes no headers of this version', async () => {
    const server = await ScriptedServer.start();
    server.onCommand = (command) => server.ok(command, { SupportedHeaderVersions: [2] });
    const { code, checks } = await doctor(['--rcsp', `127.0.0.1:${server.port}`, '--pool-size', '1']);
    expect(code).toBe(1);
    expect(checks.get('versions')).toContain('takes headers of the versions 2, not 1');
  });
});

test('of several studios it checks each', async () => {
  const { port } = await startSimulator();
  const studios = ['--studio', `stage=127.0.0.1:${port}`, '--studio', `lab=127.0.0.1:${await freePort()}`];
  const { code, checks } = await doctor(studios);
  expect(code).toBe(1);
  expect(checks.get('stage: connections')).toBe('ok: 5 of 5');
  expect(checks.get('lab: port')).toContain('WRONG: nothing listens');
});

describe('of settings and the machine, without a studio', () => {
  const SIMULATED = ['--simulate'];

  test('says that nothing is wrong with the defaults', async () => {
    const { code, checks } = await doctor(SIMULATED);
    expect(code).toBe(0);
    expect(checks.get('studio')).toBe('-: simulated');
    expect(checks.get('listen')).toBe('ok: 127.0.0.1:0 is free; only this machine reaches it');
    expect(checks.get('proxy')).toContain('ok: none is trusted');
  });

  test('names a setting that stops the start, and checks the studio all the same', async () => {
    const { port } = await startSimulator();
    const { code, checks } = await doctor(['--rcsp', `127.0.0.1:${port}`, '--listen', '0.0.0.0:0']);
    expect(code).toBe(1);
    expect(checks.get('settings')).toContain(
      'WRONG: --listen 0.0.0.0:0 would open the studio to the network',
    );
    expect(checks.get('connections')).toBe('ok: 5 of 5');
  });

  test('says that --no-auth lets everybody in', async () => {
    const { code, checks } = await doctor([...SIMULATED, '--no-auth', '--listen', '0.0.0.0:0']);
    expect(code).toBe(0);
    expect(checks.get('tokens')).toContain('warning: --no-auth');
    expect(checks.get('certificate')).toContain('warning: plain HTTP');
    expect(checks.get('listen')).toContain(
      'warning: 0.0.0.0:0 is free; others reach it by its address alone',
    );
  });

  test('names tokens that expire soon', async () => {
    const tokens = newTokenFile();
    addToken(tokens, 'desk', 'control');
    addToken(tokens, 'visitor', 'read', new Date(Date.now() + 3_600_000));
    const { checks } = await doctor([...SIMULATED, '--tokens', tokens]);
    expect(checks.get('tokens')).toBe('warning: expiring within a week: visitor');
  });

  test('says that others may read the file of tokens', async () => {
    const tokens = newTokenFile();
    addToken(tokens, 'desk', 'control');
    chmodSync(tokens, 0o644);
    const { checks } = await doctor([...SIMULATED, '--tokens', tokens]);
    expect(checks.get('tokens')).toContain('warning: ');
    expect(checks.get('tokens')).toContain('may be read by others');
  });

  test('says that the clock is before a token was made', async () => {
    const tokens = newTokenFile();
    const entry = {
      name: 'desk',
      scope: 'read',
      sha256: 'a'.repeat(64),
      createdAt: '2090-01-01T00:00:00.000Z',
      expiresAt: null,
    };
    writeFileSync(tokens, JSON.stringify({ version: 1, tokens: [entry] }), { mode: 0o600 });
    const { code, checks } = await doctor([...SIMULATED, '--tokens', tokens]);
    expect(code).toBe(1);
    expect(checks.get('clock')).toContain('which is before 2090-01-01');
  });

  test('says that a certificate does not name the host', async () => {
    const { cert, key } = makeCertificate(temporaryFolder(), 'gateway');
    const args = [...SIMULATED, '--tls-cert', cert, '--tls-key', key];
    const named = await doctor([...args, '--allowed-host', 'localhost']);
    expect(named.checks.get('certificate')).toContain(`warning: ${cert} expires on`);
    const { checks } = await doctor([...args, '--allowed-host', 'other.example']);
    expect(checks.get('certificate')).toBe(`warning: ${cert} does not name other.example`);
  });

  test('says that another program has the address', async () => {
    const { code, checks } = await doctor([
      ...SIMULATED,
      '--listen',
      await listening(http.createServer((_, response) => void response.end())),
    ]);
    expect(code).toBe(1);
    expect(checks.get('listen')).toContain('WRONG: another program has');
  });

  test('says that whoever comes through a trusted proxy needs no token', async () => {
    const { checks } = await doctor([...SIMULATED, '--trust-proxy']);
    expect(checks.get('proxy')).toContain(
      'warning: loopback may say who the client is; whoever comes through',
    );
  });

  test('a command line that makes no sense ends with 2', async () => {
    expect((await run(['doctor', '--rcsp', 'studio'])).code).toBe(2);
    expect((await run(['doctor', '--loud'])).code).toBe(2);
  });
});

describe('of a running gateway', () => {
  test('finds it, and messages come through', async () => {
    const { port } = await startSimulator();
    const gateway = await startGateway(port);
    await settled(gateway);
    const listen = new URL(gateway.url).host;
    const { code, checks } = await doctor(['--simulate', '--listen', listen, '--url', gateway.url]);
    expect(code).toBe(0);
    expect(checks.get('listen')).toBe(`ok: a gateway is running at ${listen}`);
    expect(checks.get('url')).toBe('ok: it knows you as 127.0.0.1, with the scope admin');
    expect(checks.get('websocket')).toBe('ok: messages come through');
  });

  test('says that a token is missing', async () => {
    const tokens = newTokenFile();
    const token = addToken(tokens, 'desk', 'control');
    const gateway = await startGateway(await freePort(), { tokens });
    const without = await doctor(['--simulate', '--url', gateway.url]);
    expect(without.code).toBe(1);
    expect(without.checks.get('url')).toContain('WRONG: Unauthorized');
    const { checks } = await doctor(['--simulate', '--url', gateway.url], { RCSP_GATEWAY_TOKEN: token });
    expect(checks.get('url')).toBe('ok: it knows you as 127.0.0.1, with the scope control');
  });

  test('says that a proxy lets no WebSocket through', async () => {
    const gateway = await startGateway(await freePort());
    const proxy = http.createServer((request, response) => {
      const { hostname, port } = new URL(gateway.url);
      const headers = { host: `${hostname}:${port}` };
      const onward = http.request({ hostname, port, path: request.url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    // A server without a listener for upgrades closes their connections.
    proxy.on('upgrade', (_request, socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { code, checks } = await doctor(['--simulate', '--url', `http://${await listening(proxy)}`]);
    expect(code).toBe(1);
    expect(checks.get('url')).toContain('ok: ');
    expect(checks.get('websocket')).toBe('WRONG: none comes through: Unexpected server response: 400');
  });

  test('says that something else is there', async () => {
    const url = `http://${await listening(http.createServer((_, response) => void response.end('hello')))}`;
    const { code, checks } = await doctor(['--simulate', '--url', url]);
    expect(code).toBe(1);
    expect(checks.get('url')).toContain('it answered 200 without JSON: is it a gateway?');
  });
});
