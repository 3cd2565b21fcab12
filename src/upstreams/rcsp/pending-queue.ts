import type { PendingCommand } from './pending-command.js';

/** Places of answered commands that are kept before the others move up. */
const MAX_ANSWERED = 256;

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
  /** Up to `#next` they are in flight; those before `#head` have been answered. */
  #commands: (PendingCommand | undefined)[] = [];
  #head = 0;
  #next = 0;
  #slow = 0;

  get size(): number {
    return this.#commands.length - this.#head;
  }

  /** Commands that have not been handed over. */
  get unsent(): number {
    return this.#commands.length - this.#next;
  }

  /** The studio may be busy with a slow command of this queue. */
  get hasSlow(): boolean {
    return this.#slow > 0;
  }

  /** The command whose answer comes next. */
  get head(): PendingCommand | undefined {
    return this.#head < this.#next ? this.#commands[this.#head] : undefined;
  }

  push(command: PendingCommand): void {
    this.#commands.push(command);
    if (command.request.slow) this.#slow += 1;
  }

  /** Takes a command given up on out again, unless it is in flight here. */
  drop(command: PendingCommand): void {
    const at = this.#commands.indexOf(command, this.#next);
    if (at < 0) return;
    this.#commands.splice(at, 1);
    this.#forget(command);
  }

  /** The next command that was not sent, marked as sent before it is seen. */
  handOver(): PendingCommand | undefined {
    const next = this.#commands[this.#next];
    if (next === undefined) return undefined;
    this.#next += 1;
    next.sent = true;
    return next;
  }

  /** The head's answer is there: its place is free. */
  shift(): PendingCommand | undefined {
    const { head } = this;
    if (head === undefined) return undefined;
    this.#commands[this.#head] = undefined;
    this.#head += 1;
    this.#forget(head);
    if (this.#head === this.#commands.length || this.#head >= MAX_ANSWERED) this.#compact();
    return head;
  }

  /** Empties the queue of a connection that ended. */
  clear(): { unanswered: PendingCommand[]; unsent: PendingCommand[] } {
    const left = this.#commands.filter((each) => each !== undefined);
    const inFlight = this.#next - this.#head;
    this.#commands = [];
    this.#head = 0;
    this.#next = 0;
    this.#slow = 0;
    return { unanswered: left.slice(0, inFlight), unsent: left.slice(inFlight) };
  }

  /** Moving the others up for each answer would cost more the more there are. */
  #compact(): void {
    this.#commands.splice(0, this.#head);
    this.#next -= this.#head;
    this.#head = 0;
  }

  #forget(command: PendingCommand): void {
    if (command.request.slow) this.#slow -= 1;
  }
}
