import { pino } from 'pino';
import { expect, test } from 'vitest';
import { MASKING, redacted } from '../../src/util/log.js';

test.each([
  'Psk',
  'WifiPSK2',
  'oldPassword',
  'PassPhrase',
  'passwd_new',
  'clientSecretValue',
  'accessTokens',
  'ApiKey',
  'ticket',
  'Authorization',
  'Set-Cookie',
])('a value named %s is masked wherever it stands', (name) => {
  expect(redacted({ a: [{ [name]: { deep: 'x' } }] })).toEqual({ a: [{ [name]: '[secret]' }] });
});

test.each(['keyboard', 'DeviceName', 'pass', 'monkeys'])('a value named %s is shown', (name) => {
  expect(redacted({ [name]: 'x' })).toEqual({ [name]: 'x' });
});

test('every level of the log masks, and shows errors as they are', () => {
  const lines: string[] = [];
  const log = pino({ level: 'trace', formatters: MASKING }, { write: (line) => void lines.push(line) });
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)
    log[level]({ wifiPsk: 's3cret', nested: { apiKey: 's3cret' }, err: new Error('broken') }, 'line');
  expect(lines).toHaveLength(6);
  expect(lines.join('')).not.toContain('s3cret');
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ err: { message: 'broken' } });
});
