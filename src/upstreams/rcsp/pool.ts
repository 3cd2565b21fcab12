import { GatewayError } from '../../errors/errors.js';
import { MAX_DELAY_MS } from './backoff.js';
import { CommandProbes } from './command-probes.js';
import { Connection } from './connection.js';
import type { ConnectionListener, ConnectionOptions } from './connection.js';
import type { ProtocolErrorKind } from './answer-matching.js';
import type { EventMessage } from './protocol/message.js';
import { Lanes } from './lanes.js';
import { PeerError } from './protocol/peer.js';
import { RepeatedAnswers } from './protocol/repeated-answers.js';
import type { Repair } from './protocol/repair.js';
import { PendingCommand } from './pending-command.js';
import { answerOf } from '../../catalog/execute.js';
import type { Answer, CommandEnd, WireCommand } from '../../catalog/execute.js';

export interface PoolOptions extends ConnectionOptions {
  /** Connections. */
  readonly size: number;
  /** Commands accepted and not answered; one more is refused. */
  readonly maxWaiting: number;
  /** Carries commands while the studio refuses each of the pool's own connections. Its owner calls `onSpare`. */
  readonly spare?: Connection;
  /** The studio is silent elsewhere: a connection that is silent, too, does not count as up. */
  readonly isDoubted?: () => boolean;
  /** Milliseconds without a byte after which an idle connection is probed; never without `createProbe`. */
  readonly silenceMs?: number | undefined;
}

const SILENCE_MS = 15_000;

/** What the pool's owner hears. */
export interface PoolListener {
  /** The first connection came up, or the last one went down; `cause` says why, when it was not the pool's end. */
  onStudio(connected: boolean, cause: Error | undefined): void;
  onConnectionState(connection: Connection, cause: Error | undefined): void;
  onProtocolError(kind: ProtocolErrorKind, detail: string): void;
  onRepaired?(repairs: readonly Repair[]): void;
  onEvent(event: EventMessage): void;
}

/**
 * Connections to one studio for commands.
 *
 * The studio answers a connection's commands one after another, so what is slow holds up what is behind it: `Lanes` says
 * which connection takes a command. A slow command for which none is free waits here, unsent. A connection that dies gives
 * its commands back: what was not sent moves on, a lost read is asked once more as soon as a connection is up, anything
 * else is told that it may have run.
 *
 * A studio that accepts only one connection, the spare one, gets commands on it, beside the subscriptions.
 */
