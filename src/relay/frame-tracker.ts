const CLOSE_OPCODE = 8;
/** A frame that is no larger is held until it is whole. */
const MAX_HELD_BYTES = 64 * 1024;

interface FrameHead {
  readonly opcode: number;
  /** Of the whole frame, in bytes. */
  readonly size: number;
}

/**
 * Follows the frames of a WebSocket (RFC 6455, 5.2) that are passed on as they are, so that a close frame can be put
 * behind a whole one when the other side is lost. Never saw a socket.
 */
export class FrameTracker {
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of a large frame that has begun to be passed on. */
  #missing = 0;
  #hasClosed = false;

  /** Whether another frame may follow what was passed on. */
  get isAtBoundary(): boolean {
    return this.#missing === 0;
  }

  /** A close frame was passed on: nothing may follow it. */
  get hasClosed(): boolean {
    return this.#hasClosed;
  }

  /** What may be passed on now; perhaps nothing. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    let at = Math.min(this.#missing, bytes.length);
    this.#missing -= at;
    while (at < bytes.length) {
      const head = headAt(bytes, at);
      if (head === undefined) break;
      const available = bytes.length - at;
      if (available < head.size && head.size <= MAX_HELD_BYTES) break;
      if (head.opcode === CLOSE_OPCODE) this.#hasClosed = true;
      this.#missing = Math.max(0, head.size - available);
      at += Math.min(head.size, available);
    }
    this.#held = bytes.subarray(at);
    return bytes.subarray(0, at);
  }
}

/** Undefined when the head is not there yet. */
function headAt(bytes: Buffer, at: number): FrameHead | undefined {
  const [first, second] = bytes.subarray(at, at + 2);
  if (first === undefined || second === undefined) return undefined;
  const length = second & 0x7f;
  const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
  const headSize = 2 + extended + ((second & 0x80) === 0 ? 0 : 4);
  if (bytes.length - at < 2 + extended) return undefined;
  const payload =
    extended === 0
      ? length
      : extended === 2
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2));
  return { opcode: first & 0x0f, size: headSize + payload };
}

/** An unmasked close frame. */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason).subarray(0, 123);
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x80 | CLOSE_OPCODE;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  frame.set(text, 4);
  return frame;
}
