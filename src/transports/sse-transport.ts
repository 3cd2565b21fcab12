import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { formatCursor } from '../wire/cursor.js';
import type { Cursor } from '../wire/cursor.js';
import type { Framing } from '../events/delivery.js';
import { printableLine } from '../util/printable.js';
import { chunkedSseFraming, LAST_CHUNK, sseFraming } from './framing.js';
import type { Transport, TransportListener } from './transport.js';

/** Milliseconds after which a browser that lost its stream comes back. */
const RETRY_MS = 2000;
/** Milliseconds for the last bytes to leave. */
const CLOSE_MS = 2000;

/**
 * A client of server-sent events. The answer is chunked in HTTP/1.1, so that clients which read by chunks (Python's
 * requests) get each event at once; in HTTP/1.0 it ends with the connection.
 */
export class SseTransport implements Transport {
  readonly kind = 'sse';
  readonly framing: Framing;
  readonly #isChunked: boolean;
  readonly answeredAt = undefined;
  readonly #response: ServerResponse;
  readonly #tcp: Socket;
  readonly #listener: TransportListener;
  readonly #onStart: () => void;
  #closing: NodeJS.Timeout | undefined;

  /** @param onStart called before the head is written: the response is this transport's from then on */
  constructor(response: ServerResponse, tcp: Socket, listener: TransportListener, onStart: () => void) {
    this.#response = response;
    this.#isChunked = response.req.httpVersion === '1.1';
    this.framing = this.#isChunked ? chunkedSseFraming : sseFraming;
    this.#tcp = tcp;
    this.#listener = listener;
    this.#onStart = onStart;
  }

  get isFree(): boolean {
    return !this.#tcp.writableNeedDrain;
  }

  get pendingBytes(): number {
    return this.#tcp.writableLength;
  }

  get takenBytes(): number {
    return this.#tcp.bytesWritten - this.#tcp.writableLength;
  }

  /** Writes the head of the answer, and the remarks as comments; events follow. */
  start(place: Cursor | undefined, remarks: readonly string[]): void {
    this.#onStart();
    const raw = this.#response;
    raw.useChunkedEncodingByDefault = false;
    raw.shouldKeepAlive = false;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      ...(this.#isChunked && { 'transfer-encoding': 'chunked' }),
    });
    raw.flushHeaders();
    this.#tcp.setNoDelay(true);
    this.#tcp.on('drain', this.#listener.onFree);
    const id = place === undefined ? '' : `id: ${formatCursor(place)}\n`;
    // A name may hold a line end, which would end the comment.
    const comments = remarks.map((each) => `: ${printableLine(each).replaceAll('\r', '')}\n`).join('');
    this.write(this.framing.batch([Buffer.from(`${comments}${id}retry: ${RETRY_MS}\n\n`)]));
  }

  write(batch: readonly Buffer[]): void {
    if (this.#tcp.destroyed) return;
    for (const bytes of batch) this.#tcp.write(bytes);
  }

  /** Messages other than events are rare here. */
  corkUntilNextTick(): void {
    return undefined;
  }

  /** The stream just ends: there is no code to give. */
  close(): void {
    if (this.#isChunked) this.#tcp.write(LAST_CHUNK);
    this.#tcp.end();
    this.#closing ??= setTimeout(() => this.#tcp.destroy(), CLOSE_MS);
  }

  /** The connection is gone. */
  end(): void {
    clearTimeout(this.#closing);
  }

  /** A comment keeps the connection open where nothing else is on its way. */
  ping(): void {
    if (this.isFree) this.write(this.framing.batch([KEEP_OPEN]));
  }

  terminate(): void {
    this.#tcp.destroy();
  }
}

const KEEP_OPEN = Buffer.from(': still here\n\n');
