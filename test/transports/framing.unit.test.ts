import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sseFrame, textFrame, textStart } from '../../src/transports/framing.js';

type ReceiverConstructor = new (options: { isServer: boolean }) => Writable;

/** The receiver that clients of the `ws` package read with; the package does not export it by name. */
const require = createRequire(import.meta.url);
const Receiver = require(
  require.resolve('ws').replace(/index\.js$/, 'lib/receiver.js'),
) as ReceiverConstructor;

function receive(bytes: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const receiver = new Receiver({ isServer: false });
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) reject(new Error('not a text'));
      else resolve(data.toString());
    });
    receiver.on('error', reject);
    receiver.write(bytes);
  });
}

/** RFC 6455, 5.2: FIN and opcode 1, no mask, and the length in 7, 7+16 or 7+64 bits. */
const HEADS = [
  [0, '8100'],
  [1, '8101'],
  [125, '817d'],
  [126, '817e007e'],
  [127, '817e007f'],
  [65_535, '817effff'],
  [65_536, '817f0000000000010000'],
] as const;

describe('a text frame', () => {
  test.each(HEADS)('of %i bytes begins with %s', (size, head) => {
    const frame = textFrame([Buffer.alloc(size, 'x')]);
    const start = head.length / 2;
    expect(frame.subarray(0, start).toString('hex')).toBe(head);
    expect(frame.subarray(start).equals(Buffer.alloc(size, 'x'))).toBe(true);
    expect(textStart(frame)).toBe(start);
  });

  test('a text frame is the example of RFC 6455, 5.7', () => {
    expect(textFrame([Buffer.from('Hello')]).toString('hex')).toBe('810548656c6c6f');
  });

  test.each(HEADS)('of %i bytes is read by ws', async (size) => {
    expect(await receive(textFrame([Buffer.alloc(size, 'x')]))).toBe('x'.repeat(size));
  });

  test('a text frame holds its parts one after the other', async () => {
    const parts = ['{"a":', '"é手"', '', '}'].map((text) => Buffer.from(text));
    expect(await receive(textFrame(parts))).toBe('{"a":"é手"}');
  });
});

interface ServerEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/** As the HTML standard says, 9.2.6: lines end in CR LF, LF or CR; a blank line dispatches. */
function parseEventStream(text: string): ServerEvent[] {
  const events: ServerEvent[] = [];
  let [type, data, lastEventId] = ['', '', ''];
  for (const line of text.split(/\r\n|\n|\r/).slice(0, -1)) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (line === '') {
      if (data !== '')
        events.push({ type: type === '' ? 'message' : type, data: data.slice(0, -1), lastEventId });
      [type, data] = ['', ''];
    } else if (field === 'event') type = value;
    else if (field === 'data') data += `${value}\n`;
    else if (field === 'id' && !value.includes('\0')) lastEventId = value;
  }
  return events;
}

describe('a server-sent event', () => {
  test('a server-sent event is its id, its type and its data', () => {
    expect(sseFrame('event', 'k3f:42', Buffer.from('{"a":1}')).toString()).toBe(
      'id: k3f:42\nevent: event\ndata: {"a":1}\n\n',
    );
  });

  test('a server-sent event has no id line without an id', () => {
    expect(sseFrame('gap', undefined, Buffer.from('{}')).toString()).toBe('event: gap\ndata: {}\n\n');
  });

  test.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])('a server-sent event carries JSON with line breaks of %s', (_, lineBreak) => {
    const json = { a: [1, 'two\nlines\r', { b: 'é手' }], c: null };
    const text = JSON.stringify(json, null, 2).replaceAll('\n', lineBreak);
    const [event, ...more] = parseEventStream(sseFrame('event', 'e:1', Buffer.from(text)).toString());
    expect(more).toEqual([]);
    expect(event).toMatchObject({ type: 'event', lastEventId: 'e:1' });
    expect(JSON.parse(event!.data)).toEqual(json);
  });

  test('a server-sent event carries any JSON with any breaks between its tokens, one event after the other', () => {
    const written = fc.tuple(
      fc.json(),
      fc.constantFrom(' ', '  ', '\t'),
      fc.constantFrom('\n', '\r', '\r\n', '\n\r'),
    );
    fc.assert(
      fc.property(fc.array(written, { maxLength: 5 }), (documents) => {
        const frames = documents.map(([json, indent, lineBreak], i) => {
          const text = JSON.stringify(JSON.parse(json), null, indent).replaceAll('\n', lineBreak) + lineBreak;
          return sseFrame('event', `e:${i}`, Buffer.from(text)).toString();
        });
        const events = parseEventStream(frames.join(''));
        expect(events.map(({ data }) => JSON.stringify(JSON.parse(data)))).toEqual(
          documents.map(([json]) => JSON.stringify(JSON.parse(json))),
        );
        expect(events.map(({ lastEventId }) => lastEventId)).toEqual(documents.map((_, i) => `e:${i}`));
      }),
    );
  });
});
