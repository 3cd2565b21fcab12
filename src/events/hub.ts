import { GatewayError } from '../errors/errors.js';
import type { EventSource, OpenedChannel, PlaceListener, SourceListener } from '../upstreams/source.js';
import { splitStudio } from '../wire/channel-pattern.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import type { Cursor } from '../wire/cursor.js';
import type { Subscription } from '../wire/messages.js';
import type { Gap } from '../wire/gap.js';
import type { Mode } from '../wire/mode.js';
import type { Channel, ChannelOptions } from './channel.js';
import { ChannelNames } from './channel-names.js';
import type { NamedChannel } from './channel-names.js';
import { ChannelTable } from './channel-table.js';
import { Fanout } from './fanout.js';
import { InterestTable, setModes } from './interest-table.js';
import type { Interest, Resume } from './interest-table.js';
import { NO_STUDIO } from './namespace.js';
import type { Namespace } from './namespace.js';
import { OwnChannels } from './own-channels.js';
import { PlacedEvents } from './placed-events.js';
import { replay } from './replay.js';
import type { Start } from './replay.js';
import { describeSubscription, resumeFrom } from './resume.js';
import type { Subscriber } from './subscriber.js';
import { suggestionsFor } from './unmatched.js';
import { untilTaken } from './until-taken.js';

export interface HubOptions extends ChannelOptions {
  /** Milliseconds that a source has to take a channel that a client names. */
  readonly readyTimeoutMs: number;
  /** A source refused a channel; `listeners` are those who named it in full and were subscribed to it. */
  readonly onRefused: (channel: string, error: Error, listeners: readonly Subscriber[]) => void;
  /** A source is gone for good; `listeners` are those who had channels of it. */
  readonly onRemoved?: (error: Error, listeners: ReadonlySet<Subscriber>) => void;
}

/**
 * Who listens to what. The first user of a channel opens it at its source, the last one closes it; wildcards follow
 * what the sources offer. It knows channel names and bytes: neither what an event holds nor how clients are connected.
 */
