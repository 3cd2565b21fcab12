import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { DEAD_MS, PING_MS } from './line-protocol.js';

export interface PulseTimes {
  readonly pingMs: number;
  readonly deadMs: number;
}

export interface PulseOptions extends Partial<PulseTimes> {
  readonly onRtt?: (ms: number) => void;
  /** Nothing came for `deadMs`, or the connection was reset: the line is destroyed by whoever owns it. */
  readonly onDead: () => void;
  /** The socket of the session: bytes that arrive are a sign of life, too. */
  readonly socket: Socket;
}

/** Milliseconds between two checks for bytes that have arrived. */
const CHECK_MS = 1000;

/** Pings the other side of a line, and finds one that is silent. */
export class LinePulse {
  readonly #session: Http2Session;
  readonly #options: PulseOptions;
  readonly #deadMs: number;
  readonly #pings: NodeJS.Timeout;
  readonly #checks: NodeJS.Timeout;
  #received = 0;
  #heardAt = performance.now();
  #hasEnded = false;

  constructor(session: Http2Session, options: PulseOptions) {
    this.#session = session;
    this.#options = options;
    this.#deadMs = options.deadMs ?? DEAD_MS;
    this.#pings = setInterval(() => this.#ping(), options.pingMs ?? PING_MS);
    this.#checks = setInterval(() => this.#check(), Math.min(CHECK_MS, this.#deadMs / 10));
    this.#ping();
  }

  end(): void {
    this.#hasEnded = true;
    clearInterval(this.#pings);
    clearInterval(this.#checks);
  }

  #ping(): void {
    if (this.#session.destroyed) return;
    // False when too many are unanswered: the other side is then found silent.
    this.#session.ping((error, durationMs) => {
      if (error !== null || this.#hasEnded) return;
      this.#heardAt = performance.now();
      this.#options.onRtt?.(durationMs);
    });
  }

  #check(): void {
    const now = performance.now();
    const { socket, onDead } = this.#options;
    const received = socket.bytesRead;
    if (received > this.#received) this.#heardAt = now;
    this.#received = received;
    if (now - this.#heardAt < this.#deadMs && !wasReset(socket)) return;
    this.end();
    onDead();
  }
}

interface PeerHandle {
  readonly getpeername: (result: object) => number;
}

/**
 * Whether the system has ended the connection. HTTP/2 does not read while it writes, and under TLS Node may lose the
 * failure of a write: then nobody is told of a reset. A socket that was reset has no peer any more.
 */
function wasReset(socket: Socket): boolean {
  const handle: unknown = Reflect.get(socket, '_handle');
  return hasPeerName(handle) && handle.getpeername({}) !== 0;
}

function hasPeerName(handle: unknown): handle is PeerHandle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'getpeername' in handle &&
    typeof handle.getpeername === 'function'
  );
}
