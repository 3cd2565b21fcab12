import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { temporaryFolder } from '../support/access.js';
import { until } from '../support/gateway.js';
import { HAS_NATS, NATS_SERVER } from '../support/nats-server.js';
import { freePort } from '../support/scripted-server.js';

const EXAMPLE = join(PACKAGE_ROOT, 'examples', 'edge');

/** Runs until the test ends, with all that it has started. */
function start(program: string, args: readonly string[]): void {
  const child = spawn(program, args, { cwd: PACKAGE_ROOT, stdio: 'ignore', detached: true });
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  });
}

test.skipIf(!HAS_NATS)('the hub, the origin and the two edges of the example work together', async () => {
  const folder = temporaryFolder();
  const [hub, origin, first, second] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const file = (name: string): string => {
    const path = join(folder, name);
    const text = readFileSync(join(EXAMPLE, name), 'utf8')
      .replaceAll('4222', `${hub}`)
      .replaceAll('8080', `${origin}`)
      .replaceAll('8081', `${first}`)
      .replaceAll('8082', `${second}`)
      .replace('/tmp/rcsp-hub', join(folder, 'hub'))
      .replace('"$(dirname "$0")/../.."', `"${PACKAGE_ROOT}"`);
    writeFileSync(path, text);
    return path;
  };
  start(NATS_SERVER ?? 'nats-server', ['-c', file('hub.conf')]);
  start(process.execPath, ['dist/src/cli/main.js', 'serve', '--config', file('origin.json')]);
  start('sh', [file('edges.sh')]);
  const ask = async (port: number, path: string, init: RequestInit = {}): Promise<Response | undefined> =>
    fetch(`http://localhost:${port}${path}`, init).catch(() => undefined);
  for (const port of [origin, first, second])
    await until(async () => (await ask(port, '/ready'))?.status === 200);
  const devices = await (await ask(origin, '/v1/devices'))?.json();
  expect(await (await ask(first, '/v1/devices'))?.json()).toEqual(devices);
  const renamed = await ask(first, '/v1/devices/1/name', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ DeviceName: 'Left hand' }),
  });
  expect(renamed?.status).toBe(204);
  expect(await (await ask(second, '/v1/devices/1/name'))?.json()).toEqual({ DeviceName: 'Left hand' });
});
