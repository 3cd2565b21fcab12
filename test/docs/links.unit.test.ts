import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../src/util/package-info.js';
import { blocksOf, firstMissing, markdownFiles, textOf } from './blocks.js';

const FILES = [...markdownFiles(), 'src/README.md', 'test/README.md'];

/** Without what a reader does not see as text: code and comments. */
function prose(text: string): string {
  return text
    .replace(/^(```|~~~).*?^\1$/gms, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/`[^`\n]*`/g, '');
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchors(file: string): ReadonlySet<string> {
  const found = new Set<string>();
  const bare = textOf(file).replace(/^(```|~~~).*?^\1$/gms, '');
  for (const [, heading = ''] of bare.matchAll(/^#{1,6} (.+)$/gm)) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    let unique = slug;
    for (let n = 1; found.has(unique); n++) unique = `${slug}-${n}`;
    found.add(unique);
  }
  return found;
}

function brokenLinks(file: string): string[] {
  const links = Array.from(prose(textOf(file)).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g), ([, link = '']) => link);
  return links.filter((link) => {
    if (/^https:\/\//.test(link)) return !URL.canParse(link);
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : posix.join(dirname(file), path);
    if (!existsSync(join(PACKAGE_ROOT, target))) return true;
    if (anchor === undefined) return false;
    return statSync(join(PACKAGE_ROOT, target)).isDirectory() || !anchors(target).has(anchor);
  });
}

test.each(FILES)('the links of %s lead somewhere, their anchors too', (file) => {
  expect(brokenLinks(file)).toEqual([]);
});

test.each(FILES)('%s holds no mark of an unfinished merge', (file) => {
  expect(textOf(file)).not.toMatch(/^(<{7}|>{7}|={7}$)/m);
});

/** Folders that the map describes as a whole. */
const WHOLE_FOLDERS = /^(simulator|catalog\/rcsp)\//;

test('src/README.md names every file of src/', () => {
  const words = new Set(textOf('src/README.md').split(/[\s/();:,`]+/));
  const files = readdirSync(join(PACKAGE_ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !WHOLE_FOLDERS.test(path));
  expect(files.filter((path) => !words.has(posix.basename(path)))).toEqual([]);
  expect(files.length).toBeGreaterThan(100);
});

test('every page of docs/ is reached from docs/README.md, and every example from examples/README.md', () => {
  const reaches = (index: string, file: string): boolean =>
    textOf(index).includes(`](${file.split('/').at(-1)})`);
  const pages = markdownFiles().filter((file) => /^docs\/(?!README)/.test(file));
  expect(pages.filter((page) => !reaches('docs/README.md', page))).toEqual([]);
  expect(pages.length).toBeGreaterThan(10);
});

test('a block that is not run gives a reason', () => {
  const reasons = markdownFiles().flatMap((file) =>
    blocksOf(textOf(file)).flatMap(({ notRun, line }) =>
      notRun === undefined ? [] : [[file, line, notRun] as const],
    ),
  );
  expect(reasons.filter(([, , reason]) => reason.length < 8)).toEqual([]);
  expect(reasons.length).toBeGreaterThan(5);
});

test('shown output may leave text out, and must come in its order', () => {
  expect(firstMissing(['a…c', 'd'], 'x\nabc\nd')).toBe(undefined);
  expect(firstMissing(['d', 'a…c'], 'x\nabc\nd')).toBe('a…c');
  expect(firstMissing(['ab'], 'abc')).toBe('ab');
});
