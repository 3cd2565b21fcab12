import type { EventSource } from '../upstreams/source.js';
import { Channel } from './channel.js';
import type { NamedChannel } from './channel-names.js';
import type { ChannelOptions, ChannelOwner } from './channel.js';

/** Channels of one source remembered at most; the oldest unused ones are forgotten. */
const MAX_CHANNELS = 4096;

/** The channels of one source, or the gateway's own. */
interface Shelf {
  /** By the name that the source knows. */
  readonly channels: Map<string, Channel>;
  /** Unused channels, the oldest first: room is made in constant time. */
  readonly unused: Set<Channel>;
}

/** Every channel that was ever used and is still remembered, by its full name, and by source and local name. */
export class ChannelTable {
  readonly #options: ChannelOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #shelves = new Map<EventSource | undefined, Shelf>();
  readonly #owner: ChannelOwner;

  constructor(options: ChannelOptions, onRetaken: () => void) {
    this.#options = options;
    this.#owner = {
      onUnused: (channel) => void this.#shelves.get(channel.source)?.unused.add(channel),
      onRetaken,
    };
  }

  get(fullName: string): Channel | undefined {
    return this.#channels.get(fullName);
  }

  /** By the name that its source knows. */
  of(source: EventSource, localName: string): Channel | undefined {
    return this.#shelves.get(source)?.channels.get(localName);
  }

  values(): IterableIterator<Channel> {
    return this.#channels.values();
  }

  allOf(source: EventSource): readonly Channel[] {
    return [...(this.#shelves.get(source)?.channels.values() ?? [])];
  }

  getOrCreate(named: Omit<NamedChannel, 'name'>): Channel {
    return this.#channels.get(named.fullName) ?? this.#create(named);
  }

  /** A channel that is kept for its events, without users. */
  keep(named: Omit<NamedChannel, 'name'>): Channel {
    const known = this.#channels.get(named.fullName);
    if (known !== undefined) return known;
    const channel = this.#create(named);
    this.#shelf(channel.source).unused.add(channel);
    return channel;
  }

  /** The channel, used once more. */
  use(channel: Channel): void {
    this.#shelves.get(channel.source)?.unused.delete(channel);
    channel.use();
  }

  /** Forgets every channel of a source that is gone. */
  removeAll(source: EventSource): void {
    for (const channel of this.allOf(source)) this.#channels.delete(channel.name);
    this.#shelves.delete(source);
  }

  #create({ fullName, localName, source }: Omit<NamedChannel, 'name'>): Channel {
    const { channels, unused } = this.#shelf(source);
    const [oldest] = unused;
    if (channels.size >= MAX_CHANNELS && oldest !== undefined) this.#forget(oldest);
    const channel = new Channel({ name: fullName, localName, source }, this.#options, this.#owner);
    this.#channels.set(fullName, channel);
    channels.set(keyOf(channel), channel);
    return channel;
  }

  #shelf(source: EventSource | undefined): Shelf {
    const known = this.#shelves.get(source);
    if (known !== undefined) return known;
    const shelf: Shelf = { channels: new Map(), unused: new Set() };
    this.#shelves.set(source, shelf);
    return shelf;
  }

  #forget(channel: Channel): void {
    const { channels, unused } = this.#shelf(channel.source);
    unused.delete(channel);
    channels.delete(keyOf(channel));
    this.#channels.delete(channel.name);
  }
}

/** The gateway's own channels of one local name have several audiences. */
function keyOf({ name, localName, source }: Channel): string {
  return source === undefined ? name : localName;
}
