import { channelOf, matches, parsePattern, streamOf } from './channel-name.js';
import type { ChannelPattern } from './channel-name.js';
import { GatewayError } from '../errors/errors.js';
import { within } from '../util/within.js';
import { Channel } from './channel.js';
import { describe, setModes } from './interest.js';
import type { Interest, Resume, Subscription } from './interest.js';
import { replay } from './replay.js';
import type { Start } from './replay.js';
import type { ChannelOptions } from './channel.js';
import { Fanout } from './fanout.js';
import type { Cursor } from './journal.js';
import type { EventStream, OpenedStream, SourceEvent, SourceListener } from '../upstreams/source.js';
import type { Mode, Subscriber } from './subscriber.js';

export interface HubOptions extends Pick<ChannelOptions, 'source' | 'journal' | 'lingerMs' | 'nextEpoch'> {
  /** What the source offers, as far as it is known; for wildcards. */
  readonly directory: () => readonly EventStream[];
  /** Its device is away, and has taken its subscriptions along. */
  readonly isGone: (stream: EventStream) => boolean;
  /** Milliseconds that the source has to take a channel that a client names. */
  readonly readyTimeoutMs: number;
  /** The source refused a channel; `listeners` are those who named it in full and thought that they had it. */
  readonly onRefused: (channel: string, error: Error, listeners: readonly Subscriber[]) => void;
}

/** Tells how the connection to the studio stands; always has an event. */
export const UPSTREAM_CHANNEL = '$gateway/upstream';

/** Channels remembered at most; the oldest that nobody uses are forgotten. */
const MAX_CHANNELS = 4096;

/**
 * Who listens to what. The first user of a channel opens it at the source, the last one closes it; wildcards
 * follow what the source offers. Knows neither where events come from nor how clients are connected.
 */
export class Hub implements SourceListener {
  readonly #options: HubOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #interests = new Map<Subscriber, Map<string, Interest>>();
  readonly #fanout = new Fanout();
  /** Events so far, over all channels. */
  #order = 0;
  #closed = false;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** The clients that listen, or have listened and are not gone. */
  get subscribers(): IterableIterator<Subscriber> {
    return this.#interests.keys();
  }

  get connected(): boolean {
    return this.#options.source.connected;
  }

  /** Somebody listens to whatever there is. */
  get hasWildcards(): boolean {
    return this.#some(({ pattern }) => pattern.isWildcard);
  }

  /** Somebody waits for a channel that the source refuses. */
  get isDenied(): boolean {
    const isRefused = (name: string): boolean => this.#channels.get(name)?.isRefused === true;
    return this.#some(({ channels }) => [...channels].some(isRefused));
  }

