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
/** How long a client whose stream is lost may take to hang up. */
const HANG_UP_MS = 1000;
const DEFAULT_LATE_MS = 10_000;

/** The server as one of its connections sees it. */
export interface Host {
  readonly maxPayloadBytes: number;
  /** In real time. */
  readonly clock: Clock;
  takeFault(command: string): FaultRule | undefined;
  /** Runs the command; the frame that answers it. Never rejects but by `Stopped`. */
  answer(command: Command, connection: Connection): Promise<Buffer>;
  /** The command's answer has been written, or a fault ate it. */
  settled(): void;
}

/**
 * One client. Its commands run one after another and are answered in that order; a slow one holds up what is
 * behind it here and nothing elsewhere. Its subscriptions die with it.
 */
export class Connection {
  readonly id: number;
  readonly subscriptions = new Subscriptions();
  readonly #socket: Socket;
  readonly #host: Host;
  readonly #outlet: Outlet;
  readonly #decoder: FrameDecoder;
  readonly #waiting: Request[] = [];
  /** A socket calls itself closed before it has told so. */
  #closed = Promise.resolve();
  #running = false;
  /** The client has said its last: once everything is answered, so have we. */
  #ended = false;
  #hanging = false;
  /** Bytes that were no RCSP frame came in: what follows is not read. */
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

  /** `onClose` is called once, when the socket is closed for whatever reason. */
  start(onClose: () => void): void {
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('end', () => this.#end());
    // A reset is followed by `close`, which tells all there is to know.
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        onClose();
        resolve();
      });
    });
  }

  /** False when it is dropped because the client does not read. */
  event(frame: Buffer): boolean {
    return this.#outlet.event(frame);
  }

  /** Resolves once it is closed. */
  cut(): Promise<void> {
    this.#socket.destroy();
    return this.#closed;
  }

  /** Closes it when everything that is written has left. */
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
      // Only a server that closes ends it early.
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

  /** Reads on, unheeded: closing over unread bytes would take the answer away from the client. */
  async #hangUp(): Promise<void> {
    this.#socket.end();
    await this.#host.clock.wait(HANG_UP_MS);
    await this.cut();
  }
}
