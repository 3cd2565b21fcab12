import { GatewayError, RejectedError } from '../../errors/errors.js';
import type { FrameErrorKind } from './protocol/frame.js';
import { FrameType } from './protocol/frame.js';
import type { ErrorResponse, OkResponse, Unreadable, UnreadableKind } from './protocol/message.js';
import type { PendingCommand } from './pending-command.js';
import { PendingQueue } from './pending-queue.js';
import { SilenceError } from './silence-probe.js';

/** What the studio did that RCSP does not allow; a label of the metrics. */
export type ProtocolErrorKind = FrameErrorKind | UnreadableKind | 'track-id' | 'unexpected-response';

export interface AnswerListener {
  onProtocolError(kind: ProtocolErrorKind, detail: string): void;
  /** An event came that cannot be read; `publisher` is undefined when nobody can tell whose it was. */
  onEventLost(publisher: string | undefined): void;
  /** A place in the queue became free, or a stalled connection answered again. */
  onProgress(): void;
  /** The order of answers is broken: the connection must be replaced. */
  onBroken(kind: ProtocolErrorKind, detail: string): void;
  /** The oldest command was given up on, and the studio stayed silent for as long again. */
  onStalled(reason: Error): void;
}

/**
 * Which command does an answer belong to? Answers come in the order of the commands, and name the command's TrackId.
 * Owns the queue of one connection, and the timer that runs while the oldest command is given up on.
 */
export class AnswerMatching {
  readonly queue = new PendingQueue();
  readonly #listener: AnswerListener;
  /** `performance.now()` of the last answer, or of the command that found the queue empty. */
  answeredAt = 0;
  /** Milliseconds an answer, of the last ones that came together; 0 before the first. */
  pace = 0;
  /** Milliseconds from the bytes before the last ones, or from the command that found the queue empty. */
  #elapsed = 0;
  /** Answers in the last bytes. */
  #answered = 0;
  #stall: NodeJS.Timeout | undefined;
  readonly #onGivenUp = (command: PendingCommand): void => {
    this.queue.drop(command);
    // Commands behind the head must not restart its time.
    if (command === this.queue.head) this.#watchStall();
    this.#listener.onProgress();
  };

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  /** The oldest command was given up on: it is not known when this connection answers again. */
  get isStalled(): boolean {
    return this.queue.head?.settled === true;
  }

  push(command: PendingCommand): void {
    if (this.queue.size === 0) this.answeredAt = performance.now();
    this.queue.push(command);
    command.onGivenUp = this.#onGivenUp;
  }

  /** Bytes came: the studio is not silent. */
  onBytes(): void {
    const now = performance.now();
    this.#elapsed = now - this.answeredAt;
    this.#answered = 0;
    this.answeredAt = now;
    this.#stall?.refresh();
  }

  onResponse(response: OkResponse | ErrorResponse): void {
    const { head } = this.queue;
    if (head === undefined) {
      return this.#listener.onBroken('unexpected-response', 'an answer came that no command waits for');
    }
    if (response.trackId !== head.trackId) {
      const got = response.trackId === undefined ? 'none' : JSON.stringify(response.trackId);
      return this.#listener.onBroken('track-id', `expected TrackId "${head.trackId}", got ${got}`);
    }
    if (response.kind === 'ok') return this.onAnswer(response);
    this.queue.shift();
    head.reject(new RejectedError(response.code, response.message));
    this.#onAnswered();
  }

  /** The answer of the oldest command, whatever TrackId it has. */
  onAnswer(response: OkResponse): void {
    this.queue.shift()?.resolve(response);
    this.#onAnswered();
  }

  /** The framing is intact and the stream goes on; an unreadable answer settles its own command. */
  onUnreadable(message: Unreadable): void {
    const isResponse = message.type === FrameType.responseOk || message.type === FrameType.responseError;
    const { head } = this.queue;
    if (isResponse && head === undefined) {
      return this.#listener.onBroken('unexpected-response', 'an answer came that no command waits for');
    }
    const detail = `a payload of type ${message.type} could not be read: ${message.reason}`;
    this.#listener.onProtocolError(message.reason, detail);
    if (message.type === FrameType.event) this.#listener.onEventLost(message.publisher);
    // A frame of unknown type is the head's answer only if it carries its TrackId.
    if (head === undefined || !(isResponse || message.trackId === head.trackId)) return;
    this.queue.shift();
    head.reject(protocolError(detail));
    this.#onAnswered();
  }

  /** The oldest command fails with what the studio did; those behind it are the owner's. */
  failHead(detail: string): void {
    this.queue.head?.reject(protocolError(detail));
  }

  /** The connection ended: ends the timer, and gives back what is left. */
  clear(): { unanswered: PendingCommand[]; unsent: PendingCommand[] } {
    clearTimeout(this.#stall);
    return this.queue.clear();
  }

  #onAnswered(): void {
    this.#answered += 1;
    this.pace = this.#elapsed / this.#answered;
    this.#watchStall();
    this.#listener.onProgress();
  }

  #watchStall(): void {
    if (this.#stall !== undefined) clearTimeout(this.#stall);
    this.#stall = undefined;
    const { head } = this.queue;
    if (head?.settled !== true) return;
    const { timeoutMs, command } = head.request;
    const reason = new SilenceError(`silent since ${command.Command} was given up on`);
    this.#stall = setTimeout(() => this.#listener.onStalled(reason), timeoutMs);
  }
}

function protocolError(detail: string): GatewayError {
  return new GatewayError('Protocol error', `The studio broke the protocol: ${detail}.`, {
    outcome: 'no-answer',
  });
}
