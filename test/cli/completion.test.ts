// @module-tag extended
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/access.js';
import { run } from '../support/cli.js';

const has = (tool: string): boolean => spawnSync(tool, ['--version']).error === undefined;
const isMissing = (tool: string): boolean => !has(tool) && process.env['CI'] === undefined;

async function scriptFor(shell: string): Promise<string> {
  const { code, stdout, stderr } = await run(['completion', shell]);
  expect([code, stderr]).toEqual([0, '']);
  const path = join(temporaryFolder(), `completion.${shell}`);
  writeFileSync(path, stdout);
  return path;
}

function output(tool: string, args: readonly string[]): string[] {
  const { stdout, stderr } = spawnSync(tool, [...args], { encoding: 'utf8', cwd: temporaryFolder() });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

/** What the last word of each line may become. */
const CASES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['do'], ['doctor']],
  [['serve', '--pool'], ['--pool-size']],
  [['doctor', '--rcs'], ['--rcsp']],
  [['token', 'cr'], ['create']],
  [['token', 'create', '--sc'], ['--scope']],
  [['token', 'create', '--scope', 're'], ['read']],
  [['serve', '--ready', 'an'], ['any']],
  [['call', 'GetDeviceN'], ['GetDeviceName']],
  [['call', '--wait', '3', 'SetLed'], ['SetLedBehavior']],
  [['watch', 'devices/*/DeviceLogs/E'], ['devices/*/DeviceLogs/Error']],
  [['completion', 'z'], ['zsh']],
];

describe('bash', () => {
  test.each(CASES)('completes %j to %j', async (words, expected) => {
    const path = await scriptFor('bash');
    const line = ['rcsp-gateway', ...words].map((word) => `'${word}'`).join(' ');
    const program = `source ${path}; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _rcsp_gateway; printf '%s\\n' "\${COMPREPLY[@]}"`;
    expect(output('bash', ['-c', program])).toEqual(expected);
  });

  test('an option that takes a file is left to the completion of files', async () => {
    const path = await scriptFor('bash');
    const program = `source ${path}; COMP_WORDS=(rcsp-gateway serve --config ''); COMP_CWORD=3; _rcsp_gateway; echo \${#COMPREPLY[@]}`;
    expect(output('bash', ['-c', program])).toEqual(['0']);
  });
});

describe.skipIf(isMissing('fish'))('fish', () => {
  test.each(CASES)('completes %j to %j', async (words, expected) => {
    const path = await scriptFor('fish');
    const line = ['rcsp-gateway', ...words].join(' ').replaceAll('*', '\\\\*');
    const found = output('fish', ['--no-config', '-c', `source ${path}; complete -C '${line}'`]);
    expect(found.map((entry) => entry.split('\t')[0]?.replaceAll('\\*', '*'))).toEqual(expected);
  });
});

describe.skipIf(isMissing('zsh'))('zsh', () => {
  test.each(CASES)('completes %j to %j', async (words, expected) => {
    const path = await scriptFor('zsh');
    const line = ['rcsp-gateway', ...words].map((word) => `'${word}'`).join(' ');
    // The functions of the completion system, which needs a terminal, print what they are given.
    const stubs =
      'compdef() { }; compadd() { shift; print -l -- $@ }; _describe() { for e in $entries; print -r -- ${${e%%[^\\\\]:*}}${${(M)e#*[^\\\\]:}[-2]} }';
    const program = `${stubs}; source ${path}; words=(${line}); CURRENT=$#words; _rcsp_gateway`;
    const last = words.at(-1) ?? '';
    expect(output('zsh', ['-f', '-c', program]).filter((word) => word.startsWith(last))).toEqual(expected);
  });
});

test('the script for PowerShell names every command and is balanced', async () => {
  const { stdout } = await run(['completion', 'powershell']);
  for (const path of ['serve', 'doctor', 'token create', 'lights sequence'])
    expect(stdout).toContain(`'${path}' = @(`);
  for (const [open, close] of ['()', '{}']) {
    const bare = stdout.replace(/'(?:[^']|'')*'/g, '');
    expect(bare.split(open ?? '').length).toBe(bare.split(close ?? '').length);
  }
});

test('another shell is refused', async () => {
  const { code, stderr } = await run(['completion', 'tcsh']);
  expect(code).toBe(2);
  expect(stderr).toContain('bash, zsh, fish, powershell');
});
