import { expect, test } from 'vitest';
import { suggestChannel } from '../../src/wire/suggest-channel.js';

const OFFERS = [
  'Logs/Error',
  'Logs/Info',
  'DeviceEvents/Seen',
  'devices/4/DeviceLogs/Error',
  'Weather/Rain%2FSnow',
];

test.each([
  ['Logs/*', undefined],
  ['logs/*', 'Logs/*'],
  ['Lgos/Info', 'Logs/Info'],
  ['Devicelogs/*', 'devices/*/DeviceLogs/*'],
  ['devices/4/devicelogs/*', 'devices/4/DeviceLogs/*'],
  ['*/Eror', '*/Error'],
  ['devices/9/DeviceLogs/*', undefined],
  ['devices/9/devicelogs/*', undefined],
  ['devices/*/devicelogs/eror', 'devices/*/DeviceLogs/Error'],
  ['Nothing/*', undefined],
])('%s may mean %s', (pattern, suggestion) => {
  expect(suggestChannel(pattern, OFFERS)).toBe(suggestion);
});

test('nothing is suggested where nothing is offered', () => {
  expect(suggestChannel('Logs/*', [])).toBeUndefined();
});
