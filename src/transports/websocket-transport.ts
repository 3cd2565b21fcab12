import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { CLOSE } from '../events/subscriber.js';
import { pingFrame, webSocketFraming } from './framing.js';
import type { Transport, TransportListener } from './transport.js';

type UpgradedSocket = Pick<WebSocket, 'readyState' | 'OPEN' | 'on' | 'close' | 'terminate'>;

/** Milliseconds for the closing handshake. */
const CLOSE_MS = 2000;
/** Pings of a client that are answered in so many milliseconds. */
const MAX_PINGS = 60;
const PING_BURST_MS = 1000;
/** Where only the newest event matters, little may wait where it cannot be replaced: in the kernel, on the way. */
const NEWEST_WINDOW_BYTES = 16 * 1024;

/**
 * A WebSocket client's connection. Its frames are ready and go straight to the upgraded socket, which is sound
 * while compression is off (framing.ts).
 *
 * What the kernel and the network hold counts as well: pings among the frames carry how much was sent before
 * them, and a pong says that it arrived. For a client that has never answered one, only Node's own buffer counts.
 */
export class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly framing = webSocketFraming;
  readonly #socket: UpgradedSocket;
  readonly #tcp: Socket;
  readonly #window: number;
  readonly #listener: TransportListener;
  #sent = 0;
  /** `#sent` at the last ping. */
  #marked = 0;
  /** Bytes known to have arrived; undefined before the first pong. */
  #arrived: number | undefined;
  #answeredAt = performance.now();
  #isCorked = false;
  #pings = 0;
  #burstSince = 0;
  #closing: NodeJS.Timeout | undefined;

  constructor(socket: UpgradedSocket, tcp: Socket, maxBytes: number, listener: TransportListener) {
    this.#socket = socket;
    this.#tcp = tcp;
    this.#window = maxBytes / 2;
    this.#listener = listener;
    tcp.on('drain', listener.onFree);
    socket.on('pong', (data) => this.#onPong(data));
    socket.on('ping', () => this.#onPing());
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

  get takenBytes(): number {
    return this.#tcp.bytesWritten - this.#tcp.writableLength + (this.#arrived ?? 0);
  }

  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** The handshake is done already. */
  start(): void {
    return undefined;
  }

  /** A ping that is due leaves in the same write. */
  write(batch: readonly Buffer[]): void {
    for (const bytes of batch) this.#sent += bytes.length;
    const isDue = this.#sent - this.#marked >= this.#pingEvery;
    if (isDue || batch.length > 1) this.#tcp.cork();
    for (const bytes of batch) this.#tcp.write(bytes);
    if (isDue) this.ping();
    if (isDue || batch.length > 1) this.#tcp.uncork();
  }

  /** Corks until the microtasks have run: one answer alone waits for nothing. */
  corkUntilNextTick(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#tcp.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#tcp.uncork();
    });
  }

  /** The pong tells that the client is alive, and how much has arrived. */
  ping(): void {
    this.#marked = this.#sent;
    if (this.#socket.readyState === this.#socket.OPEN) this.#tcp.write(pingFrame(String(this.#sent)));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
    this.#closing ??= setTimeout(() => this.#socket.terminate(), CLOSE_MS);
  }

  /** The connection is gone. */
  end(): void {
    clearTimeout(this.#closing);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  get #limit(): number {
    return this.#listener.wantsNewest() ? NEWEST_WINDOW_BYTES : this.#window;
  }

  /** Fewer while the client keeps up: its last pong came before the next ping was due. */
  get #pingEvery(): number {
    return this.#marked === this.#arrived ? this.#limit / 2 : this.#limit / 4;
  }

  get #onTheWay(): number {
    return this.#arrived === undefined ? 0 : this.#sent - this.#arrived;
  }

  /** Each ping costs a pong: a burst of them closes the connection. */
  #onPing(): void {
    const now = performance.now();
    if (now - this.#burstSince > PING_BURST_MS) {
      this.#burstSince = now;
      this.#pings = 0;
    }
    this.#pings += 1;
    if (this.#pings > MAX_PINGS) this.close(CLOSE.policy, `more than ${MAX_PINGS} pings in a second`);
  }

  #onPong(data: Buffer): void {
    this.#answeredAt = performance.now();
    const arrived = Number(data.toString());
    if (!Number.isSafeInteger(arrived) || arrived < (this.#arrived ?? 0) || arrived > this.#sent) return;
    this.#arrived = arrived;
    this.#listener.onFree();
  }
}
