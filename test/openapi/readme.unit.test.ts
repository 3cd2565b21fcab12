import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readReadme, withTables } from '../../openapi/readme.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

test("the README's tables of settings, routes and errors equal the generated ones", () => {
  const readme = readReadme();
  expect(withTables(readme)).toBe(readme);
});

test('every npm script that the README names exists', () => {
  const file = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(file));
  const named = Array.from(readReadme().matchAll(/npm (?:run )?(\w+)\b/g), ([, name = '']) => name);
  const commands = new Set(named.filter((name) => !['ci', 'run', 'install'].includes(name)));
  expect([...commands].filter((name) => !(name in scripts))).toEqual([]);
  expect(commands.size).toBeGreaterThan(5);
});

test('the map names every file of the core', () => {
  const map = readFileSync(join(PACKAGE_ROOT, 'src', 'README.md'), 'utf8');
  const folders = [
    '.',
    'upstreams/rcsp',
    'events',
    'transports',
    'access',
    'commands',
    'jobs',
    'client',
    'plugins',
  ];
  const files = folders.flatMap((folder) =>
    readdirSync(join(PACKAGE_ROOT, 'src', folder)).filter((name) => name.endsWith('.ts')),
  );
  expect(files.filter((name) => !map.includes(name))).toEqual([]);
});
