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
  /** Told by a connection that is not the pool's own, when it ended before the answer. */
  onLeft: ((cause: Error) => void) | undefined;
  /** Answered, failed or given up on. */
  settled = false;
  #onEnd: CommandEnd | undefined;
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
    this.#settle(undefined, response);
  }

  reject(error: Error): void {
    this.#settle(error, undefined);
  }

  /** Lets go of the caller: a settled command that the garbage collector finds late must not keep a whole request. */
  #settle(error: Error | undefined, response: OkResponse | undefined): void {
    if (this.settled) return;
    this.settled = true;
    clearTimeout(this.#timer);
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(error, response);
  }
}

/** Makes a command that asks whether the studio still answers. */
export type CreateProbe = (onEnd: CommandEnd) => PendingCommand;

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
