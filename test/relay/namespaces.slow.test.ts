import { execFile, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createJoinToken } from '../../src/access/join-token-file.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { addToken, newTokenFile, temporaryFolder } from '../support/access.js';
import { eventually } from '../support/load.js';
import { fileOf } from '../support/relay.js';

/*
 * The relay and two studios, each in a network namespace of its own. The gateways listen on their own loopback only:
 * there is no way to them but the line that they dial.
 */

const CLI = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js');
const PREFIX = `rg${process.pid}`;
const curl = promisify(execFile);

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

/** False on a machine where a test may not make network namespaces. */
function addNamespace(name: string): boolean {
  try {
    ip('netns', 'add', name);
    onTestFinished(() => ip('netns', 'del', name));
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return true;
  } catch {
    process.stderr.write('skipped: network namespaces, which take root and iproute2\n');
    return false;
  }
}

/** A cable between the relay and a studio. */
function connect(relay: string, studio: string, at: number): string {
  const [near, far] = [`${PREFIX}a${at}`, `${PREFIX}b${at}`];
  ip('link', 'add', near, 'netns', relay, 'type', 'veth', 'peer', 'name', far, 'netns', studio);
  ip('-n', relay, 'addr', 'add', `10.99.${at}.1/24`, 'dev', near);
  ip('-n', studio, 'addr', 'add', `10.99.${at}.2/24`, 'dev', far);
  ip('-n', relay, 'link', 'set', near, 'up');
  ip('-n', studio, 'link', 'set', far, 'up');
  return `10.99.${at}.1`;
}

function start(namespace: string, args: readonly string[]): void {
  const env = { PATH: process.env['PATH'], XDG_CONFIG_HOME: '/nowhere', XDG_STATE_HOME: temporaryFolder() };
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, CLI, ...args], {
    env,
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
  });
}

test('two studios that can only dial out are reached through the relay', async () => {
  const relay = `${PREFIX}relay`;
  if (!addNamespace(relay)) return;
  const joins = newTokenFile();
  const access = newTokenFile();
  const token = addToken(access, 'me');
  const names = ['stage', 'lab'];
  const files = names.map((name) => fileOf(createJoinToken(joins, name, null)));
  const listen = ['--listen', '0.0.0.0:8443', '--trust-proxy'];
  start(relay, ['relay', '--relay-tokens', joins, ...listen]);
  for (const [at, name] of names.entries()) {
    const namespace = `${PREFIX}${name}`;
    expect(addNamespace(namespace)).toBe(true);
    const host = connect(relay, namespace, at);
    start(
      namespace,
      ['serve', '--simulate', '--devices', `${at + 1}`, '--listen', '127.0.0.1:8080']
        .concat(['--tokens', access, '--relay', `http://${host}:8443`, '--relay-name', name])
        .concat(['--relay-token-file', files[at] ?? '']),
    );
  }
  const devicesOf = async (name: string): Promise<number | undefined> => {
    const url = `http://127.0.0.1:8443/${name}/v1/devices`;
    const args = ['netns', 'exec', relay, 'curl', '-sf', '-H', `Authorization: Bearer ${token}`, url];
    const answer = await curl('ip', args).catch(() => undefined);
    return answer && (JSON.parse(answer.stdout) as { Devices: unknown[] }).Devices.length;
  };
  await eventually(async () => (await devicesOf('stage')) === 1 && (await devicesOf('lab')) === 2, 60_000);
  // Nobody can dial in.
  await expect(
    curl('ip', ['netns', 'exec', relay, 'curl', '-s', 'http://10.99.0.2:8080/live']),
  ).rejects.toThrow();
}, 120_000);
