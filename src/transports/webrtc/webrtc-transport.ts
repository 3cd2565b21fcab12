import { dataChannelFraming, replacementOf } from './data-channel-framing.js';
import type { DataChannel } from './rtc-library.js';
import type { Transport, TransportListener } from '../transport.js';

/** Bytes that may wait outside the SCTP stack before more is held back, and those at which it goes on. */
const HIGH_WATER_BYTES = 64 * 1024;
const LOW_WATER_BYTES = 16 * 1024;
/** Bytes on the way to a client that answers pings. */
const MAX_WINDOW_BYTES = 256 * 1024;
/** Where only the newest event matters, little may wait where it cannot be replaced. */
const NEWEST_WINDOW_BYTES = 16 * 1024;

const PING_MS = 4000;
const CHECK_MS = 1000;
/** Milliseconds of silence after which a client that has ever answered a ping is gone: it is noticed within 10 s. */
const SILENCE_MS = 9000;
/** A ping without an answer for so long was skipped by the client, which answers others. */
const SKIPPED_MS = 8000;
/** Milliseconds for the last messages to arrive. */
const CLOSE_MS = 2000;

const PING = '{"op":"ping"}';
/** A pong with an id and spaces is shorter. */
const MAX_PONG_LENGTH = 300;

interface Mark {
  /** Bytes sent before the ping. */
  readonly sent: number;
  readonly at: number;
}

/**
 * A data channel of a client. `bufferedAmount` counts only what the SCTP stack has not taken, so that a client which
 * answers pings is also held to a window: messages are ordered, and an answer tells that everything before its ping
 * has arrived. A ping has no id (RTCBot peers see it as a message): answers come in the order of the pings.
 */
export class WebRtcTransport implements Transport {
  readonly kind = 'webrtc';
  readonly framing = dataChannelFraming;
  /** Liveness is checked here, not by the sweep of all clients. */
  readonly answeredAt = undefined;
  readonly #channel: DataChannel;
  readonly #window: number;
  readonly #maxMessageBytes: number;
  readonly #listener: TransportListener;
  readonly #closePeer: () => void;
  readonly #check: NodeJS.Timeout;
  readonly #marks: Mark[] = [];
  #sent = 0;
  /** `#sent` at the last ping. */
  #marked = 0;
  #pingedAt = performance.now();
  /** Bytes known to have arrived; undefined before the first answer. */
  #arrived: number | undefined;
  #heardAt = 0;
  #isOver = false;
  #closing: NodeJS.Timeout | undefined;

  /** @param closePeer ends the connection at once */
  constructor(channel: DataChannel, maxBytes: number, listener: TransportListener, closePeer: () => void) {
    this.#channel = channel;
    this.#window = Math.min(maxBytes / 2, MAX_WINDOW_BYTES);
    this.#maxMessageBytes = channel.maxMessageSize();
    this.#listener = listener;
    this.#closePeer = closePeer;
    channel.setBufferedAmountLowThreshold(LOW_WATER_BYTES);
    channel.onBufferedAmountLow(() => this.#isOver || listener.onFree());
    this.#check = setInterval(() => this.#onCheck(performance.now()), CHECK_MS);
  }

  get isFree(): boolean {
    if (this.#isOver || this.#channel.bufferedAmount() >= HIGH_WATER_BYTES) return false;
    if (this.#onTheWay < this.#limit) return true;
    // Without a ping on its way, nothing would ever tell that there is room again.
    if (this.#marks.length === 0) this.#ping(performance.now());
    return false;
  }

  get pendingBytes(): number {
    return Math.max(this.#buffered, this.#onTheWay);
  }

  get takenBytes(): number {
    return this.#sent - this.#buffered + (this.#arrived ?? 0);
  }

  /** The channel is open already. */
  start(): void {
    return undefined;
  }

  write(batch: readonly Buffer[]): void {
    for (const bytes of batch) this.#send(bytes);
    if (this.#arrived !== undefined && this.#sent - this.#marked >= this.#limit / 4)
      this.#ping(performance.now());
  }

  /** Messages are not joined. */
  corkUntilNextTick(): void {
    return undefined;
  }

  /** Pings go out every 4 s, whatever the gateway's own interval is. */
  ping(): void {
    return undefined;
  }

  /** Whether the message answers a ping, and is no request. Any message tells that the client is there. */
  takesPong(text: string): boolean {
    this.#heardAt = performance.now();
    if (text.length > MAX_PONG_LENGTH || !isPong(text)) return false;
    this.#onPong(this.#heardAt);
    return true;
  }

  /** A data channel has no close code. What was sent before arrives first. */
  close(): void {
    if (this.#closing !== undefined || this.#isOver) return;
    this.#closing = setTimeout(() => this.terminate(), CLOSE_MS);
    this.#channel.close();
  }

  /** The connection is gone. */
  end(): void {
    this.#isOver = true;
    clearInterval(this.#check);
    clearTimeout(this.#closing);
  }

  terminate(): void {
    this.end();
    this.#closePeer();
  }

  #send(bytes: Buffer): void {
    if (this.#isOver || !this.#channel.isOpen()) return;
    const text = bytes.toString();
    this.#sent += bytes.length;
    this.#channel.sendMessage(bytes.length > this.#maxMessageBytes ? replacementOf(text) : text);
  }

  #ping(now: number): void {
    this.#pingedAt = now;
    this.#marked = this.#sent;
    if (this.#isOver || this.#closing !== undefined || !this.#channel.isOpen()) return;
    this.#channel.sendMessage(PING);
    this.#marks.push({ sent: this.#sent, at: now });
    // A client that never answers leaves one behind.
    if (this.#arrived === undefined && this.#marks.length > 1) this.#marks.shift();
  }

  #onCheck(now: number): void {
    if (this.#arrived !== undefined && now - this.#heardAt > SILENCE_MS) return this.terminate();
    if (now - this.#pingedAt > PING_MS - CHECK_MS / 2) this.#ping(now);
  }

  #onPong(now: number): void {
    while (this.#marks[0] !== undefined && now - this.#marks[0].at > SKIPPED_MS) this.#marks.shift();
    const mark = this.#marks.shift();
    this.#arrived = Math.max(this.#arrived ?? 0, mark?.sent ?? 0);
    this.#listener.onFree();
  }

  get #buffered(): number {
    return this.#isOver ? 0 : this.#channel.bufferedAmount();
  }

  get #limit(): number {
    return this.#listener.wantsNewest() ? NEWEST_WINDOW_BYTES : this.#window;
  }

  get #onTheWay(): number {
    return this.#arrived === undefined ? 0 : this.#sent - this.#arrived;
  }
}

function isPong(text: string): boolean {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'op' in message && message.op === 'pong';
  } catch {
    return false;
  }
}
