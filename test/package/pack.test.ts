// @module-tag extended
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { consumer, pack } from './packed.js';

const BIN = join(PACKAGE_ROOT, 'node_modules', '.bin');

let tarball: string;
let remove: () => void;
beforeAll(() => {
  ({ tarball, remove } = pack());
});
afterAll(() => remove());

const Manifest = z.looseObject({
  license: z.string(),
  keywords: z.array(z.string()),
  types: z.string(),
});

test('the manifest names the licence, the types and keywords', () => {
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')));
  expect(manifest.license).toBe('MIT');
  expect(manifest.keywords).toContain('rcsp');
  expect(readFileSync(join(PACKAGE_ROOT, 'LICENSE'), 'utf8')).toContain('the rcsp-gateway authors');
});

test('the packed package holds what runs, the client, the documents, and nothing else', () => {
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''));
  const wanted =
    /^dist\/(src\/cli\/(main\.js|parts\/[^/]*\.(js|md))|src\/(client|catalog|wire)\/.*\.d\.ts|(client|web-demo)\/.*)$/;
  const others = files.filter((path) => !wanted.test(path)).sort();
  expect(others).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'openapi/asyncapi.json',
    'openapi/openapi.json',
    'package.json',
  ]);
  for (const path of [
    'dist/src/cli/main.js',
    'dist/src/cli/parts/licenses.md',
    'dist/client/client.js',
    'dist/web-demo/index.html',
  ]) {
    expect(files).toContain(path);
  }
});

test('publint finds nothing', async () => {
  const data = readFileSync(tarball);
  const buffer = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
  const { messages } = await publint({ pack: { tarball: buffer }, strict: true });
  expect(messages).toEqual([]);
});

test('arethetypeswrong finds nothing, for consumers of ES modules', () => {
  // The package has ES modules only; Node.js 20.19 lets CommonJS require them.
  const args = [tarball, '--profile', 'esm-only', '--format', 'json'];
  const { stdout, status } = spawnSync(join(BIN, 'attw'), args, { encoding: 'utf8', env: process.env });
  expect(JSON.parse(stdout)).toMatchObject({ analysis: { packageName: 'rcsp-gateway' } });
  expect(status).toBe(0);
});

test('CommonJS can require the client', () => {
  const folder = consumer(tarball);
  const program = "const { RcspClient } = require('rcsp-gateway/client'); console.log(typeof RcspClient);";
  const { stdout } = spawnSync(process.execPath, ['-e', program], { cwd: folder, encoding: 'utf8' });
  expect(stdout).toBe('function\n');
});
