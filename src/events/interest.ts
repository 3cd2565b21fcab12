import type { ChannelPattern } from './channel-name.js';
import type { Channel } from './channel.js';
import { formatCursor } from './journal.js';
import type { Cursor } from './journal.js';
import type { Mode } from './subscriber.js';

/** Where a client left off in a channel; undefined where it was not. */
export type Resume = (channel: Channel) => Cursor | undefined;

/** A pattern that a client subscribed to, and the channels that it stands for now. */
export interface Interest {
  readonly pattern: ChannelPattern;
  readonly mode: Mode;
  readonly resume: Resume | undefined;
  readonly channels: Set<string>;
}

export interface Subscription {
  readonly channel: string;
  /** The place of each channel that the pattern stands for. */
  readonly cursors: Readonly<Record<string, string>>;
}

export function describe(
  { text }: ChannelPattern,
  names: readonly string[],
  places: ReadonlyMap<string, Cursor>,
): Subscription {
  const cursors = names.flatMap((name) => {
    const place = places.get(name);
    return place === undefined ? [] : [[name, formatCursor(place)] as const];
  });
  return { channel: text, cursors: Object.fromEntries(cursors) };
}

/** What a client wants of each channel: of several wishes for one, the one that gets more. */
export function setModes(modes: Map<string, Mode>, interests: Iterable<Interest>): void {
  modes.clear();
  for (const { mode, channels } of interests) {
    for (const name of channels) {
      const known = modes.get(name);
      if (known === undefined || rank(mode) > rank(known)) modes.set(name, mode);
    }
  }
}

function rank(mode: Mode): number {
  if (mode === 'all') return Infinity;
  return mode === 'latest' ? Number.MAX_VALUE : mode.maxRateHz;
}
