import net from 'node:net';
import { GatewayError } from '../../errors/errors.js';
import { AnswerMatching } from './answer-matching.js';
import type { ProtocolErrorKind } from './answer-matching.js';
import { backoffDelay } from './backoff.js';
import { encodeFrames, FrameDecoder, FrameError, FrameType } from './protocol/frame.js';
import { commandJson, parseServerMessage } from './protocol/message.js';
import type { EventMessage, ServerMessage } from './protocol/message.js';
import { RepeatedAnswers } from './protocol/repeated-answers.js';
import { CLOSED_SILENTLY, describePeer, PEER_BYTES, PeerError } from './protocol/peer.js';
import type { Repair } from './protocol/repair.js';
import type { CreateProbe, PendingCommand } from './pending-command.js';
import { answerOf } from '../../catalog/execute.js';
import { SilenceError } from './silence-probe.js';

/** `waiting` is the pause before the next attempt. */
export const ConnectionState = {
  idle: 'idle',
  connecting: 'connecting',
  up: 'up',
  waiting: 'waiting',
  closed: 'closed',
} as const;
export type ConnectionState = (typeof ConnectionState)[keyof typeof ConnectionState];

export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly maxPayloadBytes: number;
  /** False holds attempts back until `resume` is called; they are never held back where it is absent. */
  readonly mayConnect?: () => boolean;
  /** The command that the studio must answer on a new connection before it is up; none where it is absent. */
  readonly createProbe?: CreateProbe;
  /** Shared with other connections to the same studio. */
  readonly repeated?: RepeatedAnswers;
}

/** What a connection's owner hears. */
export interface ConnectionListener {
  /** `cause` says why an attempt failed or a connection ended. */
  onState(connection: Connection, cause: Error | undefined): void;
  onEvent(event: EventMessage): void;
  onProtocolError(kind: ProtocolErrorKind, detail: string): void;
  /** A payload was made readable. */
  onRepaired?(repairs: readonly Repair[]): void;
  /** An event came that cannot be read; `publisher` is undefined when nobody can tell whose it was. */
  onEventLost?(publisher: string | undefined): void;
  /** A place in the queue became free, or a stalled connection answered again. */
  onProgress(): void;
  /** The commands that were left when the connection ended; the owner settles or moves them. */
  onLeft(left: { unanswered: PendingCommand[]; unsent: PendingCommand[] }, cause: Error): void;
}

