/**
 * RCSP frames: an 8-byte header, then the payload.
 *
 *   byte 0   marker          0xDC
 *   byte 1   header version  1
 *   byte 2   header size     8; larger means trailing header bytes to skip
 *   byte 3   payload type    1 command, 2 response_ok, 3 response_error, 4 event
 *   byte 4   payload size    uint32, little-endian: bytes of UTF-8 JSON that follow
 */

export const MARKER = 0xdc;
export const HEADER_VERSION = 1;
export const HEADER_SIZE = 8;

/** 16 MiB, the default bound of a payload. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

export const FrameType = {
  command: 1,
  responseOk: 2,
  responseError: 3,
  event: 4,
} as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Why the bytes cannot be read on: none of these can be resynchronised. */
export type FrameErrorKind = 'marker' | 'header-version' | 'header-size' | 'payload-size';

/** The stream is lost: its owner closes the connection. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly kind: FrameErrorKind;

  constructor(kind: FrameErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** One frame in one allocation, ready to be written. `payload` is JSON text or its UTF-8 bytes. */
export function encodeFrame(type: FrameType, payload: string | Uint8Array): Buffer {
  const size = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const frame = Buffer.allocUnsafe(HEADER_SIZE + size);
  frame[0] = MARKER;
  frame[1] = HEADER_VERSION;
  frame[2] = HEADER_SIZE;
  frame[3] = type;
  frame.writeUInt32LE(size, 4);
  if (typeof payload === 'string') frame.write(payload, HEADER_SIZE);
  else frame.set(payload, HEADER_SIZE);
  return frame;
}

/** The frames of several payloads, JSON texts, in one allocation. */
export function encodeFrames(type: FrameType, payloads: readonly string[]): Buffer {
  let size = 0;
  for (const payload of payloads) size += HEADER_SIZE + Buffer.byteLength(payload);
  const frames = Buffer.allocUnsafe(size);
  let at = 0;
  for (const payload of payloads) {
    const length = frames.write(payload, at + HEADER_SIZE);
    frames[at] = MARKER;
    frames[at + 1] = HEADER_VERSION;
    frames[at + 2] = HEADER_SIZE;
    frames[at + 3] = type;
    frames.writeUInt32LE(length, at + 4);
    at += HEADER_SIZE + length;
  }
  return frames;
}

/**
 * Called once per frame, in order. `type` is any byte: unknown types keep the framing intact and are the
 * receiver's to judge. `payload` may be a view of the chunk: copy what must outlive the call.
 */
export type FrameHandler = (type: number, payload: Buffer) => void;

/**
 * Finds frames in bytes that arrive in any grouping. Never saw a socket.
 *
 * A frame that lies within one chunk is handed out as a view of it, uncopied. A frame that chunk boundaries
 * cut is assembled in one buffer of its own size: every byte is copied once at most. Payloads over
 * `maxPayloadBytes` are refused before anything is allocated for them.
 *
 * After a `FrameError` the decoder is spent.
 */
export class FrameDecoder {
  readonly #maxPayloadBytes: number;
  readonly #onFrame: FrameHandler;
  /** Header bytes of a header that a chunk boundary cut. */
  readonly #header = Buffer.alloc(HEADER_SIZE);
  #headerFilled = 0;
  /** Trailing bytes of a header larger than ours, still to be skipped. */
  #skip = 0;
  /** The payload that a chunk boundary cut, and how much of it is there. */
  #payload: Buffer | undefined;
  #payloadFilled = 0;
  #type = 0;
  #size = 0;
  #inPayload = false;

  constructor(onFrame: FrameHandler, maxPayloadBytes = DEFAULT_MAX_PAYLOAD_BYTES) {
    this.#onFrame = onFrame;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** True between frames: nothing is half read. */
  get idle(): boolean {
    return !this.#inPayload && this.#headerFilled === 0;
  }

  /** @throws FrameError when the bytes are not RCSP; frames before the fault have been handed out. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      at = this.#inPayload ? this.#readPayload(chunk, at) : this.#readHeader(chunk, at);
      // A payload of no bytes is complete without another chunk.
      if (this.#inPayload && this.#size === 0 && this.#skip === 0) this.#emit(chunk.subarray(0, 0));
    }
  }

  #readHeader(chunk: Buffer, at: number): number {
    if (this.#headerFilled === 0 && chunk.length - at >= HEADER_SIZE) {
      this.#openFrame(chunk, at);
      return at + HEADER_SIZE;
    }
    const end = Math.min(chunk.length, at + HEADER_SIZE - this.#headerFilled);
    chunk.copy(this.#header, this.#headerFilled, at, end);
    this.#headerFilled += end - at;
    this.#checkHeader(this.#header, 0, this.#headerFilled);
    if (this.#headerFilled === HEADER_SIZE) this.#openFrame(this.#header, 0);
    return end;
  }

  /** Refuses a bad header at its first bad byte: a peer that is not RCSP must not leave us waiting. */
  #checkHeader(bytes: Buffer, at: number, filled: number): void {
    if (filled > 0 && bytes[at] !== MARKER) {
      throw new FrameError('marker', `expected marker 0xdc, got 0x${hex(bytes[at])}`);
    }
    if (filled > 1 && bytes[at + 1] !== HEADER_VERSION) {
      throw new FrameError('header-version', `unknown header version ${bytes[at + 1]}`);
    }
    if (filled > 2 && (bytes[at + 2] ?? 0) < HEADER_SIZE) {
      throw new FrameError('header-size', `header size ${bytes[at + 2]} is below ${HEADER_SIZE}`);
    }
  }

  #openFrame(bytes: Buffer, at: number): void {
    this.#checkHeader(bytes, at, HEADER_SIZE);
    const size = bytes.readUInt32LE(at + 4);
    if (size > this.#maxPayloadBytes) {
      throw new FrameError('payload-size', `payload of ${size} bytes is over ${this.#maxPayloadBytes}`);
    }
    this.#headerFilled = 0;
    this.#skip = bytes.readUInt8(at + 2) - HEADER_SIZE;
    this.#type = bytes.readUInt8(at + 3);
    this.#size = size;
    this.#payloadFilled = 0;
    this.#inPayload = true;
  }

  #readPayload(chunk: Buffer, at: number): number {
    const start = at + Math.min(this.#skip, chunk.length - at);
    this.#skip -= start - at;
    const end = Math.min(chunk.length, start + this.#size - this.#payloadFilled);
    if (this.#payload === undefined && end - start === this.#size && this.#size > 0) {
      this.#emit(chunk.subarray(start, end));
    } else if (end > start) {
      this.#fill(chunk, start, end);
    }
    return end;
  }

  #fill(chunk: Buffer, start: number, end: number): void {
    const payload = (this.#payload ??= Buffer.allocUnsafeSlow(this.#size));
    chunk.copy(payload, this.#payloadFilled, start, end);
    this.#payloadFilled += end - start;
    if (this.#payloadFilled === this.#size) this.#emit(payload);
  }

  /** Leaves the frame before handing it out: the handler may throw or push again. */
  #emit(payload: Buffer): void {
    this.#inPayload = false;
    this.#payload = undefined;
    this.#onFrame(this.#type, payload);
  }
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
