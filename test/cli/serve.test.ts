import net from 'node:net';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort, ScriptedServer } from '../support/scripted-server.js';
import { addToken, makeCertificate, newTokenFile, temporaryFolder } from '../support/access.js';
import { Cli, run, serve, simulate } from '../support/cli.js';
import { until } from '../support/gateway.js';

const inTime = () => AbortSignal.timeout(20_000);

async function temporaryFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rcsp-gateway-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'config.json');
  await writeFile(path, text);
  return path;
}

describe(
  'a bad setting ends the start with 2 and one line that names the setting',
  { tags: ['extended'] },
  () => {
    test.each([
      [['--pool-size', '0'], '--pool-size'],
      [['--pool-size', 'many'], '--pool-size'],
      [['--listen', '8080'], '--listen'],
      [['--listen', '127.0.0.1:70000'], '--listen'],
      [['--rcsp', 'studio'], '--rcsp'],
      [['--log-level', 'loud'], '--log-level'],
      [['--listen', '0.0.0.0:0'], '--listen'],
      [['--config', '/nowhere/at-all.json'], '--config'],
      [['serve', '--grace', '-1'], '--grace'],
    ])('%j', async (args, name) => {
      const { code, stdout, stderr } = await run(args);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/^[^\n]+\n$/);
      expect(stderr).toContain(name);
    });

    test('a bad environment variable is named', async () => {
      const { code, stderr } = await run([], { RCSP_GATEWAY_MAX_WAITING: 'x' });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^[^\n]*RCSP_GATEWAY_MAX_WAITING[^\n]*\n$/);
    });

    test('an unknown key of the file is named', async () => {
      const path = await temporaryFile('{"poolsize": 3}');
      const { code, stderr } = await run(['--config', path]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^[^\n]*"poolsize"[^\n]*\n$/);
    });
  },
);

test.each([
  [['--poool-size', '3'], '--poool-size'],
  [['--pool-size'], '--pool-size'],
  [['serve', 'loudly'], 'serve'],
  [['dance'], ''],
])('an invalid command line (%j) ends with 2', { tags: ['extended'] }, async (args, name) => {
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(name);
  expect(stderr).not.toContain('    at ');
});

test.each([['--help'], ['--version']])('%s ends with 0', async (flag) => {
  const { code, stdout, stderr } = await run([flag]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toBe('');
});

test('the help of serve lists every setting', async () => {
  const { code, stdout } = await run(['serve', '--help']);
  expect(code).toBe(0);
  for (const flag of ['--rcsp', '--listen', '--no-auth', '--simulate', '--config', '--log-level']) {
    expect(stdout).toContain(flag);
  }
});

test('a simulated gateway prints its address and SIMULATED, and serves', async () => {
  const { cli, url } = await serve(['--simulate']);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(cli.stdout).toMatch(/SIMULATED/);
  await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 200);
  const devices = await fetch(`${url}/v1/devices`, { signal: inTime() });
  expect(devices.status).toBe(200);
});

test('serve is the default subcommand', { tags: ['extended'] }, async () => {
  const cli = new Cli(['--simulate', '--listen', '127.0.0.1:0', '--devices', '1']);
  expect(await cli.printed(/^listening on (\S+)$/m)).toMatch(/^http:/);
});

test('settings come from flag, environment and file, in that order', { tags: ['extended'] }, async () => {
  const path = await temporaryFile('{"listen":"127.0.0.1:1","pool-size":2,"simulate":true,"devices":2}');
  const { url } = await serve(['--config', path], {
    RCSP_GATEWAY_DEVICES: '3',
    RCSP_GATEWAY_LISTEN: '127.0.0.1:2',
  });
  await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 200);
  await until(async () => {
    const ready: unknown = await (await fetch(`${url}/ready`, { signal: inTime() })).json();
    return JSON.stringify(ready).includes('"devices":3');
  });
  expect(await (await fetch(`${url}/ready`, { signal: inTime() })).json()).toMatchObject({
    pool: { size: 2 },
    devices: 3,
  });
});

test('--no-auth opens every address', { tags: ['extended'] }, async () => {
  const cli = new Cli(['--listen', '0.0.0.0:0', '--no-auth', '--simulate']);
  const url = await cli.printed(/^listening on (http:\S+)$/m);
  expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
  expect((await fetch(url.replace('0.0.0.0', '127.0.0.1') + '/live', { signal: inTime() })).status).toBe(200);
});

test(
  'an absent studio does not stop the start; it is logged, and connected when it appears',
  { tags: ['extended'] },
  async () => {
    const port = await freePort();
    const { cli, url } = await serve(['--rcsp', `127.0.0.1:${port}`, '--log-format', 'json']);
    expect((await fetch(`${url}/ready`, { signal: inTime() })).status).toBe(503);
    await until(() => cli.stderr.includes(String(port)));
    const server = await ScriptedServer.start(port);
    server.onCommand = (command) => server.ok(command, {});
    await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 200);
  },
);

test('a port in use ends the start with 2 and names the address', { tags: ['extended'] }, async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void taken.close());
  await until(() => taken.listening);
  const { port } = taken.address() as net.AddressInfo;
  const { code, stdout, stderr } = await run(['--simulate', '--listen', `127.0.0.1:${port}`]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`127.0.0.1:${port}`);
  expect(stderr).toContain('EADDRINUSE');
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with 0', async (signal) => {
  const { cli } = await serve(['--simulate']);
  cli.signal(signal);
  expect((await cli.end()).code).toBe(0);
});

