import type { Problem } from './error.js';
import type { GapEvent, StudioEvent } from './types.js';

/** What the gateway says, as the client trusts it to. */
export type ServerMessage =
  | {
      readonly op: 'subscribed';
      readonly id: number;
      readonly channels: readonly {
        readonly channel: string;
        readonly cursors: Readonly<Record<string, string>>;
      }[];
    }
  | ({ readonly op: 'event' } & StudioEvent)
  | ({ readonly op: 'gap' } & GapEvent)
  | { readonly op: 'response'; readonly id: number; readonly response: unknown }
  | { readonly op: 'error'; readonly id: number | null; readonly error: Problem }
  | { readonly op: 'unsubscribed' | 'pong'; readonly id: number };

let lastId = 0;

/** An `id` that no other message of this page has. */
export function nextId(): number {
  lastId += 1;
  return lastId;
}

/** A listener's failure is its own: it must not keep others from hearing. It is told as uncaught. */
export function guarded<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
