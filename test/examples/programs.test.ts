// @module-tag extended
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { runCommand, Stage } from '../docs/stage.js';

const EXAMPLES = join(PACKAGE_ROOT, 'examples');
/** An event of the simulator's log, in whatever form a program prints it. */
const EVENT = 'LogMsg';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage.strike());

const has = (tool: string, ...args: string[]): boolean => spawnSync(tool, args).status === 0;

function runExample(folder: string, command: string, args: readonly string[], until?: string) {
  const env = { ...process.env, GATEWAY: stage.url, PYTHONUNBUFFERED: '1' };
  return runCommand(command, args, { cwd: join(EXAMPLES, folder), env, until });
}

test('curl/studio.sh reads devices, sets an LED, shows a problem and events', async () => {
  const { code, output } = await runExample('curl', 'bash', ['studio.sh']);
  expect([code, output]).toEqual([0, output]);
  for (const text of ['{"Devices":[{"DeviceId":1', '{"DeviceName":"Suit"}', '"outcome":"rejected"', EVENT]) {
    expect(output).toContain(text);
  }
});

test('node/studio.mjs follows what it made happen', async () => {
  // Node.js 22 has a WebSocket without being asked.
  const args = Number(process.versions.node.split('.')[0]) >= 22 ? [] : ['--experimental-websocket'];
  const { code, output } = await runExample('node', process.execPath, [...args, 'studio.mjs']);
  expect([code, output]).toEqual([0, output]);
  expect(output).toContain('DeviceEvents/Connected');
});

// Registered only where the toolchain is: a skipped test fails in CI.
if (has('go', 'version')) {
  test('go/ calls a command and follows events', async () => {
    const { output } = await runExample('go', 'go', ['run', '.'], EVENT);
    expect(output).toMatch(/^Suit\n/);
    expect(output).toContain(EVENT);
  });

  test('go vet finds nothing, and the code is formatted', () => {
    const cwd = join(EXAMPLES, 'go');
    expect(spawnSync('go', ['vet', '.'], { cwd, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(spawnSync('gofmt', ['-l', '.'], { cwd, encoding: 'utf8' }).stdout).toBe('');
  });
}

if (has('javac', '-version')) {
  test('java/Studio.java calls a command and follows events', async () => {
    const { output } = await runExample('java', 'java', ['Studio.java'], EVENT);
    expect(output).toContain('{"DeviceName":"Suit"}');
    expect(output).toContain('"op":"subscribed"');
    expect(output).toContain(EVENT);
  });
}

if (has('dotnet', '--version')) {
  test('csharp/ calls a command and follows events', async () => {
    const folder = stage.folder();
    for (const name of ['Program.cs', 'Studio.csproj'])
      copyFileSync(join(EXAMPLES, 'csharp', name), join(folder, name));
    const env = { ...process.env, GATEWAY: stage.url };
    const { output } = await runCommand('dotnet', ['run'], { cwd: folder, env, until: EVENT });
    expect(output).toContain('Suit');
  });
}