test(
  'SIGTERM ends the gateway with 0 without a studio and with an idle client',
  { tags: ['extended'] },
  async () => {
    const { cli, url } = await serve(['--rcsp', `127.0.0.1:${await freePort()}`]);
    const idle = net.connect(Number(new URL(url).port), '127.0.0.1');
    idle.on('error', () => undefined);
    await fetch(`${url}/live`, { signal: inTime() });
    const started = performance.now();
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
  },
);

test(
  'a slow command is answered after SIGTERM, and the gateway exits right after the answer',
  { tags: ['extended'] },
  async () => {
    const simulator = await simulate(['--speed', '6']);
    const { cli, url } = await serve(['--rcsp', simulator.address]);
    await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 200);
    const scan = fetch(`${url}/v1/devices/1/network/scan`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"Band":2,"ChannelNo":1}',
      signal: inTime(),
    });
    await until(async () =>
      (await (await fetch(`${url}/metrics`, { signal: inTime() })).text()).includes(
        'commands_waiting{studio="studio"} 1',
      ),
    );
    cli.signal('SIGTERM');
    const answer = await scan;
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('ScanResults');
    const answered = performance.now();
    expect((await cli.end()).code).toBe(0);
    // Not when the client lets go of its connection, nor when the grace time is over.
    expect(performance.now() - answered).toBeLessThan(3000);
  },
);

test('the grace time bounds how long a shutdown waits', { tags: ['extended'] }, async () => {
  const simulator = await simulate(['--fault', 'hang=SetDeviceName']);
  const { cli, url } = await serve(['--rcsp', simulator.address, '--grace', '1']);
  await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 200);
  const hanging = fetch(`${url}/v1/devices/1/name`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: '{"DeviceName":"A"}',
    signal: inTime(),
  });
  await until(async () =>
    (await (await fetch(`${url}/metrics`, { signal: inTime() })).text()).includes(
      'commands_waiting{studio="studio"} 1',
    ),
  );
  const started = performance.now();
  cli.signal('SIGTERM');
  expect(await (await hanging).json()).toMatchObject({ outcome: 'no-answer' });
  expect((await cli.end()).code).toBe(0);
  expect(performance.now() - started).toBeLessThan(4000);
});

describe('the simulator alone', { tags: ['extended'] }, () => {
  test('the simulator alone says where it listens, and SIGTERM ends it with 0', async () => {
    const { cli, address } = await simulate();
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
  });

  test('the simulator alone ends with 0 when GracefulExit is asked of it', async () => {
    const simulator = await simulate();
    const { url } = await serve(['--rcsp', simulator.address]);
    await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 200);
    const { status } = await fetch(`${url}/v1/exit`, { method: 'POST', signal: inTime() });
    expect(status).toBe(204);
    expect((await simulator.cli.end()).code).toBe(0);
    await until(async () => (await fetch(`${url}/ready`, { signal: inTime() })).status === 503);
  });

  test.each([
    [['--port', '70000'], '--port'],
    [['--fault', 'sulk'], '--fault'],
    [['--speed', '0'], '--speed'],
  ])('the simulator alone refuses %j with 2', async (args, name) => {
    const { code, stderr } = await run(['simulator', ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(name);
    expect(stderr).not.toContain('    at ');
  });

  test('the simulator alone ends with 1 when its port is taken', async () => {
    const { address } = await simulate();
    const { code, stderr } = await run(['simulator', '--port', address.split(':')[1]!]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^rcsp-gateway: [^\n]*EADDRINUSE[^\n]*\n$/);
  });
});

test.each([
  [['--simulate=maybe'], '--simulate must be one of true, false'],
  [['--no-auth=2'], '--no-auth must be one of true, false'],
  [['--no-auth', 'off', '--listen', '0.0.0.0:0'], '--listen 0.0.0.0:0 would open'],
])('a switch takes a boolean: %j ends with 2', { tags: ['extended'] }, async (args, says) => {
  const { code, stderr } = await run(['serve', ...args], { XDG_CONFIG_HOME: '/nowhere' });
  expect(code).toBe(2);
  expect(stderr).toContain(`rcsp-gateway: ${says}`);
});

describe('SIGHUP', { tags: ['extended'] }, () => {
  test('the gateway reads tokens and certificate anew, logs it and goes on', async () => {
    const folder = temporaryFolder();
    const { cert, key } = makeCertificate(folder, 'first');
    const file = newTokenFile();
    addToken(file, 'a');
    const cli = new Cli(
      [
        'serve',
        '--simulate',
        '--listen',
        '127.0.0.1:0',
        '--tokens',
        file,
        '--tls-cert',
        cert,
        '--tls-key',
        key,
      ],
      { XDG_CONFIG_HOME: folder },
    );
    await cli.printed(/^(listening on .*)$/m);
    cli.signal('SIGHUP');
    await until(() => cli.stderr.includes('reading tokens and certificate anew'));
    await until(() => cli.stderr.includes('the tokens were read anew'));
    await until(() => cli.stderr.includes('the certificate was read anew'));
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
  });

  test('the simulator goes on', async () => {
    const { cli, address } = await simulate();
    cli.signal('SIGHUP');
    const { url } = await serve(['--rcsp', address]);
    await until(async () => (await fetch(`${url}/ready`)).status === 200);
    cli.signal('SIGTERM');
    expect((await cli.end()).code).toBe(0);
  });
});