export class Pool {
  readonly #options: PoolOptions;
  readonly #listener: PoolListener;
  readonly #connections: readonly Connection[];
  /** Slow commands for which no connection is free. */
  #waiting: PendingCommand[] = [];
  /** Reads that were lost while no connection was up: the first that comes takes them. */
  readonly #lostReads = new Set<PendingCommand>();
  readonly #lanes: Lanes<Connection>;
  /** The spare connection, while commands go over it. */
  #shared: Connection | undefined;
  readonly #probes: CommandProbes | undefined;
  /** Why the last connection ended, when its port may not be that of an RCSP server. */
  #peerError: PeerError | undefined;
  #connected = false;
  #closed = false;
  /** Commands that a caller waits for. */
  #unsettled = 0;
  #onDrained: (() => void) | undefined;
  /** The spare connection ended. */
  readonly #onLeft = (command: PendingCommand, cause: Error): void => {
    if (command.sent) this.#recover(command, cause);
    else this.#move(command);
  };

  constructor(options: PoolOptions, listener: PoolListener) {
    this.#options = options;
    this.#listener = listener;
    const connection: ConnectionOptions = { ...options, repeated: new RepeatedAnswers() };
    this.#connections = Array.from({ length: options.size }, () => new Connection(connection, this.#hear()));
    this.#lanes = new Lanes(this.#connections);
    const { createProbe, silenceMs = SILENCE_MS } = options;
    if (createProbe !== undefined) this.#probes = new CommandProbes({ silenceMs, createProbe });
  }

  get connections(): readonly Connection[] {
    return this.#connections;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Commands accepted and not answered, with those given up on that still block a connection. */
  get load(): number {
    let load = this.#waiting.length + this.#lostReads.size + (this.#shared?.load ?? 0);
    for (const connection of this.#connections) load += connection.load;
    return load;
  }

  start(): void {
    for (const connection of this.#connections) connection.start();
  }

  /** The spare connection came up, went down or made progress, or `mayConnect` has changed. */
  onSpare(cause: Error | undefined): void {
    if (this.#closed) return;
    for (const each of this.#connections) each.resume();
    this.#follow(cause);
    this.#placeWaiting();
  }

  /**
   * Sends one command. `onEnd` hears once, and never before this returns: the studio's answer; RejectedError when the
   * studio refused it; GatewayError `Studio unreachable` or `Too busy` at once, `Timeout`, `Connection lost` or
   * `Protocol error` later. Its `outcome` is the truth about the command.
   */
  run(request: WireCommand, onEnd: CommandEnd): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) return queueMicrotask(() => onEnd(refusal, undefined));
    this.#unsettled += 1;
    const command = new PendingCommand(request, (error, answer) => {
      onEnd(error, answer);
      this.#unsettled -= 1;
      if (this.#unsettled === 0) this.#onDrained?.();
    });
    this.#place(command);
  }

  /** As `run`. */
  send(request: WireCommand): Promise<Answer> {
    return answerOf((onEnd) => this.run(request, onEnd));
  }

  #refusal(): GatewayError | undefined {
    if (!this.#connected || this.#closed) return this.#unreachable();
    return this.load >= this.#options.maxWaiting ? this.#tooBusy() : undefined;
  }

  /** Takes no new commands, waits until those in flight are settled, `graceMs` at most, and ends every connection. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    const shutdown = new Error('the gateway is shutting down');
    for (const read of this.#lostReads) this.#fail(read, shutdown);
    this.#lostReads.clear();
    if (this.#unsettled > 0) await this.#drained(graceMs);
    for (const connection of this.#connections) connection.close(shutdown);
  }

  #drained(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const grace = setTimeout(resolve, graceMs);
      this.#onDrained = () => {
        clearTimeout(grace);
        resolve();
      };
    });
  }

  #place(command: PendingCommand): void {
    const { slow, repeatable } = command.request;
    const connection = slow ? this.#pickSlow() : (this.#shared ?? this.#lanes.pickQuick(repeatable));
    if (connection !== undefined) return this.#sendOn(connection, command);
    this.#waiting.push(command);
    command.onGivenUp = (givenUp) => {
      this.#waiting = this.#waiting.filter((each) => each !== givenUp);
    };
  }

  #sendOn(connection: Connection, command: PendingCommand): void {
    command.onLeft = connection === this.#shared ? this.#onLeft : undefined;
    connection.send(command);
  }

  #pickSlow(): Connection | undefined {
    const shared = this.#shared;
    if (shared === undefined) return this.#lanes.pickSlow();
    return shared.hasSlow || shared.isStalled ? undefined : shared;
  }

  #placeWaiting(): void {
    while (this.#waiting.length > 0) {
      const connection = this.#pickSlow();
      if (connection === undefined) return;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#sendOn(connection, next);
    }
  }

  #hear(): ConnectionListener {
    return {
      onState: (connection, cause) => this.#onState(connection, cause),
      onEvent: (event) => this.#listener.onEvent(event),
      onProtocolError: (kind, detail) => this.#listener.onProtocolError(kind, detail),
      onRepaired: (repairs) => this.#listener.onRepaired?.(repairs),
      onProgress: () => {
        if (!this.#connected) this.#follow(undefined);
        this.#placeWaiting();
      },
      onLeft: ({ unanswered, unsent }, cause) => {
        for (const command of unanswered) this.#recover(command, cause);
        for (const command of unsent) this.#move(command);
        this.#placeWaiting();
      },
    };
  }

  #onState(connection: Connection, cause: Error | undefined): void {
    this.#listener.onConnectionState(connection, cause);
    this.#probes?.onState(connection);
    this.#follow(cause);
    if (connection.isUp) this.#placeWaiting();
  }

  /** Brings `connected`, and what waits for a connection, in line with the connections. */
  #follow(cause: Error | undefined): void {
    const isUp = this.#connections.some((each) => each.isUp && !this.#isFrozen(each));
    this.#shared = isUp ? undefined : this.#usableSpare();
    const connected = isUp || this.#shared !== undefined;
    if (connected) this.#peerError = undefined;
    else if (cause instanceof PeerError) this.#peerError = cause;
    const changed = connected !== this.#connected;
    this.#connected = connected;
    if (connected) this.#placeLostReads();
    if (!changed) return;
    if (!connected) for (const command of this.#waiting.splice(0)) this.#move(command);
    this.#listener.onStudio(connected, this.#closed ? undefined : cause);
  }

  /** It waits for an answer, which may be slow to come, or never come. */
  #isFrozen({ heardAt }: Connection): boolean {
    const { isDoubted, silenceMs = SILENCE_MS } = this.#options;
    return isDoubted?.() === true && performance.now() - heardAt > silenceMs;
  }

  #usableSpare(): Connection | undefined {
    const { spare, mayConnect } = this.#options;
    if (spare?.isUp !== true || mayConnect?.() === false) return undefined;
    return this.#connections.every((each) => each.isRefused) ? spare : undefined;
  }

  /** A command that was sent on a connection that died: it may have run. */
  #recover(command: PendingCommand, cause: Error): void {
    if (command.settled) return;
    if (!command.request.repeatable || command.repeated || this.#closed) return this.#fail(command, cause);
    command.repeated = true;
    this.#repeat(command);
  }

  /** At once, or when the first connection is up; its time goes on. */
  #repeat(read: PendingCommand): void {
    if (this.#connected) return this.#place(read);
    this.#lostReads.add(read);
    read.onGivenUp = () => this.#lostReads.delete(read);
  }

  #placeLostReads(): void {
    const reads = [...this.#lostReads];
    this.#lostReads.clear();
    for (const read of reads) this.#place(read);
  }

  #fail(command: PendingCommand, cause: Error): void {
    const name = command.request.command.Command;
    command.reject(
      new GatewayError(
        'Connection lost',
        `The connection died before ${name} was answered: ${cause.message}.`,
        {
          outcome: 'no-answer',
          cause,
        },
      ),
    );
  }

  #move(command: PendingCommand): void {
    if (command.settled) return;
    if (this.#connected && !this.#closed) this.#place(command);
    else if (command.repeated && !this.#closed) this.#repeat(command);
    else if (command.repeated) this.#fail(command, new Error('the gateway is shutting down'));
    else command.reject(this.#unreachable());
  }

  #tooBusy(): GatewayError {
    return new GatewayError('Too busy', `${this.#options.maxWaiting} commands are waiting for the studio.`, {
      outcome: 'not-sent',
    });
  }

  #unreachable(): GatewayError {
    const { host, port, spare } = this.#options;
    // While the spare one is down, the others are held back.
    const tried = spare === undefined || spare.isUp ? this.#connections : [spare];
    const waits = tried.map((each) => each.retryInMs);
    const reason = this.#peerError === undefined ? '.' : `: ${this.#peerError.message}`;
    const detail = this.#closed
      ? 'The gateway is shutting down.'
      : `No connection to ${host}:${port} is up${reason}`;
    return new GatewayError('Studio unreachable', detail, {
      outcome: 'not-sent',
      retryAfter: Math.max(1, Math.ceil(Math.min(...waits, MAX_DELAY_MS) / 1000)),
    });
  }
}
