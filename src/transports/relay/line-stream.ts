import { constants } from 'node:http2';
import type { Http2Stream } from 'node:http2';
import { Duplex } from 'node:stream';

/** What a connection through a line has as its peer's address. It is no address: none can be mistaken for it. */
export const RELAY_PEER = 'relay';

/** Whether a connection came through a relay. */
export function isThroughRelay(socket: unknown): boolean {
  return socket instanceof LineStream;
}

/** The stream ended without an end: the line was cut, or the other side gave up. */
export class BrokenStreamError extends Error {
  readonly code = 'ECONNRESET';
  /** The code of RST_STREAM. */
  readonly rstCode: number;

  constructor(rstCode: number, cause?: Error) {
    super(`the stream through the relay broke (${rstCode})`, { cause });
    this.rstCode = rstCode;
  }
}

/** Milliseconds for the other side to end a stream that nobody reads any more. */
const SOFT_END_MS = 1000;

type WriteCallback = (error?: Error | null) => void;

/**
 * One connection through a line, as a socket: `node:http` must not be given the HTTP/2 stream itself, whose handle it
 * would take over. Bytes are read as somebody reads them, so at most a window of them waits.
 */
export class LineStream extends Duplex {
  readonly remoteAddress = RELAY_PEER;
  /** The other side of a relay has TLS or not; `X-Forwarded-Proto` tells. */
  readonly encrypted = false;
  readonly #stream: Http2Stream;
  readonly #isSoft: boolean;
  #hasEnded = false;
  /** Of the write that is on its way. */
  #written: WriteCallback | undefined;
  #sentBytes = 0;
  #receivedBytes = 0;
  #timeoutMs = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param release `soft`: a stream that is given up is ended, and reset only when the other side does not end it as
   *   well. Servers count resets, and end the line of whoever resets too many.
   */
  constructor(stream: Http2Stream, release: 'reset' | 'soft' = 'reset') {
    super({ allowHalfOpen: true });
    this.#stream = stream;
    this.#isSoft = release === 'soft';
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.pause();
    stream.on('end', () => this.#onEnd());
    stream.on('error', (error) => this.destroy(new BrokenStreamError(stream.rstCode, error)));
    stream.on('close', () => this.#onClose());
  }

  /** As of `net.Socket`: what waits to be sent is included. */
  get bytesWritten(): number {
    return this.#sentBytes + this.writableLength;
  }

  get bytesRead(): number {
    return this.#receivedBytes;
  }

  /** As of `net.Socket`: emits `timeout` after so many milliseconds in which nothing moved; 0 is never. */
  setTimeout(milliseconds: number, listener?: () => void): this {
    this.#timeoutMs = milliseconds;
    if (listener !== undefined) this.once('timeout', listener);
    this.#restartTimer();
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: WriteCallback): void {
    this.#timer?.refresh();
    this.#written = done;
    this.#stream.write(chunk, (error) => {
      if (error == null) this.#sentBytes += chunk.length;
      this.#settleWrite(error);
    });
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: WriteCallback): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: WriteCallback): void {
    if (!this.#stream.destroyed && !this.#stream.closed) this.#stream.end();
    done();
  }

  override _destroy(error: Error | null, done: WriteCallback): void {
    clearTimeout(this.#timer);
    if (this.#isSoft) this.#endSoftly();
    // RST_STREAM, where either side is still open.
    else this.#stream.close(error === null ? constants.NGHTTP2_NO_ERROR : constants.NGHTTP2_CANCEL);
    this.#settleWrite(new BrokenStreamError(this.#stream.rstCode));
    done(error);
  }

  #onData(chunk: Buffer): void {
    this.#timer?.refresh();
    this.#receivedBytes += chunk.length;
    if (!this.push(chunk)) this.#stream.pause();
  }

  #onEnd(): void {
    this.#hasEnded = true;
    this.push(null);
  }

  /** A cut closes streams without an error: only an end tells that nothing is missing. */
  #onClose(): void {
    if (this.destroyed || (this.#hasEnded && this.writableFinished)) return;
    if (!this.#hasEnded) this.destroy(new BrokenStreamError(this.#stream.rstCode));
    // Nothing can be sent any more; what came is whole, and may still be read.
    else if (this.readableEnded) this.destroy();
    else this.once('end', () => this.destroy());
  }

  #endSoftly(): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.closed) return;
    stream.removeAllListeners('data');
    stream.resume();
    stream.end();
    const timer = setTimeout(() => stream.close(constants.NGHTTP2_CANCEL), SOFT_END_MS);
    stream.once('close', () => clearTimeout(timer));
  }

  /** A stream that closes may never call back. */
  #settleWrite(error?: Error | null): void {
    const done = this.#written;
    this.#written = undefined;
    done?.(error);
  }

  #restartTimer(): void {
    clearTimeout(this.#timer);
    this.#timer =
      this.#timeoutMs > 0 && !this.destroyed
        ? setTimeout(() => this.emit('timeout'), this.#timeoutMs).unref()
        : undefined;
  }
}
