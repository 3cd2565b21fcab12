import { GatewayError } from '../../errors/errors.js';
import type { Command, OkResponse } from './protocol/message.js';

/** A command as a caller hands it in. */
export interface CommandRequest {
  readonly command: Command;
  /** Slow commands may hold their connection for seconds; see `pool.ts`. */
  readonly slow: boolean;
  /** True for a read that may be asked once more when its connection dies. */
  readonly repeatable: boolean;
  /** Milliseconds from being accepted to being given up on. */
  readonly timeoutMs: number;
}

/**
 * One command on its way. It settles once: answered, failed, or given up on when its time is over. Given up
 * on after it was sent, it still owns its place in the queue of its connection, until its late answer comes or
 * the connection ends.
 */
export class PendingCommand {
  readonly request: CommandRequest;
  readonly answer: Promise<OkResponse>;
  /** Bytes may have left for the studio: from now on it may have run. */
  sent = false;
  /** It has been moved to a second connection; there is no third. */
  repeated = false;
  /** Told when the time is over; whoever holds the command sets it. */
  onGivenUp: (() => void) | undefined;
  #settled = false;
  #resolve!: (response: OkResponse) => void;
  #reject!: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;

  constructor(request: CommandRequest) {
    this.request = request;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#giveUp(), request.timeoutMs);
  }

  get trackId(): string {
    return this.request.command.TrackId;
  }

  /** Nobody waits any more: answered, failed or given up on. */
  get settled(): boolean {
    return this.#settled;
  }

  resolve(response: OkResponse): void {
    if (this.#settle()) this.#resolve(response);
  }

  reject(error: Error): void {
    if (this.#settle()) this.#reject(error);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    return true;
  }

  #giveUp(): void {
    const { command, timeoutMs } = this.request;
    const where = this.sent ? 'the studio did not answer' : 'no connection was free';
    this.reject(
      new GatewayError('Timeout', `${command.Command}: ${where} within ${timeoutMs} ms`, {
        outcome: this.sent ? 'no-answer' : 'not-sent',
      }),
    );
    this.onGivenUp?.();
  }
}
