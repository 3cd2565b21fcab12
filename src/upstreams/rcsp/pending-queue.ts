import type { PendingCommand } from './pending-command.js';

/**
 * The commands of one connection, in the order in which the studio answers them.
 *
 *   head                                              tail
 *   [sent] [given up] [sent] [sent] | [not sent] [not sent]
 *   `------------ in flight -------'  `----- unsent -----'
 *
 * A command given up on in flight keeps its place: its late answer must find it, not the next one. A command
 * given up on before it was sent is never handed over.
 */
export class PendingQueue {
  readonly #inFlight: PendingCommand[] = [];
  #unsent: PendingCommand[] = [];
  #slow = 0;

  get size(): number {
    return this.#inFlight.length + this.#unsent.length;
  }

  /** The studio may be busy with a slow command of this queue. */
  get hasSlow(): boolean {
    return this.#slow > 0;
  }

  /** The command whose answer comes next. */
  get head(): PendingCommand | undefined {
    return this.#inFlight[0];
  }

  push(command: PendingCommand): void {
    this.#unsent.push(command);
    if (command.request.slow) this.#slow += 1;
  }

  /** Takes a command given up on out again, unless it is in flight here. */
  drop(command: PendingCommand): void {
    const at = this.#unsent.indexOf(command);
    if (at < 0) return;
    this.#unsent.splice(at, 1);
    this.#forget(command);
  }

  /** Hands the unsent commands over, each marked as sent before it is seen. Stop whenever writing must wait. */
  *handOver(): Generator<PendingCommand, void, undefined> {
    for (let next = this.#unsent.shift(); next !== undefined; next = this.#unsent.shift()) {
      next.sent = true;
      this.#inFlight.push(next);
      yield next;
    }
  }

  /** The head's answer is there: its place is free. */
  shift(): PendingCommand | undefined {
    const head = this.#inFlight.shift();
    if (head !== undefined) this.#forget(head);
    return head;
  }

  /** Empties the queue of a connection that ended. */
  clear(): { unanswered: PendingCommand[]; unsent: PendingCommand[] } {
    const left = { unanswered: this.#inFlight.splice(0), unsent: this.#unsent };
    this.#unsent = [];
    this.#slow = 0;
    return left;
  }

  #forget(command: PendingCommand): void {
    if (command.request.slow) this.#slow -= 1;
  }
}
