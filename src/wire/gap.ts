import { parseCursor } from './cursor.js';

/**
 * - `slow-client`: the client was behind and its buffer was full.
 * - `evicted`: history no longer has the events.
 * - `upstream-lost`: the studio, the gateway or the device was away.
 * - `too-large`: the event does not fit into a message of the client's transport (64 KiB on a data channel).
 */
export const GAP_CAUSES = ['slow-client', 'evicted', 'upstream-lost', 'too-large'] as const;
export type GapCause = (typeof GAP_CAUSES)[number];

/**
 * Events of a channel that are missing, both ends included. Where an epoch ended, the number is unknown, and `to` is
 * `<new epoch>:0`, the place before the new epoch's first event.
 */
export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly cause: GapCause;
}

/** The number of missing events; undefined where the two places are of different epochs. */
export function missingCount({ from, to }: Pick<Gap, 'from' | 'to'>): number | undefined {
  const [first, last] = [parseCursor(from), parseCursor(to)];
  if (first === undefined || first.epoch !== last?.epoch) return undefined;
  const count = last.seq - first.seq + 1;
  return count > 0 ? count : undefined;
}
