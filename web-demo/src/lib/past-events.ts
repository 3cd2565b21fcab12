/** Events from before the page listened, as far as the gateway's history reaches. */
import type { StudioEvent } from '../../../src/client/index.js';
import { isStateChannel } from '../../../src/wire/gateway-channels.js';
import { parseCursor } from '../../../src/wire/cursor.js';
import { ask } from './gateway.js';
import type { PageGap } from './gaps.js';

/** The gateway's bounds for one request. */
const MAX_CHANNELS = 50;
const MAX_EVENTS = 1000;
/** Bound of the requests at one time. */
const MAX_REQUESTS = 4;

/**
 * The newest events of the channels, up to the cursors that the gateway named when it took the subscription: what
 * came later arrives by itself. In the order of arrival.
 */
export async function pastEvents(cursors: Readonly<Record<string, string>>): Promise<readonly StudioEvent[]> {
  const channels = Object.keys(cursors).filter(
    (channel) => !isStateChannel(channel) && (parseCursor(cursors[channel] ?? '')?.seq ?? 0) > 0,
  );
  const pages = chunks(channels, MAX_CHANNELS).slice(0, MAX_REQUESTS);
  const found = await Promise.all(pages.map(readPage));
  return found
    .flat()
    .filter(({ channel, cursor }) => isUpTo(cursor, cursors[channel]))
    .sort((a, b) => a.receivedAt - b.receivedAt);
}

async function readPage(channels: readonly string[]): Promise<readonly StudioEvent[]> {
  const query = new URLSearchParams(channels.map((channel) => ['channel', channel]));
  query.set('limit', String(MAX_EVENTS));
  const { events } = await ask<{ events: readonly StudioEvent[] }>('GET', `v1/history?${query.toString()}`);
  return events;
}

function isUpTo(cursor: string, last: string | undefined): boolean {
  const [place, end] = [parseCursor(cursor), parseCursor(last ?? '')];
  if (place === undefined || end === undefined) return false;
  // An event of a former epoch is from before.
  return place.epoch !== end.epoch || place.seq <= end.seq;
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/**
 * What is missing between the last event that the page has of a channel and a past one. `known`: the page has that one,
 * too. Undefined: nothing is missing, or nobody can tell.
 */
export function gapBefore(
  { channel, cursor, receivedAt }: StudioEvent,
  last: { readonly epoch: string; readonly seq: number; readonly at: number } | undefined,
): PageGap | 'known' | undefined {
  const place = parseCursor(cursor);
  if (last === undefined || place === undefined) return undefined;
  if (place.epoch !== last.epoch) {
    if (receivedAt <= last.at) return 'known';
    return { channel, from: `${last.epoch}:${last.seq + 1}`, to: `${place.epoch}:0`, cause: 'not-open' };
  }
  if (place.seq <= last.seq) return 'known';
  if (place.seq === last.seq + 1) return undefined;
  const [from, to] = [last.seq + 1, place.seq - 1].map((seq) => `${place.epoch}:${seq}`);
  return { channel, from: from ?? '', to: to ?? '', cause: 'not-open' };
}
