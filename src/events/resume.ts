import { formatCursor } from '../wire/cursor.js';
import type { Cursor } from '../wire/cursor.js';
import type { Subscription } from '../wire/messages.js';
import type { Channel } from './channel.js';
import type { ChannelTable } from './channel-table.js';
import type { Resume } from './interest-table.js';

/** A cursor of one channel resumes several: everything up to that event, over all channels, has been seen. */
export function resumeFrom(cursor: Cursor, channels: ChannelTable): Resume {
  const own = [...channels.values()].find(({ journal }) => journal.knows(cursor.epoch));
  const order = own?.journal.at(cursor)?.order ?? 0;
  return (channel) => (own === undefined || channel === own ? cursor : channel.journal.placeAt(order));
}

/** The one cursor from which `resumeFrom` finds the place of all these channels: that of the newest event. */
export function newestPlace(channels: readonly Channel[]): Cursor | undefined {
  const orderOf = ({ journal }: Channel): number => journal.newest?.order ?? 0;
  return channels.toSorted((a, b) => orderOf(b) - orderOf(a))[0]?.journal.cursor;
}

/** The `subscribed` entry of a pattern: the cursor of each channel that it stands for. */
export function describeSubscription(
  text: string,
  names: readonly { readonly name: string }[],
  places: ReadonlyMap<string, Cursor>,
  suggestion: string | undefined,
): Subscription {
  const cursors = names.flatMap(({ name }) => {
    const place = places.get(name);
    return place === undefined ? [] : [[name, formatCursor(place)] as const];
  });
  const subscription = { channel: text, cursors: Object.fromEntries(cursors) };
  return suggestion === undefined ? subscription : { ...subscription, suggestion };
}
