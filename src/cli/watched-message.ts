/** Messages of a stream as `watch` reads them: checked by hand, so that zod need not be loaded. */
import { parsedJson } from './remote.js';

export type WatchedMessage =
  | { readonly op: 'event'; readonly channel: string; readonly receivedAt: number; readonly event: EventBody }
  | {
      readonly op: 'gap';
      readonly channel: string;
      readonly from: string;
      readonly to: string;
      readonly cause: string;
    };

/** Light arrays have events without `EventData`. */
export type EventBody = object & { readonly EventData?: unknown };

/** Undefined for anything else. */
export function messageIn(text: string): WatchedMessage | undefined {
  const message = parsedJson(text);
  if (typeof message !== 'object' || message === null) return undefined;
  const { op, channel, ...rest }: { op?: unknown; channel?: unknown } = message;
  if (typeof channel !== 'string') return undefined;
  if (op === 'event') return eventIn(channel, rest);
  return op === 'gap' ? gapIn(channel, rest) : undefined;
}

function eventIn(
  channel: string,
  { receivedAt, event }: { receivedAt?: unknown; event?: unknown },
): WatchedMessage | undefined {
  if (typeof receivedAt !== 'number' || !Number.isFinite(receivedAt)) return undefined;
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return undefined;
  return { op: 'event', channel, receivedAt, event };
}

function gapIn(
  channel: string,
  { from, to, cause }: { from?: unknown; to?: unknown; cause?: unknown },
): WatchedMessage | undefined {
  if (typeof from !== 'string' || typeof to !== 'string' || typeof cause !== 'string') return undefined;
  return { op: 'gap', channel, from, to, cause };
}
