import { GatewayError } from '../errors/errors.js';
import type { EventSource, OpenedChannel, SourceListener } from '../upstreams/source.js';
import { within } from '../util/within.js';
import { matchesLevels } from '../wire/channel-pattern.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import type { Cursor } from '../wire/cursor.js';
import type { Subscription } from '../wire/messages.js';
import type { Mode } from '../wire/mode.js';
import type { Channel, ChannelOptions } from './channel.js';
import { ChannelTable } from './channel-table.js';
import { Fanout } from './fanout.js';
import { InterestTable, setModes } from './interest-table.js';
import type { Interest, Resume } from './interest-table.js';
import { replay } from './replay.js';
import type { Start } from './replay.js';
import { describeSubscription, newestPlace, resumeFrom } from './resume.js';
import type { Subscriber } from './subscriber.js';
import { suggestionsFor } from './unmatched.js';

export interface HubOptions extends ChannelOptions {
  /** Milliseconds that a source has to take a channel that a client names. */
  readonly readyTimeoutMs: number;
  /** A source refused a channel; `listeners` are those who named it in full and were subscribed to it. */
  readonly onRefused: (channel: string, error: Error, listeners: readonly Subscriber[]) => void;
}

/**
 * Who listens to what. The first user of a channel opens it at its source, the last one closes it; wildcards follow
 * what the sources offer. It knows channel names and bytes: neither what an event holds nor how clients are connected.
 */
