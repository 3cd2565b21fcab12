import { describe, expect, test } from 'vitest';
import { scanPublisher } from '../../../src/upstreams/rcsp/protocol/publisher-scan.js';
import { repair } from '../../../src/upstreams/rcsp/protocol/repair.js';

/** Each character is one byte. */
const bytes = (latin1: string): Buffer => Buffer.from(latin1, 'latin1');

function repaired(latin1: string): unknown {
  const found = repair(bytes(latin1));
  return found && { text: found.bytes.toString(), repairs: found.repairs };
}

describe('repair', () => {
  test.each([
    ['{"N":"M\xfcller"}', '{"N":"M\ufffdller"}', 7],
    ['{"N":"\xed\xa0\x80"}', '{"N":"\ufffd\ufffd\ufffd"}', 6],
    ['{"N":"\xf0\x9f\x98"}', '{"N":"\ufffd"}', 6],
    ['{"N":"\xc3\xa9 \xe9"}', '{"N":"é \ufffd"}', 9],
  ])('%j has each sequence that is not UTF-8 replaced by U+FFFD', (sent, text, at) => {
    expect(repaired(sent)).toEqual({ text, repairs: [{ kind: 'utf-8', at }] });
  });

  test.each([
    'nan NaN NAN -nan nan(ind) -nan(ind) nan(0x7ff8) inf -inf +inf Infinity -Infinity INF 1.#QNAN -1.#IND00 1.#INF',
  ])('repair replaces each of %s by null', (names) => {
    for (const name of names.split(' ')) {
      const text = '{"X":null,"Y":[null, 0.50]}';
      const sent = `{"X":${name},"Y":[${name}, 0.50]}`;
      expect(repaired(sent)).toEqual({ text, repairs: [{ kind: 'number', at: 5 }] });
    }
  });

  test('repair leaves names in strings, and words that only begin like a number, as they are', () => {
    expect(repaired('{"nan":"inf \\" nan","a":null,"b":nan}')).toMatchObject({
      text: '{"nan":"inf \\" nan","a":null,"b":null}',
    });
    expect(repaired('{"a":nano,"b":info,"c":infinit,"d":11.#INF,"e":nan(}')).toBeUndefined();
  });

  test.each([
    ['{"a":1}\0\0\0', '{"a":1}', 7],
    ['{"a":1}\n\0', '{"a":1}\n', 8],
    ['\0 {"a":1}', ' {"a":1}', 0],
    ['\xef\xbb\xbf{"a":1}', '{"a":1}', 0],
    ['\xef\xbb\xbf{"a":1}\0\0', '{"a":1}', 0],
  ])('%j loses its padding', (sent, text, at) => {
    expect(repaired(sent)).toEqual({ text, repairs: [{ kind: 'padding', at }] });
  });

  test('repair keeps a NUL between digits, which is no padding', () => {
    expect(repaired('{"a":1\x002}')).toBeUndefined();
  });

  test('repair escapes control characters in strings, and no others', () => {
    expect(repaired('{\n\t"a":"1\n2\t3\x004\x1f"}')).toEqual({
      text: '{\n\t"a":"1\\n2\\t3\\u00004\\u001f"}',
      repairs: [{ kind: 'control', at: 9 }],
    });
  });

  test('repair tells each kind once, at its first byte as it came', () => {
    expect(repaired('\xef\xbb\xbf{"a":nan,"b":nan,"c":"\xfc\n","d":1.0}\0')).toEqual({
      text: '{"a":null,"b":null,"c":"\ufffd\\n","d":1.0}',
      repairs: [
        { kind: 'padding', at: 0 },
        { kind: 'number', at: 8 },
        { kind: 'control', at: 26 },
        { kind: 'utf-8', at: 25 },
      ],
    });
  });

  test.each(['{"a":', '', '{"a":1,}', 'nonsense'])('repair finds nothing to repair in %j', (sent) => {
    expect(repaired(sent)).toBeUndefined();
  });

  test('repair gives up on a payload with more faults than it may hold', () => {
    expect(repair(Buffer.from(`[${'nan,'.repeat(100_001)}0]`))).toBeUndefined();
  });
});

describe('scanPublisher', () => {
  test.each([
    ['{"Publisher":"Logs","Topic":"Info",}', 'Logs'],
    ['{ "EventData":{"Publisher":"Other","x":[}]}, "Publisher" : "Logs"', undefined],
    ['{ "EventData":{"Publisher":"Other","x":[1}]}, "Publisher" : "Logs"', undefined],
    ['{ "EventData":{"Publisher":"Other","x":"}\\""}, "Publisher" : "Logs", oops', 'Logs'],
    ['{"Topic":"Publisher","Publisher":"Logs"', 'Logs'],
    ['{"Publisher":7,"Topic":"Info",}', undefined],
    ['{"Publisher', undefined],
    ['', undefined],
  ])('reads from %j the publisher %j', (sent, publisher) => {
    expect(scanPublisher(Buffer.from(sent))).toBe(publisher);
  });
});
