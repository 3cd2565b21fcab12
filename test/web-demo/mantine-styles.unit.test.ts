import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';

const PAGE = join(PACKAGE_ROOT, 'web-demo', 'src');
const STYLES = join(PACKAGE_ROOT, 'node_modules', '@mantine', 'core', 'styles');
/** Components without a sheet of their own are drawn with that of another. */
const DRAWN_WITH: Readonly<Record<string, readonly string[]>> = {
  JsonInput: ['Input'],
  Menu: ['Menu', 'Popover'],
  Modal: ['Modal', 'ModalBase', 'Overlay', 'CloseButton', 'Paper'],
  NativeSelect: ['Input'],
  PasswordInput: ['PasswordInput', 'Input'],
  Select: ['Combobox', 'Input', 'Popover', 'ScrollArea'],
  TagsInput: ['PillsInput', 'Pill', 'Combobox'],
  TextInput: ['Input'],
  Textarea: ['Input'],
};

test('every Mantine component in use has its styles', () => {
  const sources = readdirSync(PAGE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tsx'))
    .map((name) => readFileSync(join(PAGE, name), 'utf8'));
  const used = new Set(
    sources
      .flatMap((source) => [...source.matchAll(/import \{([^}]*)\} from '@mantine\/core'/g)])
      .flatMap(([, names = '']) => names.split(',').map((name) => name.trim()))
      .filter((name) => /^[A-Z]/.test(name)),
  );
  const sheets = [...used].flatMap((name) => DRAWN_WITH[name] ?? [name]);
  const existing = [...new Set(sheets)].filter((name) => existsSync(join(STYLES, `${name}.css`)));
  const imported = readFileSync(join(PAGE, 'components', 'mantine.css'), 'utf8');
  expect(existing.filter((name) => !imported.includes(`/${name}.css'`))).toEqual([]);
  expect(existing.length).toBeGreaterThan(10);
});