  /** A channel that was ever used and is still remembered. */
  channel(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  onEvent(event: SourceEvent): void {
    const name = channelOf(event);
    const channel = this.#channels.get(name);
    if (channel?.isOpen !== true) return;
    this.#fanout.publish(channel.append(event.bytes, (this.#order += 1)));
  }

  /** A channel of the gateway's own; its name starts with `$`. */
  addOwn(name: string): Channel {
    return this.#channels.get(name) ?? this.#create(name, undefined);
  }

  /** An event of the gateway's own. */
  publishOwn(name: string, data: object): void {
    const [Publisher, Topic] = name.split('/');
    const bytes = Buffer.from(JSON.stringify({ Publisher, Topic, EventData: data }));
    this.#fanout.publish(this.addOwn(name).append(bytes, (this.#order += 1)));
  }

  onLost(streams?: readonly EventStream[]): void {
    const channels = streams?.map((each) => this.#channels.get(channelOf(each))) ?? this.#channels.values();
    for (const channel of channels) channel?.breakOff();
    this.#renew();
  }

  /** A device went or came, and its subscriptions are gone with it; they come back with `onDirectory`. */
  onDevice(deviceId: number): void {
    for (const channel of this.#channels.values()) if (channel.stream?.deviceId === deviceId) channel.shut();
  }

  onSource(connected: boolean): void {
    for (const channel of this.#channels.values()) {
      if (!connected) channel.breakOff();
      channel.forgive();
    }
    if (connected) this.#renew();
  }

  onRefused(stream: EventStream, error: Error): void {
    const name = channelOf(stream);
    if (this.#channels.get(name)?.refuse() === false) return;
    const listeners = [...this.#interests].flatMap(([subscriber, interests]) =>
      interests.has(name) ? [subscriber] : [],
    );
    this.#options.onRefused(name, error, listeners);
  }

  /** What the source offers has changed. */
  onDirectory(): void {
    const offered = new Set(this.#options.directory().map(channelOf));
    for (const channel of this.#channels.values()) {
      if (channel.stream === undefined) continue;
      if (offered.has(channel.name)) channel.retry();
      if (this.#options.isGone(channel.stream)) {
        channel.shut();
        channel.forgive();
      } else channel.open();
    }
    this.#renew();
    const resolved = new Map<string, readonly string[]>();
    for (const [subscriber, interests] of this.#interests) this.#follow(subscriber, interests, resolved);
  }

  /** Keeps a stream open for somebody who is no client. */
  open(stream: EventStream): OpenedStream {
    const channel = this.#take(channelOf(stream), stream);
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
   * @throws RejectedError when the source refuses a channel that is named in full; GatewayError `Timeout`
   */
  async subscribe(
    subscriber: Subscriber,
    patterns: readonly ChannelPattern[],
    mode: Mode,
    resume: Resume | undefined,
    onSubscribed: (subscriptions: readonly Subscription[]) => void,
  ): Promise<void> {
    const unknown = patterns.find(({ text }) => text.startsWith('$') && !this.#channels.has(text));
    if (unknown !== undefined)
      throw new GatewayError('Invalid request', `There is no channel ${unknown.text}.`);
    const found = patterns.map((pattern) => ({ pattern, names: this.#resolve(pattern) }));
    const taken = found.flatMap(({ names }) => names.map((name) => this.#take(name)));
    // An event may follow the source's yes more closely than we do: listening begins where asking did.
    const places = new Map(taken.map(({ name, journal }) => [name, journal.cursor]));
    try {
      if (this.connected) await this.#taken(taken, patterns);
      if (subscriber.ended || this.#closed) return;
      this.#fanout.flush();
      onSubscribed(found.map(({ pattern, names }) => describe(pattern, names, places)));
      const starts = patterns.flatMap((pattern) => {
        const interest: Interest = { pattern, mode, resume, channels: new Set() };
        // What a wildcard stands for may have changed meanwhile.
        return this.#listen(subscriber, interest, this.#resolve(pattern), ({ name }) => places.get(name));
      });
      replay(subscriber, starts);
    } finally {
      for (const channel of taken) channel.release();
    }
  }

  unsubscribe(subscriber: Subscriber, texts: readonly string[]): void {
    const interests = this.#interests.get(subscriber);
    for (const text of texts) {
      this.#release(interests?.get(text));
      interests?.delete(text);
    }
    if (interests !== undefined) this.#place(subscriber, interests);
  }

  /** The client is gone. */
  leave(subscriber: Subscriber): void {
    const interests = this.#interests.get(subscriber);
    this.unsubscribe(subscriber, [...(interests?.keys() ?? [])]);
    this.#interests.delete(subscriber);
    this.#fanout.remove(subscriber);
  }

  /** How many patterns a client would have with these. */
  countAfter(subscriber: Subscriber, patterns: readonly ChannelPattern[]): number {
    const interests = this.#interests.get(subscriber);
    return (interests?.size ?? 0) + patterns.filter(({ text }) => interests?.has(text) !== true).length;
  }

  /** Ends every timer; clients are the caller's to close. */
  close(): void {
    this.#closed = true;
    this.#fanout.flush();
    for (const channel of this.#channels.values()) channel.shut();
  }

  /** The one place from which `resumeAt` finds that of all these channels: that of the newest event. */
  placeOf(subscriptions: readonly Subscription[]): Cursor | undefined {
    const names = subscriptions.flatMap(({ cursors }) => Object.keys(cursors));
    const journals = names.flatMap((name) => this.#channels.get(name)?.journal ?? []);
    const orderOf = ({ newest }: Channel['journal']): number => newest?.order ?? 0;
    return journals.toSorted((a, b) => orderOf(b) - orderOf(a))[0]?.cursor;
  }

  /** What a cursor alone says of all channels: everything up to that event has been seen. */
  resumeAt(cursor: Cursor): Resume {
    const own = [...this.#channels.values()].find(({ journal }) => journal.knows(cursor.epoch));
    const order = own?.journal.at(cursor)?.order ?? 0;
    return (channel) => (own === undefined || channel === own ? cursor : channel.journal.placeAt(order));
  }

  /** Waits for the source's word: what a client does next must not be missed. Only what it named can be refused. */
  async #taken(channels: readonly Channel[], patterns: readonly ChannelPattern[]): Promise<void> {
    const texts = new Set(patterns.map(({ text }) => text));
    const named = channels.filter(({ name }) => texts.has(name)).map(({ ready }) => ready);
    const others = channels.filter(({ name }) => !texts.has(name)).map(({ ready }) => ready);
    const { readyTimeoutMs } = this.#options;
    await Promise.all([
      within(Promise.all(named), readyTimeoutMs, late),
      within(Promise.allSettled(others), readyTimeoutMs, late).catch(() => undefined),
    ]);
  }

  #some(condition: (interest: Interest) => boolean): boolean {
    for (const interests of this.#interests.values()) {
      for (const interest of interests.values()) if (condition(interest)) return true;
    }
    return false;
  }

  #listen(
    subscriber: Subscriber,
    interest: Interest,
    names: readonly string[],
    place: Resume,
  ): readonly Start[] {
    const interests = this.#interests.get(subscriber) ?? new Map<string, Interest>();
    this.#interests.set(subscriber, interests);
    this.#release(interests.get(interest.pattern.text));
    interests.set(interest.pattern.text, interest);
    return this.#attach(subscriber, interests, interest, names, place);
  }

  /** The channels of an interest that ends. */
  #release(interest: Interest | undefined): void {
    for (const name of interest?.channels ?? []) this.#channels.get(name)?.release();
  }

  /** Wildcards take in what the source has begun to offer; `resolved` is what they stand for now. */
  #follow(
    subscriber: Subscriber,
    interests: Map<string, Interest>,
    resolved: Map<string, readonly string[]>,
  ): void {
    for (const interest of interests.values()) {
      const { text, isWildcard } = interest.pattern;
      if (!isWildcard) continue;
      const names = resolved.get(text) ?? this.#resolve(interest.pattern);
      resolved.set(text, names);
      const fresh = names.filter((name) => !interest.channels.has(name));
      if (fresh.length === 0) continue;
      replay(
        subscriber,
        this.#attach(subscriber, interests, interest, fresh, () => undefined),
      );
    }
  }

  /** Adds channels to an interest; what is to be replayed, which is nothing that the client already hears. */
  #attach(
    subscriber: Subscriber,
    interests: Map<string, Interest>,
    interest: Interest,
    names: readonly string[],
    place: Resume,
  ): readonly Start[] {
    const heard = new Set(subscriber.modes.keys());
    const channels = names.map((name) => this.#take(name));
    for (const { name } of channels) interest.channels.add(name);
    this.#place(subscriber, interests);
    return channels
      .filter(({ name }) => !heard.has(name))
      .map((channel) => ({
        channel,
        from: interest.resume?.(channel) ?? place(channel) ?? channel.journal.cursor,
      }));
  }

  /** Brings what a client hears in line with what it asked for. */
  #place(subscriber: Subscriber, interests: ReadonlyMap<string, Interest>): void {
    this.#fanout.flush();
    setModes(subscriber.modes, interests.values());
    this.#fanout.place(subscriber);
  }

  #renew(): void {
    for (const channel of this.#channels.values()) this.#begin(channel);
  }

  /** Begins a channel's new epoch, when its old one is over, and says so to those who listen. */
  #begin(channel: Channel): void {
    const gap = channel.renew();
    if (gap === undefined) return;
    this.#fanout.flush();
    for (const subscriber of [...this.#fanout.listeners(channel.name)]) subscriber.tellGap(channel.name, gap);
  }

  #resolve(pattern: ChannelPattern): readonly string[] {
    if (!pattern.isWildcard) return [pattern.text];
    const names = this.#options.directory().map(channelOf);
    return [...new Set(names)].filter((name) => matches(pattern, name));
  }

  /** The channel, used once more. */
  #take(name: string, stream = streamNamed(name)): Channel {
    const channel = this.#channels.get(name) ?? this.#create(name, stream);
    const wasOpen = channel.isOpen;
    channel.use();
    if (!wasOpen) this.#begin(channel);
    return channel;
  }

  #create(name: string, stream: EventStream | undefined): Channel {
    if (this.#channels.size >= MAX_CHANNELS) this.#forgetOne();
    const channel = new Channel(name, stream, this.#options);
    this.#channels.set(name, channel);
    return channel;
  }

  #forgetOne(): void {
    for (const [name, channel] of this.#channels) {
      if (!channel.isUsed) return void this.#channels.delete(name);
    }
  }
}

function streamNamed(name: string): EventStream | undefined {
  const pattern = parsePattern(name);
  return pattern && streamOf(pattern);
}

function late(): GatewayError {
  return new GatewayError('Timeout', 'The studio did not take the subscription in time.', {
    outcome: 'no-answer',
  });
}
