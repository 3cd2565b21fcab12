import type { EventSource, PlacedEvent, PlaceListener } from '../upstreams/source.js';
import type { Cursor } from '../wire/cursor.js';
import type { Gap } from '../wire/gap.js';
import type { Channel } from './channel.js';
import type { ChannelNames } from './channel-names.js';
import type { ChannelTable } from './channel-table.js';
import type { Fanout } from './fanout.js';
import type { InterestTable } from './interest-table.js';
import type { OwnChannels } from './own-channels.js';
import { replay } from './replay.js';
import type { Subscriber } from './subscriber.js';

/** What the hub lends. */
export interface PlacedEventsOptions {
  readonly names: ChannelNames;
  readonly channels: ChannelTable;
  readonly own: OwnChannels;
  readonly interests: InterestTable;
  readonly fanout: Fanout;
  readonly nextOrder: () => number;
  readonly tellGap: (channel: Channel, gap: Gap) => void;
}

/**
 * Takes in the events of a source that gives places. While the source tells what was kept for it, events go to history
 * alone: a client that resumes must not get what it has seen. Once that is over, each client gets what it missed.
 */
export class PlacedEvents implements PlaceListener {
  readonly #source: EventSource;
  readonly #hub: PlacedEventsOptions;
  #isLoaded = false;

  constructor(source: EventSource, hub: PlacedEventsOptions) {
    this.#source = source;
    this.#hub = hub;
  }

  onPlaced(localName: string, placed: PlacedEvent): void {
    if (localName.startsWith('$')) return this.#onOwn(localName, placed);
    const channel = this.#channel(localName);
    const appended = channel.appendAt(placed, this.#hub.nextOrder());
    if (appended === undefined || !this.#isLoaded) return;
    if (appended.gap !== undefined) this.#hub.tellGap(channel, appended.gap);
    this.#hub.fanout.publish(appended.entry, channel.name);
  }

  onPlace(localName: string, place: Cursor): void {
    const channel = this.#channel(localName);
    const gap = channel.moveTo(place);
    if (gap !== undefined && this.#isLoaded) this.#hub.tellGap(channel, gap);
  }

  onLoaded(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    for (const subscriber of this.#hub.interests.subscribers) this.#catchUp(subscriber);
  }

  #onOwn(localName: string, placed: PlacedEvent): void {
    const { own, names, fanout, nextOrder } = this.#hub;
    const studio = names.studioOf(this.#source);
    if (studio === undefined) return;
    for (const [channel, event] of own.appendAt(localName, placed, studio, nextOrder))
      if (this.#isLoaded) fanout.publish(event, channel.name);
  }

  #channel(localName: string): Channel {
    const { names, channels } = this.#hub;
    const fullName = names.fullName(this.#source, localName);
    return channels.keep({ fullName, localName, source: this.#source });
  }

  /** Who came before: with a cursor, all after it; without, a gap, for nobody knows what came since. */
  #catchUp(subscriber: Subscriber): void {
    const seen = new Set<string>();
    for (const { resume, channels } of this.#hub.interests.of(subscriber).values()) {
      for (const [name, channel] of channels) {
        if (channel.source !== this.#source || seen.has(name)) continue;
        seen.add(name);
        const from = resume?.(channel, name);
        if (from !== undefined) replay(subscriber, [{ channel, name, from }]);
        else if (channel.journal.size > 0) subscriber.tellGap(name, channel.missedBefore());
      }
    }
  }
}
