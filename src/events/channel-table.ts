import type { EventSource } from '../upstreams/source.js';
import { Channel } from './channel.js';
import type { ChannelOptions, ChannelOwner } from './channel.js';

/** Channels remembered at most; the oldest unused ones are forgotten. */
const MAX_CHANNELS = 4096;

/** Every channel that was ever used and is still remembered, by name and by source. */
export class ChannelTable {
  readonly #options: ChannelOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #bySource = new Map<EventSource, Set<Channel>>();
  /** Unused channels, the oldest first: room is made in constant time. */
  readonly #unused = new Set<Channel>();

  readonly #owner: ChannelOwner;

  constructor(options: ChannelOptions, onRetaken: () => void) {
    this.#options = options;
    this.#owner = { onUnused: (channel) => void this.#unused.add(channel), onRetaken };
  }

  get(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  values(): IterableIterator<Channel> {
    return this.#channels.values();
  }

  of(source: EventSource): Iterable<Channel> {
    return this.#bySource.get(source) ?? [];
  }

  getOrCreate(name: string, source: EventSource | undefined): Channel {
    return this.#channels.get(name) ?? this.#create(name, source);
  }

  /** The channel, used once more. */
  use(channel: Channel): void {
    this.#unused.delete(channel);
    channel.use();
  }

  #create(name: string, source: EventSource | undefined): Channel {
    const [oldest] = this.#unused;
    if (this.#channels.size >= MAX_CHANNELS && oldest !== undefined) this.#forget(oldest);
    const channel = new Channel(name, source, this.#options, this.#owner);
    this.#channels.set(name, channel);
    if (source === undefined) return channel;
    const own = this.#bySource.get(source);
    if (own === undefined) this.#bySource.set(source, new Set([channel]));
    else own.add(channel);
    return channel;
  }

  #forget(channel: Channel): void {
    this.#unused.delete(channel);
    this.#channels.delete(channel.name);
    if (channel.source !== undefined) this.#bySource.get(channel.source)?.delete(channel);
  }
}
