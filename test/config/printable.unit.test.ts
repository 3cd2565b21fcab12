import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { prettyLines } from '../../src/util/log.js';
import { printable, printableLine } from '../../src/util/printable.js';

test.each([
  ['\u001b[31mred', '\\u001b[31mred'],
  ['a\u0000\u0008\r\u007f', 'a\\u0000\\u0008\\u000d\\u007f'],
  ['\u009b2J', '\\u009b2J'],
  ['\u202egpj.exe\u2066', '\\u202egpj.exe\\u2066'],
  ['\u200b\ufeff\u2028', '\\u200b\\ufeff\\u2028'],
  ['\u{e0041}', '\\udb40\\udc41'],
  ['\ud800', '\\ud800'],
  ['Zoë 動作 😀 a\tb\nc', 'Zoë 動作 😀 a\tb\nc'],
])('%j is printed as %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('JSON means the same after it was made printable', () => {
  const json = '{"a":"\u009b\u202e\u{e0041}\u007f"}';
  expect(printable(json)).not.toBe(json);
  expect(JSON.parse(printable(json))).toEqual(JSON.parse(json));
});

test('a line stays one line', () => {
  expect(printableLine('a\nb')).toBe('a\\u000ab');
});

test('a pretty log line shows escape sequences of its texts, and no second line', () => {
  const out = new PassThrough();
  const stream = prettyLines(out);
  stream.write(
    `${JSON.stringify({ level: 30, time: 0, msg: 'from \u001b[2J\u202eX\nforged', topic: '\u009b1', 'k\u001b': 1 })}\n`,
  );
  const text = String(out.read());
  expect(text).toContain('from \\u001b[2J\\u202eX\\u000aforged');
  expect(text).toContain('u009b1');
  expect(/(?!\n)\p{Cc}|\p{Cf}/u.test(text)).toBe(false);
  expect(text.trim().split('\n')).toHaveLength(1);
});
