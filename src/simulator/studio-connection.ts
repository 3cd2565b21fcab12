import type { Socket } from 'node:net';
import { FrameDecoder, FrameError } from '../upstreams/rcsp/protocol/frame.js';
import type { Command } from '../upstreams/rcsp/protocol/message.js';
import type { Clock } from './clock.js';
import type { FaultRule } from './faults.js';
import { Outlet } from './outlet.js';
import { encodeError } from './reply.js';
import type { Request } from './request.js';
import { readRequest, refuseFrame } from './request.js';
import { Subscriptions } from './subscription-set.js';

/** The socket is not read while more commands than this are waiting, and read again at half of them. */
const MAX_WAITING = 1000;
/** Milliseconds for a client to close after its stream became unreadable. */
const HANG_UP_MS = 1000;
const DEFAULT_LATE_MS = 10_000;

/** What a connection needs of the server. */
export interface Host {
  readonly maxPayloadBytes: number;
  /** In real time. */
  readonly clock: Clock;
  takeFault(command: string): FaultRule | undefined;
  /** Runs the command and returns the answer's frame. Rejects only with `Stopped`. */
  answer(command: Command, connection: Connection): Promise<Buffer>;
  /** Called after the command's answer was written or suppressed by a fault. */
  settled(): void;
}

/**
 * One client. Its commands run and are answered one after another; a slow command delays only the later commands of
 * this connection. Its subscriptions end with the connection.
 */
export class Connection {
  readonly id: number;
  readonly subscriptions = new Subscriptions();
  readonly #socket: Socket;
  readonly #host: Host;
  readonly #outlet: Outlet;
  readonly #decoder: FrameDecoder;
  readonly #waiting: Request[] = [];
  /** Resolves when the socket has emitted `close`, which is later than `socket.closed`. */
  #closed = Promise.resolve();
  #running = false;
  /** The client ended its side: the socket ends after the last answer. */
  #ended = false;
  #hanging = false;
  /** The client sent bytes that are not an RCSP frame: later bytes are ignored. */
  #lost = false;

  constructor(id: number, socket: Socket, host: Host) {
    this.id = id;
    this.#socket = socket;
    this.#host = host;
    this.#outlet = new Outlet(socket);
    this.#decoder = new FrameDecoder(
      (type, payload) => this.#waiting.push(readRequest(type, payload)),
      host.maxPayloadBytes,
    );
  }

  /** Calls `onClose` once, when the socket is closed for any reason. */
  start(onClose: () => void): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('end', () => this.#end());
    // `close` follows a reset.
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        onClose();
        resolve();
      });
    });
  }

  /** Returns false when the event is dropped because the client does not read. */
  event(frame: Buffer): boolean {
    return this.#outlet.event(frame);
  }

  /** Resolves once it is closed. */
  cut(): Promise<void> {
    this.#socket.destroy();
    return this.#closed;
  }

  /** Closes the socket after everything written was sent. */
  finish(): Promise<void> {
    this.#socket.destroySoon();
    return this.#closed;
  }

  #read(chunk: Buffer): void {
    if (this.#lost) return;
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#lost = true;
      this.#waiting.push(refuseFrame(error.kind, error.message));
    }
    if (this.#waiting.length > MAX_WAITING) this.#socket.pause();
    this.#run();
  }

  #end(): void {
    this.#ended = true;
    if (this.#hanging || !this.#running) this.#socket.end();
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    this.#serveAll().then(
      () => {
        this.#running = false;
        if (this.#ended) this.#socket.end();
      },
      // It rejects only when the server closes.
      () => void this.cut(),
    );
  }

  async #serveAll(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (this.#socket.destroyed) return;
      if (this.#socket.isPaused() && this.#waiting.length <= MAX_WAITING / 2) this.#socket.resume();
      await this.#serve(next);
    }
  }

  async #serve(request: Request): Promise<void> {
    if (request.kind === 'refusal') {
      await this.#outlet.answer(encodeError(request.envelope, request.code, request.message));
      if (request.fatal) await this.#hangUp();
      return;
    }
    const { command } = request;
    const fault = this.#host.takeFault(command.Command);
    const frame =
      fault?.kind === 'error'
        ? encodeError(command, fault.code ?? 'Unknown error', 'a fault of the simulator')
        : await this.#host.answer(command, this);
    await this.#deliver(frame, fault);
    this.#host.settled();
  }

  async #deliver(frame: Buffer, fault: FaultRule | undefined): Promise<void> {
    switch (fault?.kind) {
      case 'hang':
        return this.#hang();
      case 'drop':
        return this.cut();
      case 'garble':
        return this.#outlet.answer(Buffer.from('this is no RCSP frame'));
      case 'late':
        await this.#host.clock.wait(fault.delayMs ?? DEFAULT_LATE_MS);
        return this.#outlet.answer(frame);
      case 'split':
        return this.#outlet.answerInPieces(frame);
      default:
        return this.#outlet.answer(frame);
    }
  }

  async #hang(): Promise<void> {
    this.#hanging = true;
    if (this.#ended) this.#socket.end();
    await this.#closed;
  }

  /** Reads and ignores further bytes: closing a socket with unread bytes resets it, and the client loses the answer. */
  async #hangUp(): Promise<void> {
    this.#socket.end();
    await this.#host.clock.wait(HANG_UP_MS);
    await this.cut();
  }
}
