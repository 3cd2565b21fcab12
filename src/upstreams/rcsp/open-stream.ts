import type { EventStream } from './streams.js';

/** One user of a stream, waiting for it or not. */
export interface User {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A stream that is open, or is being opened or closed. */
export interface OpenStream extends EventStream {
  readonly channel: string;
  /** Without users it only waits to be unsubscribed. */
  readonly users: Set<User>;
  /** The studio of this connection was asked for it. */
  asked: boolean;
  /** The studio took it. */
  taken: boolean;
  /** Its device is away: it is asked for again when the device is back. */
  isSuspended: boolean;
}

export function byDevice(streams: readonly OpenStream[]): readonly (readonly OpenStream[])[] {
  return [...groupBy(streams, (each) => each.deviceId).values()];
}

export function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

export function freshStream(channel: string, stream: EventStream): OpenStream {
  return { ...stream, channel, users: new Set(), asked: false, taken: false, isSuspended: false };
}

export function take(open: OpenStream): void {
  open.taken = true;
  for (const { resolve } of open.users) resolve();
}

export function rejectAll(open: OpenStream, error: Error): void {
  for (const { reject } of open.users) reject(error);
  open.users.clear();
}
