import type { Connection } from './connection.js';
import { LATE_MS } from './lanes.js';
import type { PendingCommand } from './pending-command.js';

/** Answers at a connection's pace that may be missing before its oldest command is late. */
const PACES = 4;

export interface LateReadsOptions {
  readonly connections: readonly Connection[];
  /** Whether a read would be answered sooner elsewhere. */
  readonly hasPrompt: (now: number) => boolean;
  /** Sends a read that was taken from a connection on another one. */
  readonly place: (read: PendingCommand) => void;
}

/**
 * A quick command that hangs holds up the reads of its turn, which share its connection. Once it is late they are asked on
 * another connection, each once; the places that they had wait for answers that come too late. Looks every `LATE_MS`
 * while commands share a connection, and only then.
 */
export class LateReads {
  readonly #options: LateReadsOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LateReadsOptions) {
    this.#options = options;
  }

  /** Commands share a connection. */
  watch(): void {
    this.#timer ??= setTimeout(() => this.#moveLate(), LATE_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #moveLate(): void {
    this.#timer = undefined;
    const now = performance.now();
    let isShared = false;
    for (const connection of this.#options.connections) {
      isShared ||= connection.load > 1;
      if (!isLate(connection, now) || !this.#options.hasPrompt(now)) continue;
      for (const read of connection.takeReads()) this.#options.place(read);
    }
    if (isShared) this.watch();
  }
}

function isLate({ isUp, load, answeredAt, pace }: Connection, now: number): boolean {
  return isUp && load > 1 && now - answeredAt > Math.max(LATE_MS, PACES * pace);
}
