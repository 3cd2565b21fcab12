import { expect, test } from 'vitest';
import { requestHeaders, responseHeaders } from '../../src/relay/relayed-headers.js';

const FACTS = { address: '203.0.113.5', host: 'relay.example:8443', protocol: 'https', prefix: '' };
const OURS = [
  ...['X-Forwarded-For', '203.0.113.5', 'X-Forwarded-Host', 'relay.example:8443'],
  ...['X-Forwarded-Proto', 'https', 'X-Forwarded-Prefix', '/stage'],
];

test('headers of a connection, and those that Connection names, do not pass', () => {
  const raw = [
    'Host',
    'relay.example:8443',
    'Connection',
    'keep-alive, X-Mine',
    'X-Mine',
    '1',
    'TE',
    'trailers',
  ];
  expect(
    requestHeaders([...raw, 'Keep-Alive', '5', 'Upgrade', 'h2c', 'Accept', '*/*'], FACTS, 'stage'),
  ).toEqual([...['Host', 'relay.example:8443', 'Accept', '*/*'], ...OURS]);
  expect(
    responseHeaders(['Connection', 'close, ETag', 'ETag', '"1"', 'Vary', 'Origin', 'vary', 'Accept']),
  ).toEqual([...['Vary', 'Origin', 'vary', 'Accept']]);
});

test('Connection cannot take away the host, the length or what the relay says', () => {
  const raw = ['Connection', 'host, content-length, x-forwarded-for', 'Host', 'a', 'Content-Length', '3'];
  expect(requestHeaders(raw, FACTS, 'stage')).toEqual(['Host', 'a', 'Content-Length', '3', ...OURS]);
});

test('what a client says of proxies is dropped', () => {
  const raw = [
    'X-Forwarded-For',
    '1.2.3.4',
    'x-forwarded-prefix',
    '/a',
    'X-FORWARDED-ANY',
    'x',
    'Forwarded',
    'for=1',
  ];
  expect(requestHeaders([...raw, 'X-Real-IP', '1.2.3.4'], FACTS, 'stage')).toEqual(OURS);
});

test('the prefix of a proxy in front comes first', () => {
  expect(requestHeaders([], { ...FACTS, prefix: '/remote' }, 'stage').at(-1)).toBe('/remote/stage');
});
