import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonReader, ReaderError } from '../../../src/upstreams/lights/protocol/json-reader.js';
import {
  encodeCommand,
  encodeHeartbeat,
  parseMessage,
} from '../../../src/upstreams/lights/protocol/pycom-message.js';

/** The vendor's own example, as its page prints it. */
const OUTPUT = `{
"id": "81639cd4",
"name": "rigsters-controller",
"ip": "192.168.0.22",
"port": 5000,
"version": "0.14.0",
"coordinator": false,
"type_": "output",
"output": "BOARDIO_CLI: Sent: \\"uSeq\\" to FIFO file\\nBOARDIO_CLI: Sent: \\"runSeq\\" to FIFO file\\n"
}`;
const BASE =
  '"id":"81639cd4","name":"n","ip":"192.168.0.22","port":5000,"version":"0.14.0","coordinator":false';

function readAll(chunks: readonly Buffer[], maxBytes = 10_000): string | undefined {
  const reader = new JsonReader(maxBytes);
  for (const chunk of chunks) {
    const whole = reader.push(chunk);
    if (whole !== undefined) return whole.toString();
  }
  return undefined;
}

describe('JsonReader', () => {
  test('the object is complete with its last brace, wherever the bytes are cut', () => {
    const bytes = Buffer.from(OUTPUT);
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(readAll([bytes.subarray(0, at), bytes.subarray(at)])).toBe(OUTPUT);
    }
    expect(readAll(Array.from(bytes, (byte) => Buffer.from([byte])))).toBe(OUTPUT);
  });

  test('any object is found, byte by byte, with white space before it and anything behind it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.json()), fc.string(), (object, rest) => {
        const text = JSON.stringify(object);
        const bytes = Buffer.from(` \r\n\t${text}${rest}`);
        expect(readAll(Array.from(bytes, (byte) => Buffer.from([byte])))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  test.each(['[1]', 'x', '"{}"', 'GET / HTTP/1.1', '\0'])('%j is not an object', (text) => {
    expect(() => readAll([Buffer.from(text)])).toThrow(new ReaderError('not-json'));
  });

  test('an object may have exactly the largest size; one byte more is too large', () => {
    const text = `{"a":"${'x'.repeat(20)}"}`;
    expect(readAll([Buffer.from(text)], text.length)).toBe(text);
    expect(() => readAll([Buffer.from(text)], text.length - 1)).toThrow(new ReaderError('too-large'));
    expect(() => readAll([Buffer.from(' '.repeat(30))], 20)).toThrow(new ReaderError('too-large'));
  });

  test('an object that has no end is incomplete', () => {
    expect(readAll([Buffer.from('{"a":"}')])).toBeUndefined();
    expect(new JsonReader(10).end().reason).toBe('incomplete');
  });
});

describe('parseMessage', () => {
  test("the vendor's example is an output, and its bytes are kept", () => {
    const received = parseMessage(Buffer.from(OUTPUT))!;
    expect(received.message).toMatchObject({ type_: 'output', id: '81639cd4', port: 5000 });
    expect(received.bytes.toString()).toBe(OUTPUT);
  });

  test('a message without type_ is a heartbeat', () => {
    expect(parseMessage(Buffer.from(`{${BASE}}`))?.message.type_).toBeUndefined();
  });

  test('unit info may lack fields', () => {
    const { message } = parseMessage(Buffer.from(`{${BASE},"type_":"unit_info","mcu_type":"RP2040"}`))!;
    expect(message).toMatchObject({ type_: 'unit_info', mcu_type: 'RP2040' });
  });

  test('bytes that are not UTF-8 are replaced', () => {
    const bytes = Buffer.concat([
      Buffer.from(`{${BASE},"type_":"message","message":"a`),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    const received = parseMessage(bytes)!;
    expect(received.message).toMatchObject({ message: 'a\ufffd' });
    expect(received.bytes.toString()).toContain('"a\ufffd"');
  });

  test.each([
    '{}',
    '{',
    `{${BASE},"type_":"output"}`,
    `{${BASE},"type_":"message","message":1}`,
    `{${BASE},"type_":"other"}`,
    '{"id":1}',
  ])('%s is not a message of pycom', (text) => {
    expect(parseMessage(Buffer.from(text))).toBeUndefined();
  });
});

test('requests have every base field', () => {
  const fields = { id: 'a', name: 'b', ip: 'c', port: 1, version: 'd', coordinator: true };
  expect(JSON.parse(encodeHeartbeat(fields).toString())).toEqual(fields);
  expect(JSON.parse(encodeCommand(fields, 'ls').toString())).toEqual({
    ...fields,
    type_: 'cmd',
    command: 'ls',
  });
});
