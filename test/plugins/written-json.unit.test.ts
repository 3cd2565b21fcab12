import { describe, expect, test } from 'vitest';
import { holdsOddNumber, jsonWith, oddMembers, writtenMembers } from '../../src/util/written-json.js';

describe('holdsOddNumber', () => {
  test.each([
    '1.0',
    '10.50',
    '1e2',
    '1E2',
    '-0',
    '[-0.0]',
    '12345678901234567890',
    '-9007199254740993',
    '[1,{"a":9007199254740993}]',
    '1e400',
    '0.0000001',
    '1234567890.123456789',
    '0.1234567890123456789',
    '1000000000000000000000',
    '{"text":"\\"","n":9223372036854775807}',
  ])('finds a number that JavaScript would write differently: %s', (json) => {
    expect(holdsOddNumber(json)).toBe(true);
  });

  test.each([
    '0',
    '10',
    '-1.05',
    '0.000001',
    '9007199254740992',
    '12345678901234567000',
    '1e+21',
    '5e-324',
    '"12345678901234567890"',
    '{"12345678901234567890":"\\\\"}',
    '["\\"1.0",1]',
    '{"at":"2026-01-02T00:00:00.000Z","ip":"192.168.100.200"}',
    JSON.stringify('\\"'.repeat(300_000) + '12345678901234567890'),
  ])('finds none where JavaScript writes the same: %.40s', (json) => {
    expect(holdsOddNumber(json)).toBe(false);
  });

  test('finds each number whose text JSON.stringify changes, and no other', () => {
    for (const digits of ['0', '1', '10', '1234567', '123456789012345678', '100200'])
      for (const fraction of ['', '.0', '.5', '.50', '.0000001', '.123456789012345'])
        for (const exponent of ['', 'e1', 'E-7', 'e+21'])
          for (const sign of ['', '-']) {
            const text = `${sign}${digits}${fraction}${exponent}`;
            expect([text, holdsOddNumber(`[${text}]`)]).toEqual([
              text,
              JSON.stringify(JSON.parse(text)) !== text,
            ]);
          }
  });

  test('takes linear time', () => {
    const started = performance.now();
    for (const text of [
      '.0'.repeat(500_000),
      '1'.repeat(1_000_000),
      '-'.repeat(1_000_000),
      '0.00000'.repeat(150_000),
    ])
      expect(holdsOddNumber(JSON.stringify(text))).toBe(false);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

test('members are cut as they are written, the last one of a name', () => {
  const json = ' {"a": 1.0 ,"b":{"a":[1,{"x":"}"}], "c":":"},"\\u0061":"\\"," ,"":[],"d":null\n}';
  expect([...writtenMembers(json)]).toEqual([
    ['a', '"\\","'],
    ['b', '{"a":[1,{"x":"}"}], "c":":"}'],
    ['', '[]'],
    ['d', 'null'],
  ]);
  expect([...writtenMembers('[{"a":1}]')]).toEqual([]);
  expect([...writtenMembers('{}')]).toEqual([]);
});

test('only members with such numbers are kept, and the others are written from the value', () => {
  const json = '{"a":1.0,"b":2,"c":"1.0","d":[ 1e2 ],"__proto__":1.0}';
  const written = oddMembers(json) ?? new Map<string, string>();
  expect([...written.keys()]).toEqual(['a', 'd', '__proto__']);
  expect(jsonWith({ a: 1, b: 3, c: undefined, d: [100] }, written)).toBe('{"a":1.0,"b":3,"d":[ 1e2 ]}');
  expect(oddMembers('{"a":1}')).toBeUndefined();
  expect(oddMembers(undefined)).toBeUndefined();
});
