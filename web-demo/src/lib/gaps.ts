import type { GapEvent } from '../../../src/client/index.js';

/** How many events are missing; undefined where nobody knows, since the two places are of different epochs. */
export function missingIn({ from, to }: Pick<GapEvent, 'from' | 'to'>): number | undefined {
  const [fromEpoch, fromSeq] = from.split(':');
  const [toEpoch, toSeq] = to.split(':');
  const count = Number(toSeq) - Number(fromSeq) + 1;
  return fromEpoch === toEpoch && count > 0 ? count : undefined;
}

/** Why, after a colon. */
export const GAP_CAUSES: Readonly<Record<GapEvent['cause'], string>> = {
  'slow-client': 'this page could not keep up',
  evicted: 'the gateway no longer keeps them',
  'upstream-lost': 'the studio, the gateway or the device was away',
};
