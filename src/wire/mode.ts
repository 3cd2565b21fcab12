/**
 * How much of a channel a client wants: all events; only the newest when it is behind; or so many events a second at
 * most, the newest of each interval.
 */
export type Mode = 'all' | 'latest' | { readonly maxRateHz: number };

/** The larger the rank, the more events a mode delivers. Of several modes for one channel, the largest holds. */
export function modeRank(mode: Mode): number {
  if (mode === 'all') return Infinity;
  return mode === 'latest' ? Number.MAX_VALUE : mode.maxRateHz;
}
