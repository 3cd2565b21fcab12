import type { Executor } from '../catalog/execute.js';
import type { EventSource } from './source.js';

/** `stale`: what is known of it is old, for the way to it is broken. */
export type UpstreamState = 'connecting' | 'connected' | 'disconnected' | 'stale';

/** Something that the gateway stands in front of: it runs commands and sends events. */
export interface Upstream {
  /** Unique in a gateway. */
  readonly id: string;
  readonly kind: string;
  readonly state: UpstreamState;
  readonly commands: Pick<Executor, 'execute' | 'maxTimeoutMs'>;
  readonly events: EventSource;
  start(): void;
  /** Takes no new commands; resolves when those in flight are settled, after `graceMs` at the latest. */
  drain(graceMs: number): Promise<void>;
  /** Ends the connection for events. */
  stop(): void;
}
