// @module-tag extended
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { temporaryFolder } from '../support/access.js';

const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ engines: z.looseObject({ node: z.string().optional() }).optional() }),
  ),
});

/** The lowest version of Node.js that the package says it runs on. */
const LOWEST = [20, 19, 0] as const;

/** Whether one comparison, such as `>=18.0.0`, `^20.17` or `22`, holds for the lowest version. */
function holds(comparison: string): boolean {
  const [, operator = '', major = '', minor = '0', patch = '0'] =
    /^(\D*?)\s*v?(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?/.exec(comparison) ?? [];
  const numbers = [major, minor, patch].map((text) => Number(text === 'x' ? 0 : text));
  const difference = LOWEST.map((part, i) => part - (numbers[i] ?? 0)).find((each) => each !== 0) ?? 0;
  if (operator === '^') return difference >= 0 && LOWEST[0] === numbers[0];
  if (operator === '<') return difference < 0;
  if (operator === '') return LOWEST[0] === numbers[0];
  return difference >= 0;
}

function takesLowest(range: string): boolean {
  return (
    range === '*' ||
    range.split('||').some((set) => (set.replace(/([<>=^~])\s+/g, '$1').match(/\S+/g) ?? []).every(holds))
  );
}

test(
  'the packed package, installed elsewhere, needs no newer Node.js than it says',
  { timeout: 300_000 },
  () => {
    const folder = temporaryFolder();
    const npm = (args: readonly string[], cwd: string): string =>
      execFileSync('npm', [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const file = npm(
      ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder],
      PACKAGE_ROOT,
    ).trim();
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    npm(
      ['install', `./${file}`, '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund'],
      folder,
    );
    const { packages } = Lock.parse(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')));
    const tooNew = Object.entries(packages)
      .filter(([, { engines }]) => !takesLowest(engines?.node ?? '*'))
      .map(([name, { engines }]) => `${name}: ${engines?.node}`);
    expect(tooNew).toEqual([]);
    expect(Object.keys(packages).length).toBeGreaterThan(50);
  },
);
