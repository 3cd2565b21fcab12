import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { relaySettingsTable } from '../../src/config/relay-server-settings.js';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

/** Prettier aligns the columns. */
function cellsOf(table: string): string[] {
  const rows = table.split('\n').filter((line) => line.startsWith('|'));
  return rows.map((line) =>
    line.replaceAll(/\s+/g, ' ').replaceAll(/-+/g, '-').replaceAll('| -', '|-').replaceAll('- |', '-|'),
  );
}

test('docs/remote.md has the settings of the relay as they are', () => {
  const text = readFileSync(join(PACKAGE_ROOT, 'docs', 'remote.md'), 'utf8');
  const [, table = ''] = /<!-- relay-settings -->(.*)<!-- \/relay-settings -->/s.exec(text) ?? [];
  expect(cellsOf(table)).toEqual(cellsOf(relaySettingsTable()));
});
