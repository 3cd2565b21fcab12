import { describe, expect, test } from 'vitest';
import { relayTarget } from '../../src/relay/relay-target.js';

describe('relayTarget', () => {
  test('takes the name off a path and leaves the rest as it was written', () => {
    expect(relayTarget('/stage/v1/devices?a=%2e%2e&b=..')).toEqual({
      kind: 'gateway',
      name: 'stage',
      path: '/v1/devices?a=%2e%2e&b=..',
    });
    expect(relayTarget('/stage/')).toEqual({ kind: 'gateway', name: 'stage', path: '/' });
    expect(relayTarget('/stage//v1')).toEqual({ kind: 'gateway', name: 'stage', path: '//v1' });
    expect(relayTarget('/stage?x=1')).toEqual({ kind: 'bare', name: 'stage', query: '?x=1' });
  });

  test.each([
    '/',
    '/v1/relay',
    '/live',
    '/metrics',
    '/Stage/v1',
    '/st%61ge/v1',
    '/-a/',
    `/${'x'.repeat(33)}/`,
    '*',
  ])('%s is no path of a gateway', (url) => {
    expect(relayTarget(url)).toEqual({ kind: 'own' });
  });

  test.each([
    '/stage/../lab/v1',
    '/stage/..',
    '/stage/./v1',
    '/stage/%2e%2E/v1',
    '/stage/.%2e/v1',
    '/stage/a%2f..%2fb',
    '/stage/a%5c..%5cb',
    '/stage/a\\b',
    '/stage/a#b',
    'http://other/stage/v1',
    'stage/v1',
  ])('%s is refused', (url) => {
    expect(() => relayTarget(url)).toThrow(/must/);
  });
});
