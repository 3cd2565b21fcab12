import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  encodeFrame,
  FrameDecoder,
  FrameError,
  FrameType,
} from '../../../src/upstreams/rcsp/protocol/frame.js';
import type { FrameErrorKind } from '../../../src/upstreams/rcsp/protocol/frame.js';
import { encodeCommand } from '../../../src/upstreams/rcsp/protocol/message.js';

/** Literal bytes, after the specification's `struct header` and its examples. Blanks are for the reader. */
function bytes(literal: string): Buffer {
  return Buffer.from(literal.replace(/\s/g, ''), 'hex');
}

/** `{"Status":"Ok","TrackId":"MyTrackId42"}`: the specification's last example, as response_ok of 39 bytes. */
const OK_EXAMPLE = bytes(`
  dc 01 08 02 27000000
  7b22537461747573223a224f6b222c22
  547261636b4964223a224d7954726163
  6b49643432227d
`);
/** `{}` as an event. */
const EMPTY_EVENT = bytes('dc 01 08 04 02000000 7b7d');

interface Frame {
  readonly type: number;
  readonly payload: string;
}

/** Copies what it hears, as every receiver must. */
function collect(limit?: number): { decoder: FrameDecoder; frames: Frame[] } {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder(
    (type, payload) => frames.push({ type, payload: payload.toString() }),
    limit,
  );
  return { decoder, frames };
}

function faultOf(read: () => void): FrameErrorKind | undefined {
  try {
    read();
  } catch (error) {
    if (error instanceof FrameError) return error.kind;
    throw error;
  }
  return undefined;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the encoder', () => {
  test("writes the specification's header, its size little-endian, before the payload", () => {
    expect(encodeFrame(FrameType.event, '{}')).toEqual(EMPTY_EVENT);
    expect(encodeFrame(FrameType.responseOk, '{"Status":"Ok","TrackId":"MyTrackId42"}')).toEqual(OK_EXAMPLE);
  });

  test('writes a command as rcsp_cmd', () => {
    const command = encodeCommand({
      Command: 'Subscribe',
      TrackId: 'MyTrackId42',
      Version: 1,
      Arguments: { Publishers: [{ Publisher: 'Logs', Topics: ['Warning'] }] },
    });
    expect(command).toEqual(
      bytes(`
        dc 01 08 01 82000000
        7b22436f6d6d616e64223a2253756273
        6372696265222c22547261636b496422
        3a224d79547261636b49643432222c22
        56657273696f6e223a312c2241726775
        6d656e7473223a7b225075626c697368
        657273223a5b7b225075626c69736865
        72223a224c6f6773222c22546f706963
        73223a5b225761726e696e67225d7d5d
        7d7d
      `),
    );
  });

  test('the encoder counts bytes of UTF-8, not characters', () => {
    expect(encodeFrame(FrameType.event, '"é😀"')).toEqual(bytes('dc 01 08 04 08000000 22 c3a9 f09f9880 22'));
  });

  test('the encoder takes bytes as they are', () => {
    expect(encodeFrame(FrameType.responseError, bytes('ff00'))).toEqual(bytes('dc 01 08 03 02000000 ff00'));
  });

  test('the encoder spreads a size over four bytes', () => {
    const header = encodeFrame(FrameType.command, Buffer.alloc(0x010203)).subarray(0, 8);
    expect(header).toEqual(bytes('dc 01 08 01 03020100'));
  });
});

