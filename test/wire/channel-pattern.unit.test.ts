import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { channelOf, streamOf } from '../../src/upstreams/rcsp/streams.js';
import { matches, MAX_NAME_LENGTH, parsePattern } from '../../src/wire/channel-pattern.js';

function isMatch(pattern: string, channel: string): boolean {
  const parsed = parsePattern(pattern);
  if (parsed === undefined) throw new Error(`${pattern} is no pattern`);
  return matches(parsed.text, channel);
}

describe('a pattern', () => {
  test.each([
    'Logs/Info',
    'Logs/*',
    '*/Info',
    '*/*',
    'devices/1/DeviceLogs/Error',
    'devices/*/*/*',
    '$gateway/upstream',
  ])('a pattern may be %s', (text) => {
    expect(parsePattern(text)?.text).toBe(text);
    expect(parsePattern(text)?.isWildcard).toBe(text.includes('*'));
  });

  test.each([
    '',
    '/',
    'Logs',
    'Logs/',
    '/Info',
    'Logs//Info',
    'Logs/Info/More',
    'gloves/1/DeviceLogs/Error',
    'devices/01/DeviceLogs/Error',
    'devices/-1/DeviceLogs/Error',
    'devices/1.0/DeviceLogs/Error',
    'devices/1e3/DeviceLogs/Error',
    'devices/ 1/DeviceLogs/Error',
    'devices/one/DeviceLogs/Error',
    'devices/9007199254740993/DeviceLogs/Error',
    'devices/1/DeviceLogs/Error/More',
    `Logs/${'x'.repeat(MAX_NAME_LENGTH)}`,
  ])('a pattern is not %j', (text) => {
    expect(parsePattern(text)).toBeUndefined();
  });

  test.each(['Logs/Inf*', 'Logs/100%', 'Logs/a%2fb', 'Logs/$Info'])(
    'a pattern is not %s, a second spelling of a channel whose events come under another name',
    (text) => {
      expect(parsePattern(text)).toBeUndefined();
    },
  );

  test('a pattern stands for one whole level by its star', () => {
    expect(isMatch('Logs/*', 'Logs/Info')).toBe(true);
    expect(isMatch('Logs/*', 'Log/Info')).toBe(false);
    expect(isMatch('*/*', 'Logs/Info')).toBe(true);
    expect(isMatch('*/*', 'devices/1/DeviceLogs/Info')).toBe(false);
    expect(isMatch('devices/*/DeviceLogs/*', 'devices/7/DeviceLogs/Info')).toBe(true);
    expect(isMatch('devices/*/DeviceLogs/*', 'devices/7/DeviceEvents/Info')).toBe(false);
    expect(isMatch('devices/1/*/*', 'devices/11/DeviceLogs/Info')).toBe(false);
  });

  test("a pattern matches the gateway's own channels by no star in the first place", () => {
    expect(isMatch('*/*', '$gateway/upstream')).toBe(false);
    expect(isMatch('*/upstream', '$gateway/upstream')).toBe(false);
    expect(isMatch('$gateway/*', '$gateway/upstream')).toBe(true);
    expect(isMatch('$gateway/upstream', '$gateway/upstream')).toBe(true);
  });

  test('a pattern matches like a comparison level by level', () => {
    const level = fc.constantFrom('a', 'b', '$c', 'devices', '1', '22', '%2A');
    const text = fc.oneof(
      fc.tuple(level, level),
      fc.tuple(fc.constant('devices'), fc.constantFrom('1', '22'), level, level),
    );
    fc.assert(
      fc.property(
        text,
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        text,
        (names, stars, channel) => {
          const levels = names.map((name, i) => (stars[i] === true ? '*' : name));
          const pattern = parsePattern(levels.join('/'));
          fc.pre(pattern !== undefined);
          let expected = levels.length === channel.length;
          for (let i = 0; i < levels.length; i += 1) {
            const isHidden = i === 0 && channel.at(i)?.startsWith('$') === true;
            if (levels[i] !== channel[i] && (levels[i] !== '*' || isHidden)) expected = false;
          }
          expect(matches(pattern.text, channel.join('/'))).toBe(expected);
        },
      ),
    );
  });
});

describe("a stream's channel", () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
    fc.string({
      minLength: 1,
      maxLength: 12,
      unit: fc.constantFrom('/', '%', '*', '$', '2', 'F', 'a', 'é', '手', '\n'),
    }),
  );
  const stream = fc.record({
    publisher: name,
    topic: name,
    deviceId: fc.oneof(fc.constant(undefined), fc.nat()),
  });

  test("a stream's channel is named after it", () => {
    expect(channelOf({ publisher: 'Logs', topic: 'Info' })).toBe('Logs/Info');
    expect(channelOf({ publisher: 'DeviceLogs', topic: 'Info', deviceId: 7 })).toBe(
      'devices/7/DeviceLogs/Info',
    );
    expect(channelOf({ publisher: 'a/b', topic: '100%*' })).toBe('a%2Fb/100%25%2A');
  });

  test("a stream's channel leads back to it, whatever its names are", () => {
    fc.assert(
      fc.property(stream, (each) => {
        const pattern = parsePattern(channelOf(each));
        expect(pattern?.isWildcard).toBe(false);
        const { publisher, topic, deviceId } = streamOf(pattern!.text)!;
        expect({ publisher, topic, deviceId }).toEqual(each);
      }),
    );
  });

  test("a stream's channel is no other stream’s", () => {
    fc.assert(
      fc.property(stream, stream, (a, b) => {
        fc.pre(JSON.stringify(a) !== JSON.stringify(b));
        expect(channelOf(a)).not.toBe(channelOf(b));
      }),
    );
  });

  test("a stream's channel has one name only: whatever is understood as a stream is spelled as its channel is", () => {
    const text = fc.string({
      maxLength: 14,
      unit: fc.constantFrom('/', '%', '*', '$', '2', '5', 'F', 'f', 'a'),
    });
    fc.assert(
      fc.property(text, (each) => {
        const pattern = parsePattern(each);
        const found = pattern && streamOf(pattern.text);
        if (found !== undefined) expect(channelOf(found)).toBe(each);
      }),
      { numRuns: 2000 },
    );
  });

  test("a stream's channel is never one of the gateway's own", () => {
    const impostor = channelOf({ publisher: '$gateway', topic: 'upstream' });
    expect(impostor).not.toBe('$gateway/upstream');
    expect(isMatch('*/*', impostor)).toBe(true);
  });

  test("a stream's channel is nothing behind a pattern, and nothing behind a channel of the gateway", () => {
    expect(streamOf('Logs/*')).toBeUndefined();
    expect(streamOf('$gateway/upstream')).toBeUndefined();
  });
});
