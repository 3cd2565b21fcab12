import { GatewayError } from '../../errors/errors.js';
import type { WireCommand } from '../../catalog/execute.js';
import type { OkResponse } from './protocol/message.js';

/**
 * One command on its way. It settles once: answered, failed, or given up on when its time is over. Given up
 * on after it was sent, it still owns its place in the queue of its connection, until its late answer comes or
 * the connection ends.
 */
export class PendingCommand {
  readonly request: WireCommand;
  readonly answer: Promise<OkResponse>;
  /** Bytes may have left for the studio: from now on it may have run. */
  sent = false;
  /** It has been moved to a second connection; there is no third. */
  repeated = false;
  /** Told when the time is over; whoever holds the command sets it. */
  onGivenUp: (() => void) | undefined;
  /** Told by a connection that is not the pool's own, when it ended before the answer. */
  onLeft: ((cause: Error) => void) | undefined;
  readonly #onSettled: () => void;
  #settled = false;
  #resolve!: (response: OkResponse) => void;
  #reject!: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;

  /** @param onSettled called once, when nobody waits for it any more */
  constructor(request: WireCommand, onSettled: () => void = () => undefined) {
    this.request = request;
    this.#onSettled = onSettled;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timer = setTimeout(() => this.#giveUp(), request.timeoutMs);
  }

  get trackId(): string {
    return this.request.command.TrackId;
  }

  /** Answered, failed or given up on. */
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
    this.#onSettled();
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
