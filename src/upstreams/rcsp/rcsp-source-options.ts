import type { ProtocolErrorKind } from './answer-matching.js';
import type { Connection, ConnectionOptions } from './connection.js';
import type { EventMessage } from './protocol/message.js';
import type { Repair } from './protocol/repair.js';

export interface RcspSourceOptions extends ConnectionOptions {
  readonly id: string;
  /** Milliseconds that the studio has to answer a subscription. */
  readonly timeoutMs: number;
  readonly nextTrackId: () => string;
  /** Milliseconds without a byte after which the studio is asked for a sign of life. */
  readonly silenceMs?: number | undefined;
  /** Milliseconds that it then has to answer. */
  readonly probeTimeoutMs?: number | undefined;
}

/** What the upstream hears of its connection for events. */
export interface RcspSourceObserver {
  readonly onConnectionState: (connection: Connection, cause: Error | undefined) => void;
  readonly onProtocolError: (kind: ProtocolErrorKind, detail: string) => void;
  readonly onRepaired: (repairs: readonly Repair[]) => void;
  /** Every event, before the hub has it. `deviceId` is that of its stream. */
  readonly onEvent: (event: EventMessage, deviceId: number | undefined) => void;
  /** An event names none of the devices that are subscribed to its publisher and topic. */
  readonly onUnplaced: (channels: readonly string[]) => void;
  readonly onWatch: (isWatched: boolean) => void;
  /** After the hub has heard of it. */
  readonly onConnected: (connected: boolean, cause: Error | undefined) => void;
  /** A command of its connection was answered or given up on. */
  readonly onProgress: () => void;
}
