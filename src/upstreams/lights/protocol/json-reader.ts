/** One JSON object of a stream of bytes, in whatever pieces it comes. It never sees a socket. */

export type RefusalReason = 'too-large' | 'not-json' | 'incomplete';

/** The bytes are no message of pycom. */
export class ReaderError extends Error {
  override readonly name = 'ReaderError';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason) {
    super(`the message is ${reason}`);
    this.reason = reason;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Finds the end of the object by its braces, so that a sender that keeps its connection open is understood as well.
 * Bytes outside ASCII are never part of the structure in UTF-8: they need no decoding here.
 */
export class JsonReader {
  readonly #maxBytes: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * The object's bytes once it is complete, from brace to brace; undefined before. Not to be called after that.
   *
   * @throws ReaderError
   */
  push(chunk: Buffer): Buffer | undefined {
    let start = 0;
    if (this.#depth === 0) {
      while (WHITE_SPACE.has(chunk[start] ?? 0)) start += 1;
      // White space is bounded too.
      this.#count(start);
      if (start === chunk.length) return undefined;
      if (chunk[start] !== OPEN_BRACE) throw new ReaderError('not-json');
    }
    const end = this.#scan(chunk, start);
    const part = chunk.subarray(start, end);
    this.#count(part.length);
    this.#chunks.push(part);
    return end === undefined ? undefined : Buffer.concat(this.#chunks);
  }

  /** The stream has ended before the object was complete. */
  end(): ReaderError {
    return new ReaderError('incomplete');
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#maxBytes) throw new ReaderError('too-large');
  }

  /** Where the object ends in the chunk; undefined when it does not. */
  #scan(chunk: Buffer, start: number): number | undefined {
    for (let at = start; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (this.#isInString) this.#inString(byte);
      else if (byte === QUOTE) this.#isInString = true;
      else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth += 1;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        this.#depth -= 1;
        if (this.#depth === 0) return at + 1;
      }
    }
    return undefined;
  }

  #inString(byte: number | undefined): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInString = false;
  }
}
