import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import { onTestFinished } from 'vitest';

/** `FUZZ_RUNS=20 npm run test:slow` hunts twenty times as long. */
const FACTOR = Math.max(Number(process.env['FUZZ_RUNS'] ?? 1), 0.01);

/** Characters of a failure's report: a counterexample may be long. */
const REPORT_LENGTH = 5000;

/** On a busy machine, the first run alone may take this long. */
const START_SECONDS = 5;

/** So many runs, ended early on a slow machine; a failure found is told also when its shrinking is cut. */
export function budget(numRuns: number, seconds: number): fc.Parameters<unknown> {
  return {
    numRuns: Math.max(1, Math.ceil(numRuns * FACTOR)),
    plugins: [
      fc.interruptAfterTimeLimit(Math.ceil((START_SECONDS + seconds) * 1000 * Math.max(1, FACTOR))),
      briefReport,
    ],
  };
}

function briefReport(): fc.PluginInstance<unknown> {
  return {
    onAllRunsComplete(details) {
      if (!details.failed) return;
      const report = fc.defaultReportMessage(details);
      throw new Error(report.slice(0, REPORT_LENGTH), { cause: details.errorInstance });
    },
  };
}

/** Milliseconds for a test whose properties have these seconds together. */
export function timeLimit(seconds: number): number {
  return (seconds * 2 + 30) * 1000 * Math.max(1, FACTOR);
}

/** What the process could not catch while the test ran; to be empty in the end. */
export function watchForDefects(): readonly unknown[] {
  const defects: unknown[] = [];
  const note = (error: unknown): void => void defects.push(error);
  process.on('unhandledRejection', note).on('uncaughtException', note);
  onTestFinished(() => void process.off('unhandledRejection', note).off('uncaughtException', note));
  return defects;
}

/** Lone surrogates, too. */
const utf16 = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

export const oddText: Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  utf16,
  fc.constantFrom(
    '',
    ' ',
    '*',
    '/',
    '..',
    '\0',
    '\r\n',
    '%',
    '%2F',
    '\ud800',
    '\udfff\ud800',
    '\ufeff',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    '😀',
    'x'.repeat(3000),
  ),
);

function nested(open: string, close: string, depth: number): string {
  return `${open.repeat(depth)}${open.endsWith(':') ? '0' : ''}${close.repeat(depth)}`;
}

/** Values that `JSON.parse` takes and not every other function does. */
const deepJson: Arbitrary<string> = fc
  .tuple(fc.constantFrom(['[', ']'], ['{"a":', '}']), fc.constantFrom(50, 700, 8_000))
  .map(([[open = '', close = ''], depth]) => nested(open, close, depth));

const ODD_JSON = [
  '1e400',
  '-1e400',
  '-0',
  '5e-324',
  '1e308',
  '9007199254740993',
  '-1',
  '0',
  '1.5',
  'null',
  'true',
  '""',
  '"1"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '"\\ud800"',
  '"\\u0000"',
  '{"__proto__":null}',
  '{"__proto__":{"x":1}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"toJSON":1}',
  '{"then":1}',
  '{"length":-1}',
  '{"":{"":{}}}',
  `[${'0,'.repeat(3000)}0]`,
  `{${Array.from({ length: 1500 }, (_, i) => `"k${i}":0`).join()}}`,
];

/** One JSON value, as text: what no serialiser would write, too. */
export const oddJson: Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_JSON) },
  { weight: 3, arbitrary: fc.json() },
  { weight: 2, arbitrary: oddText.map((text) => JSON.stringify(text)) },
  { weight: 1, arbitrary: deepJson },
);

/** Stands for the odd value until there is a text. */
const MARK = '\u0001odd\u0001';

function nodesOf(value: unknown): number {
  let count = 0;
  JSON.stringify(value, (_key, each: unknown) => {
    count += 1;
    return each;
  });
  return count;
}

/** With the `place`th value in it replaced; `undefined` takes it out. */
function replaced(value: unknown, place: number, by: string | undefined): string {
  const target = place % nodesOf(value);
  let count = 0;
  const text = JSON.stringify(value, (_key, each: unknown) =>
    count++ === target ? (by === undefined ? undefined : MARK) : each,
  ) as string | undefined;
  return (text ?? 'null').replace(JSON.stringify(MARK), () => by ?? '');
}

function inserted(text: string, place: number, insertion: string): string {
  const at = place % (text.length + 1);
  return text.slice(0, at) + insertion + text.slice(at);
}

function withMember(value: unknown, place: number, member: string): string {
  const text = JSON.stringify(value);
  const objects = text.split('{');
  if (objects.length < 2) return text;
  const at = 1 + (place % (objects.length - 1));
  const isEmpty = objects[at]?.startsWith('}') === true;
  return [
    ...objects.slice(0, at),
    `${member}${isEmpty ? '' : ','}${objects[at] ?? ''}`,
    ...objects.slice(at + 1),
  ]
    .map((part, i) => (i === 0 ? part : `{${part}`))
    .join('');
}

/** A valid value's text with one thing wrong, mostly still JSON. */
export function nearMiss(valid: Arbitrary<unknown>): Arbitrary<string> {
  const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', 'prototype', 'id', 'op', ''), oddText);
  const place = fc.nat(500);
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(valid, place, oddJson).map((each) => replaced(...each)) },
    { weight: 2, arbitrary: fc.tuple(valid, place).map(([value, at]) => replaced(value, at, undefined)) },
    {
      weight: 3,
      arbitrary: fc
        .tuple(valid, place, key, oddJson)
        .map(([value, at, name, odd]) => withMember(value, at, `${JSON.stringify(name)}:${odd}`)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(valid, place, oddText)
        .map(([value, at, odd]) => inserted(JSON.stringify(value), at, odd)),
    },
    { weight: 1, arbitrary: fc.tuple(valid, place).map(([value, at]) => JSON.stringify(value).slice(0, at)) },
  );
}
