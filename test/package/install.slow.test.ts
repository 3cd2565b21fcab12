import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { pack } from './packed.js';

test('the package installs into an empty folder, and npx runs it', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', pack(), '--no-audit', '--no-fund', '--omit=dev'];
  execFileSync('npm', args, { cwd: folder, stdio: 'ignore' });

  // A group of its own: npx does not always pass signals on to what it runs.
  const child = spawn('npx', ['rcsp-gateway', 'serve', '--simulate', '--listen', '127.0.0.1:0'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    await ended;
  });
  let printed = '';
  let url: string | undefined;
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    url = /^listening on (http:\S+)$/m.exec(printed)?.[1];
    if (url !== undefined) break;
  }
  const answer = await fetch(`${url}/v1/devices/1/name`, { signal: AbortSignal.timeout(20_000) });
  expect(await answer.json()).toEqual({ DeviceName: 'Suit' });
  expect((await fetch(`${url}/`, { signal: AbortSignal.timeout(20_000) })).status).toBe(200);
});
