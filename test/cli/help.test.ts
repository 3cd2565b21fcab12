// @module-tag extended
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { groupOf, OTHER_SETTINGS, SETTING_GROUPS } from '../../src/config/setting-groups.js';
import { flagOf } from '../../src/config/setting-names.js';
import { SETTING_NAMES } from '../../src/config/settings.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { Cli, run } from '../support/cli.js';

const MAIN = join(PACKAGE_ROOT, 'dist', 'src', 'cli', 'main.js');

test('on a terminal, without arguments, it says what it is and the three commands that matter', () => {
  // `script` runs a command on a terminal of its own.
  const { stdout, status } = spawnSync('script', ['-qec', `${process.execPath} ${MAIN}`, '/dev/null'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  expect(status).toBe(0);
  for (const command of [
    'serve --simulate',
    'serve --rcsp studio-pc:45451',
    'doctor --rcsp studio-pc:45451',
  ]) {
    expect(stdout).toContain(`rcsp-gateway ${command}`);
  }
  expect(stdout).not.toContain('listening');
});

test('without arguments and without a terminal it serves', async () => {
  const cli = new Cli([], { RCSP_GATEWAY_LISTEN: '127.0.0.1:0', RCSP_GATEWAY_SIMULATE: 'true' });
  expect(await cli.printed(/^listening on (\S+)$/m)).toMatch(/^http:/);
});

test('the help groups commands', async () => {
  const { stdout } = await run(['--help']);
  const headings = [
    'Gateway:',
    'Use a running gateway:',
    'Without hardware:',
    'Reach a studio from elsewhere:',
    'Other:',
  ];
  expect(stdout.match(/^[A-Z].*:$/gm)).toEqual(['Options:', ...headings]);
  expect(stdout).toMatch(/Gateway:\n {2}serve .*\n {2}doctor .*\n {2}token/);
});

test('the help of serve lists each setting once, under the heading of its group', async () => {
  const { stdout } = await run(['serve', '--help']);
  const sections = new Map<string, string>();
  for (const section of stdout.split('\n\n')) {
    const [, heading = '', text = ''] = /^([A-Z][^\n]*:)\n([\s\S]*)$/.exec(section) ?? [];
    sections.set(heading, text);
  }
  for (const name of SETTING_NAMES) {
    const holders = [...sections].filter(([, text]) =>
      new RegExp(`^  ${flagOf(name)}[ \\n]`, 'm').test(text),
    );
    expect([name, holders.map(([heading]) => heading)]).toEqual([name, [groupOf(name)]]);
  }
  expect(sections.has(OTHER_SETTINGS)).toBe(true);
});

test('no setting is in two groups', () => {
  const named = Object.values(SETTING_GROUPS).flat();
  expect(new Set(named).size).toBe(named.length);
});
