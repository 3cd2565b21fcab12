import { GatewayError } from '../../errors/errors.js';
import type { CommandEnd, WireCommand } from '../../catalog/execute.js';
import { Deadlines, Timed } from '../../util/deadlines.js';
import type { OkResponse } from './protocol/message.js';

/** Of all commands on their way, whatever studio they are for. */
const deadlines = new Deadlines();

/**
 * One command on its way. It settles once: answered, failed, or given up on when its time is over. Given up
 * on after it was sent, it still owns its place in the queue of its connection, until its late answer comes or
 * the connection ends.
 */
export class PendingCommand extends Timed {
  readonly request: WireCommand;
  /** Bytes may have left for the studio: from now on it may have run. */
  sent = false;
  /** It has been moved to a second connection; there is no third. */
  repeated = false;
  /** Told when the time is over; whoever holds the command sets it. */
  onGivenUp: ((command: PendingCommand) => void) | undefined;
  /** Told by a connection that is not the pool's own, when it ended before the answer. */
  onLeft: ((command: PendingCommand, cause: Error) => void) | undefined;
  /** Answered, failed or given up on. */
  settled = false;
  #onEnd: CommandEnd | undefined;

  /** @param onEnd called once, when nobody waits for it any more */
  constructor(request: WireCommand, onEnd: CommandEnd) {
    super();
    this.request = request;
    this.#onEnd = onEnd;
    deadlines.add(this, request.timeoutMs);
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

  onLate(): void {
    const { command, timeoutMs } = this.request;
    const where = this.sent ? 'the studio did not answer' : 'no connection was free';
    this.reject(
      new GatewayError('Timeout', `${command.Command}: ${where} within ${timeoutMs} ms`, {
        outcome: this.sent ? 'no-answer' : 'not-sent',
      }),
    );
    this.onGivenUp?.(this);
  }

  /** Lets go of the caller: a settled command that the garbage collector finds late must not keep a whole request. */
  #settle(error: Error | undefined, response: OkResponse | undefined): void {
    if (this.settled) return;
    this.settled = true;
    deadlines.remove(this);
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    onEnd?.(error, response);
  }
}

/** Makes a command that asks whether the studio still answers. */
export type CreateProbe = (onEnd: CommandEnd) => PendingCommand;
