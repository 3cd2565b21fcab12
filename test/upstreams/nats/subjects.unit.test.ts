import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  commandOf,
  commandSubject,
  decodeToken,
  encodeToken,
  messageId,
  parseStored,
  subjectOf,
} from '../../../src/upstreams/nats/subjects.js';
import { channelName, devicePrefix, parsePattern } from '../../../src/wire/channel-pattern.js';

test.each([
  ['Info', 'Info'],
  ['', '%'],
  ['a.b', 'a%2Eb'],
  ['*', '%2A'],
  ['>', '%3E'],
  ['%', '%25'],
  ['a b/ü', 'a%20b%2F%C3%BC'],
  ['😀', '%F0%9F%98%80'],
])('the token of %j is %s', (text, token) => {
  expect(encodeToken(text)).toBe(token);
  expect(decodeToken(token)).toBe(text);
});

test.each(['', 'a.b', '%2', '%2e', '%41', 'a b', '%FF', '%%'])('%j is no token', (token) => {
  expect(decodeToken(token)).toBeUndefined();
});

test.each([
  ['Logs/Info', 'rcsp.v1.stage.ev.Logs.Info'],
  ['devices/7/DeviceLogs/Error', 'rcsp.v1.stage.dev.7.DeviceLogs.Error'],
  ['$gateway/jobs', 'rcsp.v1.stage.gw.jobs'],
  ['a.b/c%2Fd', 'rcsp.v1.stage.ev.a%2Eb.c%2Fd'],
])('the subject of %s is %s', (channel, subject) => {
  expect(subjectOf('stage', channel)).toBe(subject);
  expect(parseStored(subject)).toEqual({ studio: 'stage', channel });
});

test.each([
  'rcsp.v1.stage.ev.Logs',
  'rcsp.v1.stage.ev.a.b.c',
  'rcsp.v1.stage.dev.x.a.b',
  'rcsp.v1.S.ev.a.b',
  'rcsp.v1.stage.cmd.Info',
])('%s is none that an origin publishes to', (subject) => {
  expect(parseStored(subject)).toBeUndefined();
});

test('any channel has one subject of clean tokens, from which it comes back', () => {
  const level = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter(isWellFormed);
  const device = fc.option(fc.nat(), { nil: undefined });
  fc.assert(
    fc.property(level, level, device, (publisher, topic, id) => {
      const channel = channelName(publisher, topic, id === undefined ? '' : devicePrefix(id));
      fc.pre(parsePattern(channel) !== undefined);
      const subject = subjectOf('stage', channel);
      expect(subject).toMatch(/^rcsp\.v1\.stage\.(ev|dev\.\d+)(\.[A-Za-z0-9_%-]+){2}$/);
      expect(parseStored(subject ?? '')).toEqual({ studio: 'stage', channel });
    }),
  );
});

test('any command has a subject, from which it comes back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((each) => isWellFormed(each)),
      (name) => {
        expect(commandOf(commandSubject('stage', name))).toBe(name);
      },
    ),
  );
});

test.each(['rcsp.v1.stage.ev.Info.x', 'rcsp.v1.stage.cmd', 'rcsp.v1.stage.cmd.*', 'rcsp.v1.stage.cmd.a.b'])(
  '%s names no command',
  (subject) => {
    expect(commandOf(subject)).toBeUndefined();
  },
);

test('a message id is one line', () => {
  expect(messageId('stage', 'a\r\nb/c', 'k:1')).toBe('stage/a%0D%0Ab/c@k:1');
});

/** UTF-8 has no halves of surrogate pairs. */
function isWellFormed(text: string): boolean {
  return Buffer.from(text).toString() === text;
}
