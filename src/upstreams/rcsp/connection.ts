import net from 'node:net';
import { GatewayError, RejectedError } from '../../errors/errors.js';
import { backoffDelay } from './backoff.js';
import { FrameDecoder, FrameError, FrameType } from './protocol/frame.js';
import type { FrameErrorKind } from './protocol/frame.js';
import { encodeCommand, parseServerMessage } from './protocol/message.js';
import type {
  ErrorResponse,
  EventMessage,
  OkResponse,
  Unreadable,
  UnreadableKind,
} from './protocol/message.js';
import type { PendingCommand } from './pending-command.js';
import { PendingQueue } from './pending-queue.js';

/** `waiting` is the pause before the next attempt. */
export const ConnectionState = {
  idle: 'idle',
  connecting: 'connecting',
  up: 'up',
  waiting: 'waiting',
  closed: 'closed',
} as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

/** What the studio did that RCSP does not allow; a label of the metrics. */
export type ProtocolErrorKind = FrameErrorKind | UnreadableKind | 'track-id' | 'unexpected-response';

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly maxPayloadBytes: number;
}

/** What a connection's owner hears. */
export interface ConnectionListener {
  /** `cause` says why an attempt failed or a connection ended. */
  onState(connection: Connection, cause: Error | undefined): void;
  onEvent(event: EventMessage): void;
  onProtocolError(kind: ProtocolErrorKind, detail: string): void;
  /** An event came that cannot be read. */
  onEventLost?(): void;
  /** A place in the queue became free, or a stalled connection answered again. */
  onProgress(): void;
  /** The commands that were left when the connection ended; the owner settles or moves them. */
  onLeft(left: { unanswered: PendingCommand[]; unsent: PendingCommand[] }, cause: Error): void;
}

/** Bytes handed to the socket in one write at most; a batch ends with the command that passes it. */
const BATCH_BYTES = 64 * 1024;
const KEEP_ALIVE_MS = 10_000;
/** A connection that stood this long was a good one, even if it never carried a frame. */
const SETTLED_AFTER_MS = 10_000;

