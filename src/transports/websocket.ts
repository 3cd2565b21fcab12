import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import type { Client } from './clients.js';
import { textFrame } from './framing.js';
import type { Sink, Subscriber } from '../events/subscriber.js';

/** Milliseconds for the closing handshake. */
const CLOSE_MS = 2000;
/** Where only the newest event matters, little may wait where it cannot be replaced: in the kernel, on the way. */
const NEWEST_WINDOW_BYTES = 16 * 1024;

interface SinkListener {
  /** More may be written. */
  readonly onFree: () => void;
  readonly wantsNewest: () => boolean;
}

/**
 * A WebSocket client's connection. Its frames are ready and go straight to the upgraded socket, which is sound
 * while compression is off (events/frame.ts).
 *
 * What the kernel and the network hold counts as well: pings among the frames carry how much was sent before
 * them, and a pong says that it arrived. A client that has never answered one is only judged by Node's own buffer.
 */
export class WebSocketSink implements Sink {
  readonly format = 'websocket';
  readonly #socket: WebSocket;
  readonly #tcp: Socket;
  readonly #window: number;
  readonly #listener: SinkListener;
  #sent = 0;
  /** `#sent` at the last ping. */
  #marked = 0;
  /** Bytes known to have arrived; undefined before the first pong. */
  #arrived: number | undefined;
  #answeredAt = performance.now();
  #isGathering = false;
  #closing: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, tcp: Socket, maxBytes: number, listener: SinkListener) {
    this.#socket = socket;
    this.#tcp = tcp;
    this.#window = maxBytes / 2;
    this.#listener = listener;
    tcp.on('drain', listener.onFree);
    socket.on('pong', (data) => this.#onPong(data));
  }

  get isFree(): boolean {
    if (this.#tcp.writableNeedDrain) return false;
    if (this.#onTheWay < this.#limit) return true;
    // The limit may have shrunk since the last ping was answered: without another one nothing would ever leave.
    if (this.#marked === this.#arrived) this.ping();
    return false;
  }

  get pendingBytes(): number {
    return Math.max(this.#tcp.writableLength, this.#onTheWay);
  }

  write(bytes: Buffer): void {
    this.#sent += bytes.length;
    this.#tcp.write(bytes);
    if (this.#sent - this.#marked >= this.#limit / 4) this.ping();
  }

  /** Until the microtasks have run: one answer alone waits for nothing. */
  gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#tcp.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#tcp.uncork();
    });
  }

  frame(message: object): Buffer {
    return textFrame([Buffer.from(JSON.stringify(message))]);
  }

  /** Asks for a sign of life, which tells how much has arrived. */
  ping(): void {
    this.#marked = this.#sent;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping(String(this.#sent));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.#closing ??= setTimeout(() => this.#socket.terminate(), CLOSE_MS);
  }

  /** The connection is gone. */
  end(): void {
    clearTimeout(this.#closing);
  }

  asClient(subscriber: Subscriber, options: Pick<Client, 'dismiss'> & { isWelcome: () => boolean }): Client {
    const tcp = this.#tcp;
    const answeredAt = (): number => this.#answeredAt;
    const arrived = (): number => this.#arrived ?? 0;
    return {
      subscriber,
      get takenBytes() {
        return tcp.bytesWritten - tcp.writableLength + arrived();
      },
      get answeredAt() {
        return answeredAt();
      },
      get isWelcome() {
        return options.isWelcome();
      },
      ping: () => this.ping(),
      dismiss: (code, reason) => options.dismiss(code, reason),
      terminate: () => this.#socket.terminate(),
    };
  }

  get #limit(): number {
    return this.#listener.wantsNewest() ? NEWEST_WINDOW_BYTES : this.#window;
  }

  get #onTheWay(): number {
    return this.#arrived === undefined ? 0 : this.#sent - this.#arrived;
  }

  #onPong(data: Buffer): void {
    this.#answeredAt = performance.now();
    const arrived = Number(data.toString());
    if (!Number.isSafeInteger(arrived) || arrived < (this.#arrived ?? 0) || arrived > this.#sent) return;
    this.#arrived = arrived;
    this.#listener.onFree();
  }
}
