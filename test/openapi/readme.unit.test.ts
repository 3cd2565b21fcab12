import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { documents, readDocument, regenerated } from '../../openapi/readme.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

test.each(documents())('the generated parts of %s equal what they are generated from', (document) => {
  const text = readDocument(document);
  expect(regenerated(document, text)).toBe(text);
});

test('a table without its place in its document is refused', () => {
  expect(() => regenerated('docs/errors.md', '# Errors')).toThrow(
    'docs/errors.md has no place for the errors',
  );
});

test('the README is short, and has the commands that scripts look for', () => {
  const readme = readDocument('README.md');
  expect(readme.split('\n').length).toBeLessThanOrEqual(180);
  for (const command of ['npm ci && npm run demo', 'npm ci && npm test', 'npm start -- --rcsp host:port']) {
    expect(readme).toContain(command);
  }
});

test('every npm script that the documents name exists', () => {
  const file = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(file));
  const texts = [...documents(), 'CONTRIBUTING.md', 'test/README.md'].map(readDocument).join('\n');
  const named = Array.from(texts.matchAll(/\bnpm (run [\w:]+|start|test)\b/g), ([, name = '']) =>
    name.replace('run ', ''),
  );
  const commands = new Set(named);
  expect([...commands].filter((name) => !(name in scripts))).toEqual([]);
  expect(commands.size).toBeGreaterThan(10);
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