/** Characters of commands in one write; a batch ends with the command that passes it. */
const BATCH_SIZE = 64 * 1024;
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
  readonly #answers: AnswerMatching;
  readonly #repeated: RepeatedAnswers;
  #state: ConnectionState = ConnectionState.idle;
  #socket: net.Socket | undefined;
  #attempt = 0;
  #upSince = 0;
  #heardAt = 0;
  #nextAttemptAt = 0;
  /** Attempts that failed since it was last up. */
  #refusals = 0;
  /** What came first on this connection. */
  #firstBytes: Buffer | undefined;
  /** A frame came on this connection. */
  #isRcsp = false;
  #isHeld = false;
  /** The studio accepted it and has not answered the probe. */
  #isOnTrial = false;
  /** Connecting or waiting: whichever the state is. */
  #timer: NodeJS.Timeout | undefined;
  #flush: NodeJS.Immediate | undefined;
  /** Payloads so far. */
  #repaired = 0;
  readonly #onRepaired = (repairs: readonly Repair[]): void => {
    this.#repaired += 1;
    this.#listener.onRepaired?.(repairs);
  };

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#repeated = options.repeated ?? new RepeatedAnswers();
    this.#answers = new AnswerMatching({
      onProtocolError: (kind, detail) => listener.onProtocolError(kind, detail),
      onEventLost: (publisher) => listener.onEventLost?.(publisher),
      onProgress: () => listener.onProgress(),
      onBroken: (kind, detail) => this.#failProtocol(kind, detail),
      onStalled: (reason) => this.#lose(reason),
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isUp(): boolean {
    return this.#state === ConnectionState.up;
  }

  /** Commands that wait for an answer or for being sent, also those given up on in flight. */
  get load(): number {
    return this.#answers.queue.size;
  }

  /** Commands that leave with the next write. */
  get unsent(): number {
    return this.#answers.queue.unsent;
  }

  /** `performance.now()` of the last answer, or of the command that found the queue empty. */
  get answeredAt(): number {
    return this.load === 0 ? Infinity : this.#answers.answeredAt;
  }

  /** Milliseconds an answer, of the last ones that came together; 0 before the first. */
  get pace(): number {
    return this.#answers.pace;
  }

  get hasSlow(): boolean {
    return this.#answers.queue.hasSlow;
  }

  /** The oldest command was given up on: it is not known when this connection answers again. */
  get isStalled(): boolean {
    return this.#answers.isStalled;
  }

  /** `performance.now()` at which it came up or last received a byte. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Milliseconds until the next attempt to connect; 0 when there is none planned. */
  get retryInMs(): number {
    return this.#state === ConnectionState.waiting ? Math.max(0, this.#nextAttemptAt - performance.now()) : 0;
  }

  /** It is not up, and the last attempt failed. */
  get isRefused(): boolean {
    return this.#refusals > 0;
  }

  start(): void {
    if (this.#state === ConnectionState.idle) this.#attemptToConnect();
  }

  /** Makes the attempt that was held back. */
  resume(): void {
    if (this.#isHeld) this.#attemptToConnect();
  }

  /** Only while up; commands of one turn of the event loop leave in one write. */
  send(command: PendingCommand): void {
    this.#answers.push(command);
    this.#flush ??= setImmediate(() => this.#write());
  }

  /** Ends a connection that is up and makes a new one. */
  replace(reason: Error): void {
    if (this.isUp) this.#lose(reason);
  }

  /** For good. What is left is given back. */
  close(reason: Error): void {
    if (this.#state === ConnectionState.closed) return;
    this.#end(ConnectionState.closed, reason);
  }

  #attemptToConnect(): void {
    this.#isHeld = this.#options.mayConnect?.() === false;
    if (!this.#isHeld) this.#connect();
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
    let cause: Error | undefined;
    socket.on('connect', () => this.#onConnect());
    socket.on('data', (chunk: Buffer) => this.#onData(socket, decoder, chunk));
    socket.on('drain', () => this.#write());
    socket.on('error', (error) => (cause = readable(error)));
    socket.on('close', () => {
      if (this.#socket === socket) this.#lose(cause ?? this.#reasonOfClose());
    });
    this.#move(ConnectionState.connecting, undefined);
  }

  #onConnect(): void {
    clearTimeout(this.#timer);
    this.#heardAt = performance.now();
    const { createProbe } = this.#options;
    if (createProbe === undefined) this.#accept();
    else void this.#tryOut(createProbe);
  }

  /** A studio that is full, or frozen, may accept a connection and never answer on it. */
  async #tryOut(createProbe: CreateProbe): Promise<void> {
    const socket = this.#socket;
    this.#isOnTrial = true;
    const answer = answerOf((onEnd) => this.send(createProbe(onEnd)));
    const error: unknown = await answer.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    // It ended meanwhile.
    if (this.#socket !== socket) return;
    const isAnswered = !(error instanceof GatewayError && error.code === 'Timeout');
    if (isAnswered) this.#accept();
    else this.#lose(new SilenceError('Info was not answered on a new connection'));
  }

  #accept(): void {
    this.#isOnTrial = false;
    this.#refusals = 0;
    this.#upSince = performance.now();
    this.#move(ConnectionState.up, undefined);
  }

  #onData(socket: net.Socket, decoder: FrameDecoder, chunk: Buffer): void {
    this.#heardAt = performance.now();
    this.#firstBytes ??= Buffer.from(chunk.subarray(0, PEER_BYTES));
    this.#answers.onBytes();
    try {
      decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // Ignore decode errors if an earlier frame in this chunk already closed the socket.
      if (this.#socket === socket) this.#failProtocol(error.kind, error.message);
    }
  }

  /** Ignores frames behind one that closed the socket. */
  #onFrame(socket: net.Socket, type: number, payload: Buffer): void {
    if (this.#socket !== socket) return;
    this.#attempt = 0;
    this.#isRcsp = true;
    if (type === FrameType.responseOk) this.#onOk(payload);
    else this.#onMessage(parseServerMessage(type, payload, this.#onRepaired));
  }

  #onOk(payload: Buffer): void {
    const { head } = this.#answers.queue;
    const known = head && this.#repeated.find(payload, head.trackId);
    if (known !== undefined) return this.#answers.onAnswer(known);
    const before = this.#repaired;
    const message = parseServerMessage(FrameType.responseOk, payload, this.#onRepaired);
    // Repairs are counted each time.
    if (message.kind === 'ok' && this.#repaired === before) this.#repeated.remember(payload, message);
    this.#onMessage(message);
  }

  #onMessage(message: ServerMessage): void {
    switch (message.kind) {
      case 'event':
        return this.#listener.onEvent(message);
      case 'unreadable':
        return this.#answers.onUnreadable(message);
      default:
        return this.#answers.onResponse(message);
    }
  }

  #write(): void {
    this.#flush = undefined;
    const socket = this.#socket;
    if (socket === undefined || !(this.isUp || this.#isOnTrial) || socket.writableNeedDrain) return;
    const { queue } = this.#answers;
    let batch: string[] = [];
    let size = 0;
    for (let command = queue.handOver(); command !== undefined; command = queue.handOver()) {
      const json = commandJson(command.request.command, command.request.argumentsJson);
      batch.push(json);
      size += json.length;
      if (size < BATCH_SIZE) continue;
      if (!socket.write(encodeFrames(FrameType.command, batch))) return;
      batch = [];
      size = 0;
    }
    if (batch.length > 0) socket.write(encodeFrames(FrameType.command, batch));
  }

  /** The bytes cannot be trusted any more: the oldest command fails with the reason, the others are lost. */
  #failProtocol(kind: ProtocolErrorKind, reason: string): void {
    const peer = this.#isRcsp ? undefined : describePeer(this.#firstBytes ?? Buffer.alloc(0));
    const detail = peer ?? reason;
    this.#listener.onProtocolError(kind, detail);
    this.#answers.failHead(detail);
    const message = peer ?? `the studio broke RCSP: ${detail}`;
    this.#lose(this.#isRcsp ? new Error(message) : new PeerError(message));
  }

  #reasonOfClose(): Error {
    if (this.#isRcsp) return new Error('the studio closed the connection');
    if (this.#firstBytes === undefined) return new PeerError(CLOSED_SILENTLY);
    return new PeerError(describePeer(this.#firstBytes) ?? 'the studio closed the connection');
  }

  #lose(cause: Error): void {
    if (this.isUp && performance.now() - this.#upSince > SETTLED_AFTER_MS) this.#attempt = 0;
    if (!this.isUp) this.#refusals += 1;
    const delay = backoffDelay(this.#attempt);
    this.#attempt += 1;
    this.#nextAttemptAt = performance.now() + delay;
    this.#end(ConnectionState.waiting, cause);
    // The owner may have closed it in `onState`.
    if (this.state === ConnectionState.waiting)
      this.#timer = setTimeout(() => this.#attemptToConnect(), delay);
  }

  #end(state: typeof ConnectionState.waiting | typeof ConnectionState.closed, cause: Error): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#flush);
    this.#flush = undefined;
    this.#isHeld = this.#isOnTrial = this.#isRcsp = false;
    this.#firstBytes = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    const left = this.#answers.clear();
    this.#move(state, cause);
    this.#listener.onLeft(left, cause);
  }

  #move(state: ConnectionState, cause: Error | undefined): void {
    this.#state = state;
    this.#listener.onState(this, cause);
  }
}

/** An AggregateError of several addresses has no message of its own. */
function readable(error: Error): Error {
  if (!(error instanceof AggregateError)) return error;
  return new Error(error.errors.map(String).join('; '), { cause: error });
}