export class Hub {
  readonly #options: HubOptions;
  readonly #names = new ChannelNames();
  readonly #channels: ChannelTable;
  readonly #own: OwnChannels;
  readonly #interests = new InterestTable();
  readonly #fanout = new Fanout();
  /** Events so far, over all channels. */
  #order = 0;
  #isClosed = false;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#channels = new ChannelTable(options, () => this.#watchSources());
    this.#own = new OwnChannels(this.#channels);
  }

  /** The clients that listen, or have listened and are not gone. */
  get subscribers(): IterableIterator<Subscriber> {
    return this.#interests.subscribers;
  }

  /**
   * Takes in a source: of a studio, whose channels stand below `studios/<studio>/`, or of none.
   *
   * @throws Error when there is a source with the same id
   */
  addSource(source: EventSource, studio?: string): void {
    this.#names.add(source, studio);
    source.attach(this.#listen(source));
    source.attachPlaces?.(this.#listenToPlaces(source));
    this.#followAll(source);
  }

  /** The source is gone for good. Those who listened get a gap, and then `error`. */
  removeSource(source: EventSource, error: Error): void {
    this.#fanout.flush();
    const gone = [...this.#channels.allOf(source)];
    this.#names.remove(source);
    this.#channels.removeAll(source);
    const listeners = new Set<Subscriber>();
    for (const channel of gone) {
      for (const each of this.#tellGap(channel, channel.end())) listeners.add(each);
    }
    const names = new Set(gone);
    for (const subscriber of listeners) {
      for (const { channels } of this.#interests.of(subscriber).values())
        for (const [name, channel] of channels) if (names.has(channel)) channels.delete(name);
      this.#place(subscriber);
    }
    this.#options.onRemoved?.(error, listeners);
  }

  /** A channel that was ever used and is still remembered. */
  channel(name: string, namespace: Namespace = NO_STUDIO): Channel | undefined {
    return this.#channels.get(this.#names.named(name, namespace).fullName);
  }

  /** A channel of the gateway's own; its name starts with `$`. Of a studio, where one is named. */
  addOwn(localName: string, studio?: string): Channel {
    return this.#own.add(localName, studio);
  }

  /** An event of the gateway's own: about a studio, where one is named. */
  publishOwn(localName: string, data: object, studio?: string): void {
    const appended = this.#own.append(localName, data, studio, () => (this.#order += 1));
    for (const [channel, event] of appended) this.#fanout.publish(event, channel.name);
  }

  /** Keeps a channel open for a user that is no client. */
  open(name: string, studio = ''): OpenedChannel {
    const channel = this.#use(this.#names.named(name, { ...NO_STUDIO, studio }));
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
    onSubscribed: (subscriptions: readonly Subscription[], channels: readonly Channel[]) => void,
  ): Promise<void> {
    const { namespace } = subscriber;
    this.#assertKnown(patterns, namespace);
    const found = patterns.map((pattern) => ({ pattern, names: this.#names.resolve(pattern, namespace) }));
    const used = found.flatMap(({ names }) => names.map((named) => [named.name, this.#use(named)] as const));
    // An event may follow the source's acknowledgement closely: the subscription begins where it was asked for.
    const places = new Map(used.map(([name, { journal }]) => [name, journal.cursor]));
    try {
      await untilTaken(used, patterns, this.#options.readyTimeoutMs);
      if (subscriber.ended || this.#isClosed) return;
      this.#fanout.flush();
      const suggestions = suggestionsFor(found, (isOfStudio) =>
        isOfStudio ? this.#names.studioOffers(namespace) : this.#names.offers(namespace),
      );
      onSubscribed(
        found.map(({ pattern: { text }, names }) =>
          describeSubscription(text, names, places, suggestions.get(text)),
        ),
        used.map(([, channel]) => channel),
      );
      const starts = patterns.flatMap((pattern) => {
        const interest: Interest = { pattern, mode, resume, channels: new Map() };
        this.#releaseAll(this.#interests.add(subscriber, interest));
        // The offers may have changed while the source was asked.
        const names = this.#names.resolve(pattern, namespace);
        return this.#attach(subscriber, interest, names, (_, name) => places.get(name));
      });
      replay(subscriber, starts);
    } finally {
      for (const [, channel] of used) channel.release();
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
        const channel = this.#channels.of(source, name);
        if (channel?.isOpen === true) this.#publish(channel, event);
      },
      onRefused: (name, error) => this.#onRefused(source, name, error),
      onLost: (names) => this.#onLost(source, names),
      onSource: (connected) => this.#onSource(source, connected),
      onOffers: () => this.#onOffers(source),
    };
  }

  #listenToPlaces(source: EventSource): PlaceListener {
    return new PlacedEvents(source, {
      names: this.#names,
      channels: this.#channels,
      own: this.#own,
      interests: this.#interests,
      fanout: this.#fanout,
      nextOrder: () => (this.#order += 1),
      tellGap: (channel, gap) => this.#tellGap(channel, gap),
    });
  }

  #publish(channel: Channel, event: Buffer): void {
    this.#fanout.publish(channel.append(event, (this.#order += 1)), channel.name);
  }

  #onRefused(source: EventSource, localName: string, error: Error): void {
    const channel = this.#channels.of(source, localName);
    const listeners = channel === undefined ? [] : this.#interests.named(channel);
    if (channel?.refuse() !== false)
      this.#options.onRefused(this.#names.fullName(source, localName), error, listeners);
    this.#watchSources();
  }

  #onLost(source: EventSource, names: readonly string[] | undefined): void {
    const lost =
      names?.flatMap((name) => this.#channels.of(source, name) ?? []) ?? this.#channels.allOf(source);
    for (const channel of lost) channel.markDiscontinuous();
    this.#renewAll(lost);
  }

  #onSource(source: EventSource, connected: boolean): void {
    for (const channel of this.#channels.allOf(source)) {
      if (!connected) channel.markDiscontinuous();
      channel.allowRetry();
    }
    if (connected) this.#renewAll(this.#channels.allOf(source));
  }

  #onOffers(source: EventSource): void {
    const offered = new Set(source.offers);
    for (const channel of this.#channels.allOf(source)) channel.onOffers(offered.has(channel.localName));
    this.#renewAll(this.#channels.allOf(source));
    this.#followAll(source);
  }

  /** Wildcards take in what a source has begun to offer, and those who named a channel of one that is back get it back. */
  #followAll(source: EventSource): void {
    const studio = this.#names.studioOf(source);
    const resolved: ResolvedPatterns = new Map();
    for (const subscriber of this.#interests.subscribers) this.#follow(subscriber, studio, resolved);
    this.#watchSources();
  }

  #follow(subscriber: Subscriber, studio: string | undefined, resolved: ResolvedPatterns): void {
    const { namespace } = subscriber;
    for (const interest of this.#interests.of(subscriber).values()) {
      const { text, isWildcard } = interest.pattern;
      if (!isWildcard && interest.channels.size > 0) continue;
      const wanted = splitStudio(text)?.studio ?? namespace.studio;
      if (studio !== undefined && wanted !== studio && wanted !== '*') continue;
      const known = resolved.get(namespace) ?? new Map<string, readonly NamedChannel[]>();
      const names = known.get(text) ?? this.#names.resolve(interest.pattern, namespace);
      resolved.set(namespace, known.set(text, names));
      const fresh = names.filter((each) => !interest.channels.has(each.name) && this.#isKnown(each));
      if (fresh.length === 0) continue;
      const starts = this.#attach(subscriber, interest, fresh, () => undefined);
      replay(subscriber, starts);
    }
  }

  /** Adds channels to an interest. Returns where to replay from: channels that the client receives already are left out. */
  #attach(
    subscriber: Subscriber,
    interest: Interest,
    names: readonly NamedChannel[],
    place: Resume,
  ): readonly Start[] {
    const received = new Set(subscriber.modes.keys());
    for (const named of names) interest.channels.set(named.name, this.#use(named));
    this.#place(subscriber);
    const added = names.filter(({ name }) => !received.has(name));
    return added.flatMap(({ name }) => {
      const channel = interest.channels.get(name);
      if (channel === undefined) return [];
      const from = interest.resume?.(channel, name) ?? place(channel, name) ?? channel.journal.cursor;
      // Another gateway was faster: what the client had there is yet to come here.
      const { epoch, seq } = channel.journal.cursor;
      const isAhead = channel.source?.attachPlaces !== undefined && from.epoch === epoch && from.seq > seq;
      subscriber.skipUpTo(name, isAhead ? from : undefined);
      return [{ channel, name, from }];
    });
  }

  /** Updates a client's channels and modes after its interests have changed. */
  #place(subscriber: Subscriber): void {
    this.#fanout.flush();
    this.#fanout.place(subscriber, setModes(subscriber.modes, this.#interests.of(subscriber).values()));
  }

  #renewAll(channels: Iterable<Channel>): void {
    for (const channel of channels) this.#renew(channel);
  }

  /** Begins a channel's new epoch when its old one is over, and tells its listeners the gap. */
  #renew(channel: Channel): void {
    const gap = channel.renew();
    if (gap !== undefined) this.#tellGap(channel, gap);
  }

  /** Returns those who were told. */
  #tellGap({ name: fullName }: Channel, gap: Gap): readonly Subscriber[] {
    this.#fanout.flush();
    const listeners = [...this.#fanout.listeners(fullName)];
    for (const [subscriber, name] of listeners) subscriber.tellGap(name, gap);
    return listeners.map(([subscriber]) => subscriber);
  }

  /** The channel, used once more. */
  #use(named: NamedChannel): Channel {
    const channel =
      named.source === undefined
        ? this.#own.getOrCreate(named.fullName, named.localName)
        : this.#channels.getOrCreate(named);
    const wasOpen = channel.isOpen;
    this.#channels.use(channel);
    if (!wasOpen) this.#renew(channel);
    return channel;
  }

  #releaseAll(interest: Interest | undefined): void {
    for (const channel of interest?.channels.values() ?? []) channel.release();
  }

  /** @throws GatewayError `Invalid request` for a channel that no source owns */
  #assertKnown(patterns: readonly ChannelPattern[], namespace: Namespace): void {
    const unknown = patterns.find(({ text, isWildcard }) =>
      isWildcard ? text.startsWith('$') : !this.#isKnown(this.#names.named(text, namespace)),
    );
    if (unknown !== undefined)
      throw new GatewayError('Invalid request', `There is no channel ${unknown.text}.`);
  }

  #isKnown({ fullName, localName, source }: NamedChannel): boolean {
    return source !== undefined || this.#own.isKnown(fullName, localName);
  }

  /** A source polls for new offers while a wildcard or a refused channel waits for them. */
  #watchSources(): void {
    for (const source of this.#names.sources) {
      const isAwaited = (each: Channel): boolean => each.isRefused && this.#fanout.hasListeners(each.name);
      const hasWildcards = this.#interests.hasWildcards(this.#names.studioOf(source));
      source.watch(hasWildcards || some(this.#channels.allOf(source), isAwaited));
    }
  }
}

/** What patterns stand for now, by the namespace in which they are meant. */
type ResolvedPatterns = Map<Namespace, Map<string, readonly NamedChannel[]>>;

function some<T>(items: Iterable<T>, condition: (item: T) => boolean): boolean {
  for (const item of items) if (condition(item)) return true;
  return false;
}
