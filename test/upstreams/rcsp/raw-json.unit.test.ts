import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rawMember } from '../../../src/upstreams/rcsp/protocol/raw-json.js';

function read(json: string, key = 'Response'): string | undefined {
  return rawMember(Buffer.from(json), key)?.toString();
}

describe('the bytes of a member', () => {
  test.each([
    ['an object', '{"Response":{"a":1}}', '{"a":1}'],
    ['an array', '{"Response":[1,[2]]}', '[1,[2]]'],
    ['a string', '{"Response":"x"}', '"x"'],
    ['a number', '{"Response":-1.5e3}', '-1.5e3'],
    ['a literal', '{"Response":true}', 'true'],
    ['null', '{"Response":null}', 'null'],
    ['the last member', '{"TrackId":"1","Response":2}', '2'],
    ['a member in the middle', '{"TrackId":"1","Response":2,"Version":1}', '2'],
    ['a member amid white space', ' \r\n{\t"Response" :\n { "a" : 1 } \t, "b" : 2 } ', '{ "a" : 1 }'],
    ['a scalar before white space', '{"Response":12 \n}', '12'],
    ['a member after an empty key', '{"":1,"Response":2}', '2'],
  ])('the bytes of a member are found for %s', (_, json, expected) => {
    expect(read(json)).toBe(expected);
  });

  test('the bytes of a member are a view of the message', () => {
    const json = Buffer.from('{"Response":{}}');
    expect(rawMember(json, 'Response')?.buffer).toBe(json.buffer);
  });

  test('the bytes of a member keep numbers exact that JavaScript cannot', () => {
    expect(read('{"Response":{"TimestampNs":12345678901234567891,"x":1.10}}')).toBe(
      '{"TimestampNs":12345678901234567891,"x":1.10}',
    );
  });

  test('the bytes of a member are not found deeper down', () => {
    expect(read('{"Error":{"Response":1},"List":[{"Response":2}]}')).toBeUndefined();
    expect(read('{"Error":{"Response":1},"Response":3,"List":[{"Response":2}]}')).toBe('3');
  });

  test('the bytes of a member are not found in strings', () => {
    expect(read(String.raw`{"a":"\"Response\":1,","b":"}","Response":2}`)).toBe('2');
    expect(read(String.raw`{"a":"\\","Response":"\\\"}{"}`)).toBe(String.raw`"\\\"}{"`);
  });

  test('the bytes of a member are not found under a longer or a differently spelt key', () => {
    expect(read('{"Responses":1,"response":2,"aResponse":3,"Respons":4}')).toBeUndefined();
  });

  test('the bytes of a member are the last ones when the key repeats, as a parser has it', () => {
    expect(read('{"Response":1,"a":2,"Response":{"b":3}}')).toBe('{"b":3}');
  });

  test('the bytes of a member are absent in an empty object', () => {
    expect(read('{}')).toBeUndefined();
    expect(read(' { } ')).toBeUndefined();
  });

  test('the bytes of a member say what a parser says, for any object, white space and repetition', () => {
    const members = fc.array(fc.tuple(fc.oneof(fc.constant('Response'), keys()), values()), { maxLength: 6 });
    fc.assert(
      fc.property(members, spaces(), (pairs, space) => {
        const json = writeObject(pairs, space);
        const last = pairs.findLast(([key]) => key === 'Response');
        const found = read(json);
        expect(found).toBe(last && write(last[1], space));
        if (found !== undefined) expect(JSON.parse(found)).toEqual(member(JSON.parse(json), 'Response'));
      }),
      { numRuns: 1000 },
    );
  });
});

/** Keys and strings full of what a scanner could stumble over. */
function tricky(): fc.Arbitrary<string> {
  const unit = fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', ' ', '\n', 'é', '😀', 'a', '\u0000');
  return fc.oneof(fc.string({ unit, maxLength: 8 }), fc.string());
}

function keys(): fc.Arbitrary<string> {
  return tricky().filter((key) => key !== 'Response');
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

function values(): fc.Arbitrary<Json> {
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<Json>(null, true, false),
      fc.double({ noDefaultInfinity: true, noNaN: true }).map((each) => (each === 0 ? 0 : each)),
      tricky(),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(fc.constant('Response'), tricky()), tie('json'), { maxKeys: 3 }),
    ),
  }));
  return json;
}

/** What stands wherever JSON allows white space. */
function spaces(): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n'), maxLength: 2 });
}

function write(value: Json, space: string): string {
  if (Array.isArray(value))
    return `[${space}${value.map((each) => write(each, space)).join(`${space},${space}`)}]`;
  if (typeof value === 'object' && value !== null) return writeObject(Object.entries(value), space).trim();
  return JSON.stringify(value);
}

function writeObject(pairs: readonly (readonly [string, Json])[], space: string): string {
  const members = pairs.map(
    ([key, value]) => `${JSON.stringify(key)}${space}:${space}${write(value, space)}`,
  );
  return `${space}{${space}${members.join(`${space},${space}`)}${space}}${space}`;
}

function member(json: unknown, key: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, key) : undefined;
}
