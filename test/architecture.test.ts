import { readdirSync, readFileSync } from 'node:fs';
import { basename, extname, join, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { ARROWS, placeOf } from '../lint/arrows.js';
import { PACKAGE_ROOT } from '../src/util/package-info.js';
import {
  KNOWN_CYCLE_IMPORTS,
  KNOWN_PHRASES,
  KNOWN_PLACE_CYCLE_IMPORTS,
  KNOWN_SHARED_NAMES,
} from './support/known-offences.js';

/** The only files that may lie in src/ itself. */
const TOP_LEVEL_FILES = ['README.md', 'app.ts', 'lifecycle.ts', 'metrics.ts', 'server.ts'];

/** A subject, an active verb and the field's term instead of these; in identifiers too (`breakOff` is "break off"). */
const DENIED_PHRASES = [
  'patience',
  'in vain',
  'without a word',
  'whim',
  'forgive',
  'break off',
  'is denied',
  'is welcome',
  'demand room',
  'unfit reason',
  'on odd answer',
  'dismiss',
  'gather',
  "nobody's",
  'say so',
  'says so',
  "the source's word",
  'look at',
];
/** Matched as they are written, for as ordinary words they are good English. */
const DENIED_NAMES = ['Wish', 'Asked', 'Begun'];

function filesUnder(folder: string, extensions: readonly string[]): string[] {
  return readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
    .map((entry) => posix.join(entry.parentPath.slice(PACKAGE_ROOT.length).replaceAll('\\', '/'), entry.name))
    .map((path) => path.replace(/^\//, ''))
    .sort();
}

const SERVER = ['src', 'routes', 'openapi'].flatMap((folder) => filesUnder(folder, ['.ts', '.tsx']));
const PAGE = filesUnder('web-demo/src', ['.ts', '.tsx']);
const SOURCES = new Set([...SERVER, ...PAGE]);

function read(path: string): string {
  return readFileSync(join(PACKAGE_ROOT, path), 'utf8');
}

/** What a file names in import, export, `import()` and `import('…').Type`, as written. */
function specifiersOf(path: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    let specifier: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      specifier = node.argument.literal;
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      specifier = node.arguments[0];
    if (specifier !== undefined && ts.isStringLiteral(specifier)) found.push(specifier.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, read(path), ts.ScriptTarget.ESNext));
  return found;
}

/** The source file behind a relative specifier; undefined for styles, JSON and what lies elsewhere. */
function resolveImport(from: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(from), specifier);
  const stem = target.replace(/\.jsx?$/, '');
  return [target, `${stem}.ts`, `${stem}.tsx`, `${stem}/index.ts`, `${stem}/index.tsx`].find((path) =>
    SOURCES.has(path),
  );
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

const IMPORTS: Graph = new Map(
  [...SOURCES].map((from) => [
    from,
    new Set(
      specifiersOf(from)
        .filter((specifier) => specifier.startsWith('.'))
        .flatMap((specifier) => resolveImport(from, specifier) ?? []),
    ),
  ]),
);

/** The graph of places (the keys of lint/arrows.js) that follows from the imports of their files. */
function placeGraph(): Graph {
  const graph = new Map(Object.keys(ARROWS).map((place) => [place, new Set<string>()]));
  for (const [from, targets] of IMPORTS) {
    for (const target of targets) {
      const [source, other] = [placeOf(from), placeOf(target)];
      if (source !== undefined && other !== undefined && source !== other) graph.get(source)?.add(other);
    }
  }
  return graph;
}

/** Every node that can be reached from one by one step or more. */
function reachableFrom(graph: Graph, start: string): Set<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of graph.get(node) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

/** The imports that lie on a cycle, as `from → to`. */
function importsInCycles(graph: Graph): string[] {
  const reachable = new Map([...graph.keys()].map((node) => [node, reachableFrom(graph, node)]));
  return [...graph].flatMap(([from, targets]) =>
    [...targets].filter((to) => reachable.get(to)?.has(from)).map((to) => `${from} → ${to}`),
  );
}

/** Files that share a base name, as `name: path, path`. */
function sharedNames(paths: readonly string[]): string[] {
  const byName = new Map<string, string[]>();
  for (const path of paths) {
    const name = basename(path, extname(path));
    byName.set(name, [...(byName.get(name) ?? []), path]);
  }
  return [...byName]
    .filter(([name, sharing]) => name !== 'index' && name !== 'README' && sharing.length > 1)
    .map(([name, sharing]) => `${name}: ${sharing.join(', ')}`);
}

/** Compares offences with those that are known. Each known one must still be an offence, so that the list shrinks. */
function expectOnly(offences: readonly string[], known: readonly string[]): void {
  expect([...offences].sort()).toEqual([...known].sort());
}

describe('lint/arrows.js', () => {
  test('lint/arrows.js has a place for every source file', () => {
    expect([...SOURCES].filter((path) => placeOf(path) === undefined)).toEqual([]);
    expect(SOURCES.size).toBeGreaterThan(100);
  });

  test('lets no kind of upstream import another', () => {
    const kinds = ['src/upstreams/rcsp', 'src/upstreams/lights', 'src/upstreams/nats'];
    const isOther = (kind: string, target: string): boolean =>
      kinds.some((other) => other !== kind && target.replace(/^type:/, '').startsWith(other));
    const offences = Object.entries(ARROWS)
      .map(([place, targets]) => ({ kind: kinds.find((kind) => place.startsWith(kind)), targets }))
      .flatMap(({ kind, targets }) =>
        kind === undefined ? [] : targets.filter((each) => isOther(kind, each)),
      );
    expect(offences).toEqual([]);
  });
});

describe('imports', () => {
  test('imports never form a cycle of files, type-only imports included', () => {
    expectOnly(importsInCycles(IMPORTS), KNOWN_CYCLE_IMPORTS);
  });

  test('imports never form a cycle of places, type-only imports included', () => {
    expectOnly(importsInCycles(placeGraph()), KNOWN_PLACE_CYCLE_IMPORTS);
  });
});

describe('file names', () => {
  test('of the server never share a base name', () => {
    expectOnly(sharedNames(SERVER), KNOWN_SHARED_NAMES.server);
  });

  test('of the page never share a base name', () => {
    expectOnly(sharedNames(PAGE), KNOWN_SHARED_NAMES.page);
  });

  test('in src/ itself are only those of the entry points', () => {
    const loose = readdirSync(join(PACKAGE_ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
    expect(loose.filter((name) => !TOP_LEVEL_FILES.includes(name))).toEqual([]);
  });
});

describe('texts', () => {
  /** `breakOff` and `BREAK_OFF` become "break off"; line breaks and comment marks become spaces. */
  function wordsOf(text: string): string {
    return text
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .replace(/[\s_*/]+/g, ' ')
      .toLowerCase();
  }

  function phrasesIn(path: string): string[] {
    const text = read(path);
    const words = wordsOf(text);
    return [
      ...DENIED_PHRASES.filter((phrase) => new RegExp(`(?<![a-z])${phrase}(?![a-z])`).test(words)),
      ...DENIED_NAMES.filter((name) => new RegExp(`\\b${name}\\b`).test(text)),
    ];
  }

  test('use none of the denied phrases', () => {
    const extensions = ['.ts', '.tsx', '.js', '.mjs', '.md', '.css', '.html'];
    const own = ['test/architecture.test.ts', 'test/support/known-offences.ts'];
    const paths = ['src', 'routes', 'openapi', 'lint', 'web-demo/src', 'test', 'docs', 'examples']
      .flatMap((folder) => filesUnder(folder, extensions))
      .concat('README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md')
      .filter((path) => !own.includes(path));
    const offences = paths.flatMap((path) => phrasesIn(path).map((phrase) => `${path}: ${phrase}`));
    expectOnly(offences, KNOWN_PHRASES);
  });
});
