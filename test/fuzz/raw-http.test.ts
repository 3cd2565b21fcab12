import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import net from 'node:net';
import { describe, expect, test, onTestFinished } from 'vitest';
import { Problem, startBoth, until } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';
import { budget, oddText, timeLimit, watchForDefects } from './arbitraries.js';

/** Of bytes that are no HTTP no request was made, which could have a name. */
const NamelessProblem = Problem.partial({ trackId: true });
const SETTINGS = { logLevel: 'error', maxTimeout: 1 };

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Everything that comes back for these bytes, after which nothing more is sent. */
async function exchange(gateway: Gateway, chunks: readonly Buffer[]): Promise<string> {
  const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
  const parts: Buffer[] = [];
  socket.on('error', () => undefined).on('data', (part: Buffer) => parts.push(part));
  onTestFinished(() => void socket.destroy());
  for (const chunk of chunks) socket.write(chunk);
  socket.end();
  await until(() => socket.closed);
  return Buffer.concat(parts).toString('latin1');
}

/** The answers whose length is told; what follows one of another kind is left out. */
function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = text; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.slice(0, end);
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(head) ?? [];
    if (end < 0 || status === undefined) throw new Error(`this is no answer: ${rest.slice(0, 200)}`);
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    const size = Number(length ?? (status === '100' ? 0 : rest.length));
    answers.push({ status: Number(status), head, body: rest.slice(end + 4, end + 4 + size) });
    rest = rest.slice(end + 4 + size);
  }
  return answers;
}

function check({ status, head, body }: RawAnswer): void {
  expect(status).not.toBe(500);
  if (status < 400) return;
  expect(head.toLowerCase(), head).toContain('\r\ncontent-type: application/problem+json');
  expect(NamelessProblem.parse(JSON.parse(Buffer.from(body, 'latin1').toString())).status).toBe(status);
}

const latin1 = fc
  .oneof(
    oddText,
    fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each).toString('latin1')),
  )
  .map((text) => text.slice(0, 300));

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH') },
  { weight: 1, arbitrary: fc.constantFrom('TRACE', 'PROPFIND', 'get', 'QUERY', 'PRI', '') },
  { weight: 1, arbitrary: latin1 },
);

const target = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      '/live',
      '/v1/info',
      '/v1/devices/1/name',
      '/v1/commands/Info',
      '/v1/subscribe',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '*',
      '//',
      '/%',
      '/%zz',
      '/../..',
      'live',
      'http://a/live',
      '/live?%',
      '/\u00ff',
      '/v1/ws/%zz/%zz',
    ),
  },
  { weight: 1, arbitrary: latin1 },
);

const version = fc.oneof(
  { weight: 6, arbitrary: fc.constant('HTTP/1.1') },
  { weight: 1, arbitrary: fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/', '', 'RTSP/1.0') },
);

const header = fc.oneof(
  fc.constantFrom(
    'Content-Length: 2',
    'Content-Length: -1',
    'Content-Length: abc',
    'Content-Length: 99999999999999999999',
    'Content-Length: 5, 5',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
    'Transfer-Encoding: chunked, identity',
    'Content-Type: application/json',
    'Connection: close',
    'Connection: keep-alive, upgrade',
    'Prefer: wait=1',
    'Expect: 100-continue',
    ' folded: yes',
    'No-Colon',
    ': nameless',
    'Spaced : a',
  ),
  fc.tuple(latin1, latin1).map((pair) => pair.join(': ')),
  fc.nat(6000).map((length) => `X-Long: ${'x'.repeat(length)}`),
  fc.nat(2500).map((count) => Array.from({ length: count }, (_, i) => `X-${i}: a`).join('\r\n') || 'X: a'),
);

const body = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '2\r\n{}\r\n0\r\n\r\n',
    'zz\r\n{}\r\n',
    '-1\r\n',
    'ffffffffffffffffff\r\n',
    '2\r\n{}0\r\n',
    '2;x="\r\n{}\r\n0\r\n\r\n',
    '0\r\nX: \u0000\r\n\r\n',
  ),
  latin1,
);

const request: Arbitrary<string> = fc
  .record({
    method,
    target,
    version,
    headers: fc.array(header, { maxLength: 6 }),

    body,
  })
  .map((each) => {
    const lines = [`${each.method} ${each.target} ${each.version}`, 'Host: 127.0.0.1', ...each.headers];
    return `${lines.join('\r\n')}\r\n\r\n${each.body}`;
  });

const garbage: Arbitrary<Buffer[]> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: request }, latin1), { minLength: 1, maxLength: 3 }),
    fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 4 }),
  )
  .map(([requests, cuts]) => {
    const bytes = Buffer.from(requests.join(''), 'latin1');
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
    return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
  });

describe('a client that sends broken HTTP', () => {
  test(
    'any garbage gets problems as answers, and the gateway keeps working',
    async () => {
      const defects = watchForDefects();
      const { gateway } = await startBoth(SETTINGS, { speed: 1000 });
      await fc.assert(
        fc.asyncProperty(garbage, async (chunks) => {
          for (const each of answersIn(await exchange(gateway, chunks))) check(each);
          expect(defects).toEqual([]);
        }),
        budget(300, 5),
      );
      expect((await gateway.get('/live')).status).toBe(200);
      expect(gateway.lines).toEqual([]);
    },
    timeLimit(5),
  );

  const UPGRADE = 'Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13';
  const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';

  test.each([
    ['no host', 'GET /live HTTP/1.1\r\n\r\n'],
    [
      'an expectation that nobody knows',
      'GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: luck\r\nConnection: close\r\n\r\n',
    ],
    [
      'an upgrade to something else',
      'GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n',
    ],
    ['an upgrade without a key', `GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE}\r\n\r\n`],
    [
      'an upgrade of another version',
      `GET /v1/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE.replace('13', '7')}\r\n${KEY}\r\n\r\n`,
    ],
    [
      'an upgrade of a URL that makes no sense',
      `GET /v1/ws/%zz/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE}\r\n${KEY}\r\n\r\n`,
    ],
    [
      'an upgrade of a URL that is too long',
      `GET /v1/ws/${'x'.repeat(600)}/a HTTP/1.1\r\nHost: 127.0.0.1\r\n${UPGRADE}\r\n${KEY}\r\n\r\n`,
    ],
  ])('the client gets a problem for %s and leaves no connection behind', async (_, text) => {
    const defects = watchForDefects();
    const { gateway } = await startBoth(SETTINGS);
    const { server } = gateway.app;
    const sockets: net.Socket[] = [];
    server.on('connection', (socket) => sockets.push(socket));
    // What is left behind would keep the gateway from closing.
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    const client = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
    client.on('error', () => undefined);
    let answered = '';
    client.on('data', (part: Buffer) => (answered += part.toString('latin1')));
    client.write(text);
    await until(() => answered.includes('\r\n\r\n'));
    client.destroy();
    await until(() => sockets.every((socket) => socket.destroyed));
    const [answer] = answersIn(answered);
    expect(answer?.status).toBeGreaterThanOrEqual(400);
    check(answer!);
    expect(defects).toEqual([]);
  });
});
