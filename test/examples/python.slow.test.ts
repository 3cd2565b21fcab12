import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { runCommand, Stage } from '../docs/stage.js';

const FOLDER = join(PACKAGE_ROOT, 'examples', 'python');

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage.strike());

test('python/studio.py runs with what its requirements.txt installs', { timeout: 180_000 }, async () => {
  const folder = stage.folder();
  const python = join(folder, 'bin', 'python');
  execFileSync('python3', ['-m', 'venv', folder]);
  execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', join(FOLDER, 'requirements.txt')]);
  const env = { ...process.env, GATEWAY: stage.url };
  const { output } = await runCommand(python, ['-u', 'studio.py'], { cwd: FOLDER, env, until: 'LogMsg' });
  expect(output).toMatch(/^Suit\n/);
  expect(output).toMatch(/Logs\/\w+ \{'LogMsg'/);
});
