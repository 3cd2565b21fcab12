import type { Sink } from '../events/delivery.js';
import type { Cursor } from '../wire/cursor.js';

/** What a transport tells its connection. */
export interface TransportListener {
  /** More may be written. */
  readonly onFree: () => void;
  /** Whether only the newest events matter to the client: then little may wait where it cannot be replaced. */
  readonly wantsNewest: () => boolean;
}

/** One client's connection, whatever carries it. It delivers whole messages and ends its own timers. */
export interface Transport extends Sink {
  /** A label of the metrics; `other` without it. */
  readonly kind?: string;
  /** Bytes that the client has taken so far, as far as they can be known. */
  readonly takenBytes: number;
  /** `performance.now()` at which it last answered; undefined where nothing is ever answered. */
  readonly answeredAt: number | undefined;
  /**
   * The client has been subscribed; nothing was written before. `place` is where it may come back to; `remarks` are for
   * people, where the transport can carry them.
   */
  start(place: Cursor | undefined, remarks: readonly string[]): void;
  /** Checks that the client is alive, or keeps the connection open. */
  ping(): void;
  /** Destroys the connection. */
  terminate(): void;
  /** The connection is gone: ends the timers. */
  end(): void;
}
