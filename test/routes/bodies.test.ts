// @module-tag extended
import { once } from 'node:events';
import net from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { counting, problemOf, startBoth } from '../support/gateway.js';
import type { Gateway } from '../support/gateway.js';

const PATH = '/v1/devices/1/name';
const MULLER = Buffer.from('{"DeviceName":"M\xfcller"}', 'latin1');
const JSON_TYPE = 'application/json';

/** One PUT of the bytes as they are, and its status and problem. */
async function put(
  gateway: Gateway,
  body: Buffer,
  headers: readonly string[],
  path = PATH,
): Promise<{ status: number; text: string }> {
  const socket = net.connect(Number(new URL(gateway.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const head = [`PUT ${path} HTTP/1.1`, 'host: localhost', 'connection: close', ...headers];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  socket.write(body);
  await once(socket, 'close');
  return { status: Number(text.slice(9, 12)), text };
}

function whole(body: Buffer, type: string): string[] {
  return [`content-type: ${type}`, `content-length: ${body.length}`];
}

function chunked(body: Buffer): Buffer {
  const each = [...body].map((byte) => Buffer.from([0x31, 13, 10, byte, 13, 10]));
  return Buffer.concat([...each, Buffer.from('0\r\n\r\n')]);
}

describe('a body that is not UTF-8', () => {
  test('the body is refused with 400 and nothing is sent, whole or in chunks', async () => {
    const { gateway, simulator } = await startBoth();
    const count = counting(simulator);
    const tag = Buffer.from('{"Data":"M\xfcller"}', 'latin1');
    const replies = [
      await put(gateway, MULLER, whole(MULLER, JSON_TYPE)),
      await put(gateway, MULLER, whole(MULLER, 'application/json; charset=utf-8')),
      await put(gateway, chunked(MULLER), [`content-type: ${JSON_TYPE}`, 'transfer-encoding: chunked']),
      await put(gateway, tag, whole(tag, JSON_TYPE), '/v1/recording/tags/1'),
    ];
    for (const { status, text } of replies) {
      expect(status).toBe(400);
      expect(text).toContain('The body is not UTF-8');
      expect(text).toContain('"outcome":"not-sent"');
    }
    expect([count('SetDeviceName'), count('SaveUserData')]).toEqual([0, 0]);
  });

  test.each(['iso-8859-1', 'ISO-8859-1', '"windows-1252"', 'latin1'])(
    'charset=%s is decoded',
    async (charset) => {
      const { gateway } = await startBoth();
      const { status } = await put(gateway, MULLER, whole(MULLER, `application/json; charset=${charset}`));
      expect(status).toBe(204);
      expect((await gateway.get(PATH)).json).toEqual({ DeviceName: 'Müller' });
    },
  );

  test('0x80 in windows-1252 is the euro sign', async () => {
    const { gateway } = await startBoth();
    const body = Buffer.from('{"DeviceName":"\x80"}', 'latin1');
    expect((await put(gateway, body, whole(body, 'application/json;charset=windows-1252'))).status).toBe(204);
    expect((await gateway.get(PATH)).json).toEqual({ DeviceName: '€' });
  });

  test('another charset is refused with 415', async () => {
    const { gateway } = await startBoth();
    const { status, text } = await put(gateway, MULLER, whole(MULLER, 'application/json; charset=koi8-r'));
    expect(status).toBe(415);
    expect(text).toContain('is not read: send the body in UTF-8.');
  });

  test('a byte order mark before the JSON is skipped', async () => {
    const { gateway } = await startBoth();
    const body = Buffer.from('\ufeff{"DeviceName":"A"}');
    expect((await put(gateway, body, whole(body, JSON_TYPE))).status).toBe(204);
  });
});

const TEXT = '{"DeviceName":"Müller"}';

test.each([
  'application/json, charset=utf-8',
  'application/json,charset=utf-8',
  'application/json, application/json',
  'application/vnd.api+json',
  'application/merge-patch+json; charset=utf-8',
  'Application/JSON;charset=UTF-8',
])('a body of type %j is read', async (type) => {
  const { gateway } = await startBoth();
  const reply = await gateway.ask('PUT', PATH, { raw: TEXT, headers: { 'content-type': type } });
  expect(reply.status, reply.text).toBe(204);
  expect((await gateway.get(PATH)).json).toEqual({ DeviceName: 'Müller' });
});

test.each([
  'text/plain',
  'application/octet-stream',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/jsonp',
  'text/x+json',
  'x',
])('a body of type %j is refused with 415, which says what to send', async (type) => {
  const { gateway, simulator } = await startBoth();
  const count = counting(simulator);
  const problem = problemOf(await gateway.ask('PUT', PATH, { raw: TEXT, headers: { 'content-type': type } }));
  expect(problem).toMatchObject({
    status: 415,
    code: 'Unsupported media type',
    outcome: 'not-sent',
    detail: "Send the body as JSON in UTF-8, with the header 'content-type: application/json'.",
  });
  expect(count('SetDeviceName')).toBe(0);
});

test('a body without a content type is refused with 415', async () => {
  const { gateway } = await startBoth();
  const body = Buffer.from('{"DeviceName":"A"}');
  expect((await put(gateway, body, [`content-length: ${body.length}`])).status).toBe(415);
});

test('a compressed body is refused with 415 that names the compression', async () => {
  const { gateway } = await startBoth();
  const body = gzipSync('{"DeviceName":"A"}');
  const { status, text } = await put(gateway, body, [...whole(body, JSON_TYPE), 'content-encoding: gzip']);
  expect(status).toBe(415);
  expect(text).toContain('The body is compressed (\\"gzip\\"): send it without Content-Encoding.');
  const plain = Buffer.from('{"DeviceName":"A"}');
  const same = await put(gateway, plain, [...whole(plain, JSON_TYPE), 'content-encoding: identity']);
  expect(same.status).toBe(204);
});

test('a body with too many names is refused with 400 and nothing is sent', async () => {
  const { gateway, simulator } = await startBoth();
  const count = counting(simulator);
  const names = (many: number): object =>
    Object.fromEntries(Array.from({ length: many }, (_, at) => [`k${at}`, 0]));
  const nested = Array.from({ length: 101 }, () => names(100));
  for (const body of [names(90_000), { ...names(10_000), DeviceName: 'A' }, { DeviceName: 'A', nested }]) {
    expect(problemOf(await gateway.put(PATH, body))).toMatchObject({
      status: 400,
      detail: 'The body has more than 10000 names.',
      outcome: 'not-sent',
    });
  }
  expect(count('SetDeviceName')).toBe(0);
  expect((await gateway.put(PATH, { DeviceName: 'A', ...names(9999) })).status).toBe(204);
});