/**
 * One RCSP connection that comes back by itself until it is closed. It joins socket, decoder, queue and
 * backoff; it owns its socket and timers and ends them.
 *
 * Every command that was sent is settled, or given back by `onLeft`, exactly once.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #queue = new PendingQueue();
  #state: ConnectionState = ConnectionState.idle;
  #socket: net.Socket | undefined;
  #attempt = 0;
  #upSince = 0;
  #nextAttemptAt = 0;
  /** Connecting or waiting: whichever the state is. */
  #timer: NodeJS.Timeout | undefined;
  #flush: NodeJS.Immediate | undefined;
  /** Runs while the head of the queue is given up on. */
  #stall: NodeJS.Timeout | undefined;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isUp(): boolean {
    return this.#state === ConnectionState.up;
  }

  /** Commands that wait for an answer or for being sent, also those given up on in flight. */
  get load(): number {
    return this.#queue.size;
  }

  get hasSlow(): boolean {
    return this.#queue.hasSlow;
  }

  /** Somebody still waits for one of its commands. */
  get isAwaited(): boolean {
    return this.#queue.isAwaited;
  }

  /** The oldest command was given up on: nobody knows when this connection answers again. */
  get isStalled(): boolean {
    return this.#queue.head?.settled === true;
  }

  /** Milliseconds until the next attempt to connect; 0 when there is none planned. */
  get retryInMs(): number {
    return this.#state === ConnectionState.waiting ? Math.max(0, this.#nextAttemptAt - Date.now()) : 0;
  }

  start(): void {
    if (this.#state === ConnectionState.idle) this.#connect();
  }

  /** Only while up; commands of one turn of the event loop leave in one write. */
  send(command: PendingCommand): void {
    this.#queue.push(command);
    command.onGivenUp = () => this.#onGivenUp(command);
    this.#flush ??= setImmediate(() => this.#write());
  }

  /** For good. What is left is given back. */
  close(reason: Error): void {
    if (this.#state === ConnectionState.closed) return;
    this.#end(ConnectionState.closed, reason);
  }

  #connect(): void {
    const { host, port, connectTimeoutMs } = this.#options;
    const socket = net.connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_MS,
    });
    this.#socket = socket;
    this.#timer = setTimeout(
      () => this.#lose(new Error(`no connection within ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    const decoder = new FrameDecoder(
      (type, payload) => this.#onFrame(socket, type, payload),
      this.#options.maxPayloadBytes,
    );
    let cause = new Error('the studio closed the connection');
    socket.on('connect', () => this.#onConnect());
    socket.on('data', (chunk: Buffer) => this.#onData(socket, decoder, chunk));
    socket.on('drain', () => this.#write());
    socket.on('error', (error) => (cause = readable(error)));
    socket.on('close', () => {
      if (this.#socket === socket) this.#lose(cause);
    });
    this.#move(ConnectionState.connecting, undefined);
  }

  #onConnect(): void {
    clearTimeout(this.#timer);
    this.#upSince = Date.now();
    this.#move(ConnectionState.up, undefined);
  }

  #onData(socket: net.Socket, decoder: FrameDecoder, chunk: Buffer): void {
    this.#stall?.refresh();
    try {
      decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Garbage behind a frame that ended the connection is nobody's either.
      if (this.#socket === socket) this.#breakOff(error.kind, error.message);
    }
  }

  /** Frames of a chunk whose earlier frame ended the connection are nobody's. */
  #onFrame(socket: net.Socket, type: number, payload: Buffer): void {
    if (this.#socket !== socket) return;
    this.#attempt = 0;
    const message = parseServerMessage(type, payload);
    switch (message.kind) {
      case 'event':
        return this.#listener.onEvent(message);
      case 'unreadable':
        return this.#onUnreadable(message);
      default:
        return this.#onResponse(message);
    }
  }

  #onResponse(response: OkResponse | ErrorResponse): void {
    const head = this.#queue.head;
    if (head === undefined) {
      return this.#breakOff('unexpected-response', 'an answer came that no command waits for');
    }
    if (response.trackId !== head.trackId) {
      const got = response.trackId === undefined ? 'none' : JSON.stringify(response.trackId);
      return this.#breakOff('track-id', `expected TrackId "${head.trackId}", got ${got}`);
    }
    this.#queue.shift();
    if (response.kind === 'ok') head.resolve(response);
    else head.reject(new RejectedError(response.code, response.message));
    this.#onAnswered();
  }

  /** The framing is intact and the stream goes on; an answer that says nothing settles its own command. */
  #onUnreadable(message: Unreadable): void {
    const isResponse = message.type === FrameType.responseOk || message.type === FrameType.responseError;
    const head = this.#queue.head;
    if (isResponse && head === undefined) {
      return this.#breakOff('unexpected-response', 'an answer came that no command waits for');
    }
    const detail = `a payload of type ${message.type} could not be read: ${message.reason}`;
    this.#listener.onProtocolError(message.reason, detail);
    if (message.type === FrameType.event) this.#listener.onEventLost?.();
    // A frame of unknown type is the head's answer only if it says so.
    if (head === undefined || !(isResponse || message.trackId === head.trackId)) return;
    this.#queue.shift();
    head.reject(protocolError(detail));
    this.#onAnswered();
  }

  #onAnswered(): void {
    this.#watchStall();
    this.#listener.onProgress();
  }

  #onGivenUp(command: PendingCommand): void {
    this.#queue.drop(command);
    // Those behind the head must not start its time anew.
    if (command === this.#queue.head) this.#watchStall();
    this.#listener.onProgress();
  }

  /** Given up on and silent for as long again: the connection is replaced. Any byte starts the time anew. */
  #watchStall(): void {
    clearTimeout(this.#stall);
    const head = this.#queue.head;
    if (head?.settled !== true) return;
    const { timeoutMs, command } = head.request;
    const reason = new Error(`silent since ${command.Command} was given up on`);
    this.#stall = setTimeout(() => this.#lose(reason), timeoutMs);
  }

  #write(): void {
    this.#flush = undefined;
    const socket = this.#socket;
    if (socket === undefined || !this.isUp || socket.writableNeedDrain) return;
    let batch: Buffer[] = [];
    let bytes = 0;
    for (const command of this.#queue.handOver()) {
      const frame = encodeCommand(command.request.command);
      batch.push(frame);
      bytes += frame.length;
      if (bytes < BATCH_BYTES) continue;
      if (!socket.write(Buffer.concat(batch))) return;
      batch = [];
      bytes = 0;
    }
    if (batch.length > 0) socket.write(Buffer.concat(batch));
  }

  /** The bytes cannot be trusted any more: the command at the head learns why, the others that they lost. */
  #breakOff(kind: ProtocolErrorKind, detail: string): void {
    this.#listener.onProtocolError(kind, detail);
    this.#queue.head?.reject(protocolError(detail));
    this.#lose(new Error(`the studio broke RCSP: ${detail}`));
  }

  #lose(cause: Error): void {
    if (this.#upSince > 0 && Date.now() - this.#upSince > SETTLED_AFTER_MS) this.#attempt = 0;
    const delay = backoffDelay(this.#attempt);
    this.#attempt += 1;
    this.#nextAttemptAt = Date.now() + delay;
    this.#end(ConnectionState.waiting, cause);
    // The owner may have closed it when it heard.
    if (this.state === ConnectionState.waiting) this.#timer = setTimeout(() => this.#connect(), delay);
  }

  #end(state: typeof ConnectionState.waiting | typeof ConnectionState.closed, cause: Error): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#stall);
    clearImmediate(this.#flush);
    this.#flush = undefined;
    this.#upSince = 0;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    const left = this.#queue.clear();
    this.#move(state, cause);
    this.#listener.onLeft(left, cause);
  }

  #move(state: ConnectionState, cause: Error | undefined): void {
    this.#state = state;
    this.#listener.onState(this, cause);
  }
}

function protocolError(detail: string): GatewayError {
  return new GatewayError('Protocol error', `The studio broke the protocol: ${detail}.`, {
    outcome: 'no-answer',
  });
}

/** Several addresses tried for one name end in an error without words of its own. */
function readable(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  return new Error(error.errors.map(String).join('; '), { cause: error });
}
