import type { Connection } from './connection.js';

/** Milliseconds that the reads of one batch may take together, at the pace of the studio's last answers. */
const BATCH_MS = 5;
/** Reads of a batch: one that hangs holds up the others until its timeout. */
const MAX_BATCH = 8;
/** Milliseconds that the oldest quick command may wait before others avoid its connection. */
const LATE_MS = 20;

/** What is asked of a connection. */
export type LaneConnection = Pick<
  Connection,
  'isUp' | 'load' | 'unsent' | 'pace' | 'hasSlow' | 'isStalled' | 'answeredAt'
>;

/**
 * Which connection takes a command.
 *
 * A quick command goes where the fewest wait, away from slow ones, from stalled connections and from those whose oldest
 * command is late, while another can take it. Quick reads of one turn of the event loop go together, as many as the
 * studio answers within `BATCH_MS`: they share one write. A slow command takes a connection that has no other slow one and
 * is not the last quick one.
 */
export class Lanes<C extends LaneConnection> {
  readonly #connections: readonly C[];
  /** Took the last quick read. */
  #batch: C | undefined;

  constructor(connections: readonly C[]) {
    this.#connections = connections;
  }

  pickQuick(isRead: boolean): C | undefined {
    const batch = this.#batch;
    const hasRoom = batch !== undefined && batch.unsent > 0 && isFree(batch);
    if (isRead && hasRoom && batch.unsent < this.#batchSize()) return batch;
    let found: C | undefined;
    let leastRank = Infinity;
    const now = performance.now();
    for (const connection of this.#connections) {
      if (!connection.isUp) continue;
      const rank = rankOf(connection, now);
      const isBetter = rank < leastRank || (rank === leastRank && connection.load < (found?.load ?? 0));
      if (!isBetter) continue;
      found = connection;
      leastRank = rank;
    }
    if (isRead) this.#batch = found;
    return found;
  }

  /** Undefined while none may take it. */
  pickSlow(): C | undefined {
    let up = 0;
    let free = 0;
    let found: C | undefined;
    for (const connection of this.#connections) {
      if (!connection.isUp) continue;
      up += 1;
      if (!isFree(connection)) continue;
      free += 1;
      if (found === undefined || connection.load < found.load) found = connection;
    }
    // The last quick connection stays quick, unless it is the only one there is.
    return free < Math.min(2, up) ? undefined : found;
  }

  #batchSize(): number {
    let pace = 0;
    for (const each of this.#connections) if (each.pace > pace) pace = each.pace;
    return Math.min(MAX_BATCH, BATCH_MS / pace);
  }
}

function isFree(connection: LaneConnection): boolean {
  return connection.isUp && !connection.hasSlow && !connection.isStalled;
}

/** The less, the sooner a quick command is answered. */
function rankOf(connection: LaneConnection, now: number): number {
  if (connection.isStalled) return 3;
  if (connection.hasSlow) return 2;
  return now - connection.answeredAt > LATE_MS ? 1 : 0;
}
