import type { Duplex } from 'node:stream';
import { closeFrame, FrameTracker } from './frame-tracker.js';

/** RFC 6455's registry: the server restarts; the client may come back. */
const SERVICE_RESTART = 1012;
/** Milliseconds for a client to answer the close frame. */
const CLOSE_MS = 2000;
/** Milliseconds in which a client that is sent something must take some of it. */
const STALL_MS = 60_000;

/** A WebSocket through the relay. When the gateway's side ends without a close frame, the client gets one. */
export class RelayedSocket {
  readonly #client: Duplex;
  readonly #gateway: Duplex;
  readonly #frames = new FrameTracker();
  #isClosing = false;
  #stalled: NodeJS.Timeout | undefined;
  #overdue: NodeJS.Timeout | undefined;

  constructor(client: Duplex, gateway: Duplex) {
    this.#client = client;
    this.#gateway = gateway;
  }

  /** `head` came from the client behind its request, `first` from the gateway behind its answer. */
  start(head: Buffer, first: Buffer): void {
    const [client, gateway] = [this.#client, this.#gateway];
    gateway.on('error', () => undefined);
    if (head.length > 0) gateway.write(head);
    client.pipe(gateway);
    if (first.length > 0) this.#pass(first);
    gateway.on('data', (chunk: Buffer) => this.#pass(chunk));
    client.on('drain', () => {
      clearTimeout(this.#stalled);
      gateway.resume();
    });
    gateway.once('end', () => this.close('the gateway ended the connection'));
    gateway.once('close', () => this.close('the line to the gateway was lost'));
    client.once('close', () => {
      clearTimeout(this.#stalled);
      clearTimeout(this.#overdue);
      gateway.destroy();
    });
  }

  close(reason: string): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const client = this.#client;
    client.unpipe(this.#gateway);
    this.#gateway.destroy();
    // Its answer to the close frame.
    client.resume();
    if (this.#frames.hasClosed) client.end();
    else if (this.#frames.isAtBoundary) client.end(closeFrame(SERVICE_RESTART, reason));
    else client.destroy();
    client.once('end', () => client.destroy());
    this.#overdue = setTimeout(() => client.destroy(), CLOSE_MS);
  }

  #pass(chunk: Buffer): void {
    if (this.#isClosing || this.#client.destroyed) return;
    const whole = this.#frames.push(chunk);
    if (whole.length === 0 || this.#client.write(whole)) return;
    this.#gateway.pause();
    clearTimeout(this.#stalled);
    this.#stalled = setTimeout(() => this.#client.destroy(), STALL_MS);
  }
}
