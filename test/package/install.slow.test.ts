import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { consumer, pack } from './packed.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

let tarball: string;
let remove: () => void;
beforeAll(() => {
  ({ tarball, remove } = pack());
});
afterAll(() => remove());

const PROGRAM = `import { RcspClient, RcspError } from 'rcsp-gateway/client';
import type { StudioEvent } from 'rcsp-gateway';

const studio = new RcspClient({ url: 'http://127.0.0.1:8080' });
export const name: Promise<string> = studio.call('GetDeviceName', { DeviceId: 1 }).then((answer) => answer.DeviceName);
studio.subscribe('Logs/*', { mode: 'latest' }, (event: StudioEvent) => void event.cursor);
export const isBusy = (error: unknown): boolean => error instanceof RcspError && error.code === 'Busy';
`;

test('the package installs into an empty folder, and npx runs it', { timeout: 300_000 }, async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  const args = ['install', tarball, '--no-audit', '--no-fund', '--omit=dev'];
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

test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
])('a TypeScript program compiles with module %s and resolution %s', (module, moduleResolution) => {
  const folder = consumer(tarball);
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  writeFileSync(join(folder, 'program.ts'), PROGRAM);
  const compilerOptions = {
    module,
    moduleResolution,
    target: 'es2022',
    lib: ['es2023', 'dom'],
    types: [],
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  const { stdout } = spawnSync(
    join(PACKAGE_ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
    ['-p', folder],
    {
      encoding: 'utf8',
    },
  );
  expect(stdout).toBe('');
});