describe('the decoder', () => {
  test.each(Array.from({ length: OK_EXAMPLE.length - 1 }, (_, i) => i + 1))(
    'reads a frame that is cut after byte %i',
    (cut) => {
      const { decoder, frames } = collect();
      decoder.push(OK_EXAMPLE.subarray(0, cut));
      expect(frames).toEqual([]);
      expect(decoder.idle).toBe(false);
      decoder.push(OK_EXAMPLE.subarray(cut));
      expect(frames).toEqual([{ type: 2, payload: '{"Status":"Ok","TrackId":"MyTrackId42"}' }]);
      expect(decoder.idle).toBe(true);
    },
  );

  test('reads frames whose bytes come singly', () => {
    const { decoder, frames } = collect();
    for (const byte of Buffer.concat([EMPTY_EVENT, OK_EXAMPLE])) decoder.push(Buffer.of(byte));
    expect(frames.map(({ type }) => type)).toEqual([4, 2]);
    expect(frames[1]?.payload).toBe('{"Status":"Ok","TrackId":"MyTrackId42"}');
  });

  test('reads many frames of one chunk in their order', () => {
    const { decoder, frames } = collect();
    decoder.push(Buffer.concat([EMPTY_EVENT, OK_EXAMPLE, EMPTY_EVENT, EMPTY_EVENT]));
    expect(frames.map(({ type }) => type)).toEqual([4, 2, 4, 4]);
  });

  test('the decoder hands out empty payloads at once, wherever the chunk ends', () => {
    const { decoder, frames } = collect();
    decoder.push(bytes('dc 01 08 02 00000000'));
    expect(frames).toEqual([{ type: 2, payload: '' }]);
    decoder.push(bytes('dc 01 08 02 00000000 dc 01 08 04 0000'));
    decoder.push(bytes('0000'));
    expect(frames.map(({ type }) => type)).toEqual([2, 2, 4]);
    expect(decoder.idle).toBe(true);
  });

  test('the decoder hands out types that the specification does not know', () => {
    const { decoder, frames } = collect();
    decoder.push(bytes('dc 01 08 09 02000000 7b7d'));
    expect(frames).toEqual([{ type: 9, payload: '{}' }]);
  });

  test.each([1, 2, 5, 8, 9, 10, 11, 12, 13, 14, 15])(
    'the decoder skips the trailing bytes of a header of 11, cut after byte %i',
    (cut) => {
      const { decoder, frames } = collect();
      const stream = Buffer.concat([bytes('dc 01 0b 04 02000000 eeeeee 7b7d'), EMPTY_EVENT]);
      decoder.push(stream.subarray(0, cut));
      decoder.push(stream.subarray(cut));
      expect(frames).toEqual([
        { type: 4, payload: '{}' },
        { type: 4, payload: '{}' },
      ]);
    },
  );

  test('the decoder skips trailing bytes singly, also before an empty payload', () => {
    const { decoder, frames } = collect();
    const stream = Buffer.concat([bytes('dc 01 0a 02 00000000 dcdc'), EMPTY_EVENT]);
    for (const byte of stream) decoder.push(Buffer.of(byte));
    expect(frames).toEqual([
      { type: 2, payload: '' },
      { type: 4, payload: '{}' },
    ]);
  });

  const faults: [FrameErrorKind, string, number][] = [
    ['marker', 'dd 01 08 02 02000000 7b7d', 1],
    ['header-version', 'dc 02 08 02 02000000 7b7d', 2],
    ['header-version', 'dc 00 08 02 02000000 7b7d', 2],
    ['header-size', 'dc 01 07 02 02000000 7b7d', 3],
    ['header-size', 'dc 01 00 02 02000000 7b7d', 3],
    ['payload-size', 'dc 01 08 02 11000000 7b7d', 8],
    ['payload-size', 'dc 01 08 02 00000001 7b7d', 8],
    ['payload-size', 'dc 01 08 02 ffffffff 7b7d', 8],
  ];

  test.each(faults)('the decoder refuses a wrong %s (%s) after the frames before it', (kind, literal) => {
    const { decoder, frames } = collect(16);
    expect(faultOf(() => decoder.push(Buffer.concat([EMPTY_EVENT, bytes(literal)])))).toBe(kind);
    expect(frames).toEqual([{ type: 4, payload: '{}' }]);
  });

  test.each(faults)(
    'the decoder refuses a wrong %s (%s) at the first byte that tells, when bytes come singly',
    (kind, literal, at) => {
      const { decoder } = collect(16);
      const stream = bytes(literal);
      for (const byte of stream.subarray(0, at - 1)) decoder.push(Buffer.of(byte));
      expect(faultOf(() => decoder.push(stream.subarray(at - 1, at)))).toBe(kind);
    },
  );

  test('the decoder takes a payload of exactly the limit', () => {
    const { decoder, frames } = collect(2);
    decoder.push(EMPTY_EVENT);
    expect(frames).toHaveLength(1);
  });

  test('the decoder has 16 MiB as its limit', () => {
    expect(faultOf(() => collect().decoder.push(bytes('dc 01 08 02 00000001')))).toBeUndefined();
    expect(faultOf(() => collect().decoder.push(bytes('dc 01 08 02 01000001')))).toBe('payload-size');
  });

  test('the decoder allocates nothing for a payload over the limit', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const { decoder } = collect(1000);
    expect(faultOf(() => decoder.push(bytes('dc 01 08 02 e9030000 7b7d')))).toBe('payload-size');
    expect(allocate).not.toHaveBeenCalled();
  });

  test('the decoder hands out a frame of one chunk as a view of it', () => {
    const chunk = Buffer.concat([EMPTY_EVENT, OK_EXAMPLE]);
    const payloads: Buffer[] = [];
    new FrameDecoder((_, payload) => payloads.push(payload)).push(chunk);
    expect(payloads.map((each) => each.buffer === chunk.buffer)).toEqual([true, true]);
    expect(payloads.map((each) => each.byteOffset - chunk.byteOffset)).toEqual([8, 18]);
  });

  test('the decoder hands out a payload that one chunk holds as a view, although its header came before', () => {
    const payloads: Buffer[] = [];
    const decoder = new FrameDecoder((_, payload) => payloads.push(payload));
    const rest = Buffer.from(OK_EXAMPLE.subarray(8));
    decoder.push(OK_EXAMPLE.subarray(0, 8));
    decoder.push(rest);
    expect(payloads[0]?.buffer).toBe(rest.buffer);
  });

  test('the decoder assembles a cut payload in one buffer of its own size', () => {
    const allocate = vi.spyOn(Buffer, 'allocUnsafeSlow');
    const { decoder, frames } = collect();
    for (let at = 0; at < OK_EXAMPLE.length; at += 5) decoder.push(OK_EXAMPLE.subarray(at, at + 5));
    expect(frames).toHaveLength(1);
    expect(allocate.mock.calls).toEqual([[39]]);
  });

  test('the decoder is between frames when its handler throws', () => {
    const frames: number[] = [];
    const decoder = new FrameDecoder((type) => {
      frames.push(type);
      if (frames.length === 1) throw new Error('from the handler');
    });
    expect(() => decoder.push(EMPTY_EVENT)).toThrow('from the handler');
    decoder.push(OK_EXAMPLE);
    expect(frames).toEqual([4, 2]);
  });

  test('the decoder finds the same frames in any grouping of their bytes', () => {
    // One to four bytes of UTF-8 each; U+00DC is the marker's number.
    const unit = fc.constantFrom('\u0000', 'a', '{', '\u00dc', '€', '😀');
    const frame = fc.record({
      type: fc.integer({ min: 0, max: 255 }),
      payload: fc.string({ unit, maxLength: 60 }),
      trailing: fc.uint8Array({ maxLength: 12 }),
    });
    const groups = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), groups, (sent, sizes) => {
        const stream = Buffer.concat(sent.map(toBytes));
        const { decoder, frames } = collect();
        for (const chunk of cut(stream, sizes)) decoder.push(chunk);
        expect(frames).toEqual(sent.map(({ type, payload }) => ({ type, payload })));
        expect(decoder.idle).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

function toBytes({ type, payload, trailing }: Frame & { trailing: Uint8Array }): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(0xdc, 0);
  header.writeUInt8(1, 1);
  header.writeUInt8(8 + trailing.length, 2);
  header.writeUInt8(type, 3);
  header.writeUInt32LE(Buffer.byteLength(payload), 4);
  return Buffer.concat([header, trailing, Buffer.from(payload)]);
}

/** Chunks of these sizes, over and over, until the stream is used up. */
function cut(stream: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < stream.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    chunks.push(stream.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