export class Hub {
  readonly #options: HubOptions;
  /** The one added last comes first: a special source takes its names out of a general one. */
  #sources: readonly EventSource[] = [];
  readonly #channels: ChannelTable;
  readonly #interests = new InterestTable();
  readonly #fanout = new Fanout();
  /** Events so far, over all channels. */
  #order = 0;
  #isClosed = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#channels = new ChannelTable(options, () => this.#watchSources());
  }

  /** The clients that listen, or have listened and are not gone. */
  get subscribers(): IterableIterator<Subscriber> {
    return this.#interests.subscribers;
  }

  /** @throws Error when there is a source with the same id */
  addSource(source: EventSource): void {
    if (this.#sources.some(({ id }) => id === source.id))
      throw new Error(`There are two sources with the id ${source.id}.`);
    this.#sources = [source, ...this.#sources];
    source.attach(this.#listen(source));
  }

  /** A channel that was ever used and is still remembered. */
  channel(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  /** A channel of the gateway's own; its name starts with `$`. */
  addOwn(name: string): Channel {
    return this.#channels.getOrCreate(name, undefined);
  }

  /** An event of the gateway's own. */
  publishOwn(name: string, data: object): void {
    const [Publisher, Topic] = name.split('/');
    const event = Buffer.from(JSON.stringify({ Publisher, Topic, EventData: data }));
    this.#publish(this.addOwn(name), event);
  }

  /** Keeps a channel open for a user that is no client. */
  open(name: string): OpenedChannel {
    const channel = this.#use(name);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) channel.release();
      isOpen = false;
    };
    return { ready: channel.ready, close };
  }

  /**
   * Subscribes a client, all patterns or none. `onSubscribed` is called before anything that it replays.
   *
   * @throws RejectedError when a source refuses a channel that is named in full; GatewayError `Timeout`
   */
  async subscribe(
    subscriber: Subscriber,
    patterns: readonly ChannelPattern[],
    mode: Mode,
    resume: Resume | undefined,
    onSubscribed: (subscriptions: readonly Subscription[]) => void,
  ): Promise<void> {
    this.#assertKnown(patterns);
    const found = patterns.map((pattern) => ({ pattern, names: this.#resolve(pattern) }));
    const used = found.flatMap(({ names }) => names.map((name) => this.#use(name)));
    // An event may follow the source's acknowledgement closely: the subscription begins where it was asked for.
    const places = new Map(used.map(({ name, journal }) => [name, journal.cursor]));
    try {
      await this.#untilTaken(used, patterns);
      if (subscriber.ended || this.#isClosed) return;
      this.#fanout.flush();
      const suggestions = suggestionsFor(found, this.#offers);
      onSubscribed(
        found.map(({ pattern: { text }, names }) =>
          describeSubscription(text, names, places, suggestions.get(text)),
        ),
      );
      const starts = patterns.flatMap((pattern) => {
        const interest: Interest = { pattern, mode, resume, channels: new Set() };
        this.#releaseAll(this.#interests.add(subscriber, interest));
        // The offers may have changed while the source was asked.
        return this.#attach(subscriber, interest, this.#resolve(pattern), ({ name }) => places.get(name));
      });
      replay(subscriber, starts);
    } finally {
      for (const channel of used) channel.release();
      this.#watchSources();
    }
  }

  unsubscribe(subscriber: Subscriber, texts: readonly string[]): void {
    for (const text of texts) this.#releaseAll(this.#interests.delete(subscriber, text));
    this.#place(subscriber);
    this.#watchSources();
  }

  /** The client is gone. */
  leave(subscriber: Subscriber): void {
    this.unsubscribe(subscriber, [...this.#interests.of(subscriber).keys()]);
    this.#interests.forget(subscriber);
    this.#fanout.remove(subscriber);
  }

  /** How many patterns a client would have with these. */
  countWith(subscriber: Subscriber, patterns: readonly ChannelPattern[]): number {
    return this.#interests.countWith(subscriber, patterns);
  }

  newestPlace(subscriptions: readonly Subscription[]): Cursor | undefined {
    return newestPlace(subscriptions, this.#channels);
  }

  resumeFrom(cursor: Cursor): Resume {
    return resumeFrom(cursor, this.#channels);
  }

  /** Ends every timer and closes every channel. Clients are the caller's to close. */
  close(): void {
    this.#isClosed = true;
    this.#fanout.flush();
    for (const channel of this.#channels.values()) channel.shut();
  }

  #listen(source: EventSource): SourceListener {
    return {
      onEvent: (name, event) => {
        const channel = this.#channels.get(name);
        if (channel?.isOpen === true) this.#publish(channel, event);
      },
      onRefused: (name, error) => this.#onRefused(name, error),
      onLost: (names) => this.#onLost(source, names),
      onSource: (connected) => this.#onSource(source, connected),
      onOffers: () => this.#onOffers(source),
    };
  }

  #publish(channel: Channel, event: Buffer): void {
    this.#fanout.publish(channel.append(event, (this.#order += 1)));
  }

  #onRefused(name: string, error: Error): void {
    const isNews = this.#channels.get(name)?.refuse() !== false;
    if (isNews) this.#options.onRefused(name, error, this.#interests.named(name));
    this.#watchSources();
  }

  #onLost(source: EventSource, names: readonly string[] | undefined): void {
    const lost = names?.flatMap((name) => this.#channels.get(name) ?? []) ?? this.#channels.of(source);
    for (const channel of lost) channel.markDiscontinuous();
    this.#renewAll(lost);
  }

  #onSource(source: EventSource, connected: boolean): void {
    for (const channel of this.#channels.of(source)) {
      if (!connected) channel.markDiscontinuous();
      channel.allowRetry();
    }
    if (connected) this.#renewAll(this.#channels.of(source));
  }

  #onOffers(source: EventSource): void {
    const offered = new Set(source.offers);
    for (const channel of this.#channels.of(source)) channel.onOffers(offered.has(channel.name));
    this.#renewAll(this.#channels.of(source));
    const resolved = new Map<string, readonly string[]>();
    for (const subscriber of this.#interests.subscribers) this.#follow(subscriber, resolved);
    this.#watchSources();
  }

  /** Wildcards take in what a source has begun to offer; `resolved` is what they stand for now. */
  #follow(subscriber: Subscriber, resolved: Map<string, readonly string[]>): void {
    for (const interest of this.#interests.of(subscriber).values()) {
      const { text, isWildcard } = interest.pattern;
      if (!isWildcard) continue;
      const names = resolved.get(text) ?? this.#resolve(interest.pattern);
      resolved.set(text, names);
      const fresh = names.filter((name) => !interest.channels.has(name));
      if (fresh.length === 0) continue;
      const starts = this.#attach(subscriber, interest, fresh, () => undefined);
      replay(subscriber, starts);
    }
  }

  /**
   * Waits for the sources' acknowledgement: what a client does next must not be missed. Only a channel that it named
   * can be refused. A source that is away is not waited for.
   */
  async #untilTaken(channels: readonly Channel[], patterns: readonly ChannelPattern[]): Promise<void> {
    const texts = new Set(patterns.map(({ text }) => text));
    const asked = channels.filter(({ source }) => source?.connected === true);
    const named = asked.filter(({ name }) => texts.has(name)).map(({ ready }) => ready);
    const others = asked.filter(({ name }) => !texts.has(name)).map(({ ready }) => ready);
    const { readyTimeoutMs } = this.#options;
    await Promise.all([
      within(Promise.all(named), readyTimeoutMs, timeout),
      within(Promise.allSettled(others), readyTimeoutMs, timeout).catch(() => undefined),
    ]);
  }

  /** Adds channels to an interest. Returns where to replay from: channels that the client receives already are left out. */
  #attach(
    subscriber: Subscriber,
    interest: Interest,
    names: readonly string[],
    place: Resume,
  ): readonly Start[] {
    const received = new Set(subscriber.modes.keys());
    const channels = names.map((name) => this.#use(name));
    for (const { name } of channels) interest.channels.add(name);
    this.#place(subscriber);
    return channels
      .filter(({ name }) => !received.has(name))
      .map((channel) => ({
        channel,
        from: interest.resume?.(channel) ?? place(channel) ?? channel.journal.cursor,
      }));
  }

  /** Updates a client's channels and modes after its interests have changed. */
  #place(subscriber: Subscriber): void {
    this.#fanout.flush();
    setModes(subscriber.modes, this.#interests.of(subscriber).values());
    this.#fanout.place(subscriber);
  }

  #renewAll(channels: Iterable<Channel>): void {
    for (const channel of channels) this.#renew(channel);
  }

  /** Begins a channel's new epoch when its old one is over, and tells its listeners the gap. */
  #renew(channel: Channel): void {
    const gap = channel.renew();
    if (gap === undefined) return;
    this.#fanout.flush();
    for (const subscriber of [...this.#fanout.listeners(channel.name)]) subscriber.tellGap(channel.name, gap);
  }

  #resolve({ text, levels, isWildcard }: ChannelPattern): readonly string[] {
    if (!isWildcard) return [text];
    const names = new Set<string>();
    for (const { offers } of this.#sources)
      for (const name of offers) if (matchesLevels(levels, name)) names.add(name);
    return [...names];
  }

  get #offers(): readonly string[] {
    return this.#sources.flatMap(({ offers }) => offers);
  }

  /** The channel, used once more. */
  #use(name: string): Channel {
    const known = this.#channels.get(name);
    const channel = known ?? this.#channels.getOrCreate(name, this.#sourceOf(name));
    const wasOpen = channel.isOpen;
    this.#channels.use(channel);
    if (!wasOpen) this.#renew(channel);
    return channel;
  }

  #sourceOf(name: string): EventSource | undefined {
    return this.#sources.find((source) => source.owns(name));
  }

  #releaseAll(interest: Interest | undefined): void {
    for (const name of interest?.channels ?? []) this.#channels.get(name)?.release();
  }

  /** @throws GatewayError `Invalid request` for a channel that no source owns */
  #assertKnown(patterns: readonly ChannelPattern[]): void {
    const isKnown = ({ text, isWildcard }: ChannelPattern): boolean =>
      this.#channels.get(text) !== undefined ||
      (!text.startsWith('$') && (isWildcard || this.#sourceOf(text) !== undefined));
    const unknown = patterns.find((pattern) => !isKnown(pattern));
    if (unknown !== undefined)
      throw new GatewayError('Invalid request', `There is no channel ${unknown.text}.`);
  }

  /** A source polls for new offers while a wildcard or a refused channel waits for them. */
  #watchSources(): void {
    const { hasWildcards } = this.#interests;
    for (const source of this.#sources) {
      const isAwaited = (each: Channel): boolean => each.isRefused && this.#fanout.hasListeners(each.name);
      source.watch(hasWildcards || some(this.#channels.of(source), isAwaited));
    }
  }
}

function some<T>(items: Iterable<T>, condition: (item: T) => boolean): boolean {
  for (const item of items) if (condition(item)) return true;
  return false;
}

function timeout(): GatewayError {
  return new GatewayError('Timeout', 'The studio did not take the subscription in time.', {
    outcome: 'no-answer',
  });
}
