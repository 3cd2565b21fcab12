import type { GapEvent } from '../../../src/client/index.js';
import type { GapCause } from '../../../src/wire/gap.js';

/** `not-open`: nobody asked for them while the view was closed. */
export type PageGap = Omit<GapEvent, 'cause'> & { readonly cause: GapCause | 'not-open' };

/** Why, after a colon. */
export const GAP_CAUSES: Readonly<Record<GapCause, string>> = {
  'slow-client': 'this page could not keep up',
  evicted: 'the gateway no longer keeps them',
  'upstream-lost': 'the studio, the gateway or the device was away',
  'too-large': 'they do not fit into a message of the data channel',
};
