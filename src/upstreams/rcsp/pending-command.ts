import { GatewayError } from '../../errors/errors.js';
import type { CommandEnd, WireCommand } from '../../catalog/execute.js';
import type { OkResponse } from './protocol/message.js';

/**
 * One command on its way. It settles once: answered, failed, or given up on when its time is over. Given up
 * on after it was sent, it still owns its place in the queue of its connection, until its late answer comes or
 * the connection ends.
 */
export class PendingCommand {
  readonly request: WireCommand;
  /** Bytes may have left for the studio: from now on it may have run. */
  sent = false;
  /** It has been moved to a second connection; there is no third. */
  repeated = false;
  /** Told when the time is over; whoever holds the command sets it. */
  onGivenUp: (() => void) | undefined;
  /** Answered, failed or given up on. */
  settled = false;
  readonly #onEnd: CommandEnd;
  readonly #timer: NodeJS.Timeout;

  /** @param onEnd called once, when nobody waits for it any more */
  constructor(request: WireCommand, onEnd: CommandEnd) {
    this.request = request;
    this.#onEnd = onEnd;
    this.#timer = setTimeout(giveUp, request.timeoutMs, this);
  }

  get trackId(): string {
    return this.request.command.TrackId;
  }

  resolve(response: OkResponse): void {
    if (this.#settle()) this.#onEnd(undefined, response);
  }

  reject(error: Error): void {
    if (this.#settle()) this.#onEnd(error, undefined);
  }

  #settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.#timer);
    return true;
  }
}

function giveUp(pending: PendingCommand): void {
  const { command, timeoutMs } = pending.request;
  const where = pending.sent ? 'the studio did not answer' : 'no connection was free';
  pending.reject(
    new GatewayError('Timeout', `${command.Command}: ${where} within ${timeoutMs} ms`, {
      outcome: pending.sent ? 'no-answer' : 'not-sent',
    }),
  );
  pending.onGivenUp?.();
}
