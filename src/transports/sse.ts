import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Client } from './clients.js';
import { sseFrame } from './framing.js';
import { formatCursor } from '../events/journal.js';
import type { Cursor } from '../events/journal.js';
import type { Sink, Subscriber } from '../events/subscriber.js';

/** Milliseconds after which a browser that lost its stream comes back. */
const RETRY_MS = 2000;
/** Milliseconds for the last bytes to leave. */
const CLOSE_MS = 2000;

/** Frames of messages that are no events carry their `op` as the type. */
function typeOf(message: object): string {
  return 'op' in message && typeof message.op === 'string' ? message.op : 'event';
}

/**
 * A client of server-sent events. The answer has no length and is not chunked: it ends with the connection, so
 * that the same bytes can go to every client.
 */
export class SseSink implements Sink {
  readonly format = 'sse';
  readonly #reply: FastifyReply;
  readonly #tcp: Socket;
  readonly #onFree: () => void;
  #closing: NodeJS.Timeout | undefined;

  constructor(request: FastifyRequest, reply: FastifyReply, onFree: () => void) {
    this.#reply = reply;
    this.#tcp = request.raw.socket;
    this.#onFree = onFree;
  }

  get isFree(): boolean {
    return !this.#tcp.writableNeedDrain;
  }

  get pendingBytes(): number {
    return this.#tcp.writableLength;
  }

  /** The head of the answer; events follow. `place` is where a client that hears none of them comes back to. */
  start(place: Cursor | undefined): void {
    const { raw } = this.#reply.hijack();
    // What the hooks have set: who may read it, what it is called.
    for (const [name, value] of Object.entries(this.#reply.getHeaders())) {
      if (value !== undefined) raw.setHeader(name, value);
    }
    raw.useChunkedEncodingByDefault = false;
    raw.shouldKeepAlive = false;
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.flushHeaders();
    this.#tcp.setNoDelay(true);
    this.#tcp.on('drain', this.#onFree);
    const id = place === undefined ? '' : `id: ${formatCursor(place)}\n`;
    this.write(Buffer.from(`${id}retry: ${RETRY_MS}\n\n`));
  }

  write(bytes: Buffer): void {
    if (!this.#tcp.destroyed) this.#tcp.write(bytes);
  }

  /** Messages other than events are rare here. */
  gather(): void {
    return undefined;
  }

  frame(message: object): Buffer {
    return sseFrame(typeOf(message), undefined, Buffer.from(JSON.stringify(message)));
  }

  /** The stream just ends: there is no code to give. */
  close(): void {
    this.#tcp.end();
    this.#closing ??= setTimeout(() => this.#tcp.destroy(), CLOSE_MS);
  }

  /** The connection is gone. */
  end(): void {
    clearTimeout(this.#closing);
  }

  asClient(subscriber: Subscriber, isWelcome: () => boolean): Client {
    const tcp = this.#tcp;
    return {
      subscriber,
      get takenBytes() {
        return tcp.bytesWritten - tcp.writableLength;
      },
      answeredAt: undefined,
      get isWelcome() {
        return isWelcome();
      },
      ping: () => {
        if (subscriber.waitingBytes === 0 && this.isFree) this.write(KEEP_OPEN);
      },
      dismiss: (code, reason) => subscriber.close(code, reason),
      terminate: () => tcp.destroy(),
    };
  }
}

const KEEP_OPEN = Buffer.from(': still here\n\n');
