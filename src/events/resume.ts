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
export function newestPlace(
  subscriptions: readonly Subscription[],
  channels: ChannelTable,
): Cursor | undefined {
  const names = subscriptions.flatMap(({ cursors }) => Object.keys(cursors));
  const journals = names.flatMap((name) => channels.get(name)?.journal ?? []);
  const orderOf = ({ newest }: Channel['journal']): number => newest?.order ?? 0;
  return journals.toSorted((a, b) => orderOf(b) - orderOf(a))[0]?.cursor;
}

/** The `subscribed` entry of a pattern: the cursor of each channel that it stands for. */
export function describeSubscription(
  text: string,
  names: readonly string[],
  places: ReadonlyMap<string, Cursor>,
  suggestion: string | undefined,
): Subscription {
  const cursors = names.flatMap((name) => {
    const place = places.get(name);
    return place === undefined ? [] : [[name, formatCursor(place)] as const];
  });
  const subscription = { channel: text, cursors: Object.fromEntries(cursors) };
  return suggestion === undefined ? subscription : { ...subscription, suggestion };
}
