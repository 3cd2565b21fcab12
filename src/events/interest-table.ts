import type { ChannelPattern } from '../wire/channel-pattern.js';
import type { Cursor } from '../wire/cursor.js';
import { modeRank } from '../wire/mode.js';
import type { Mode } from '../wire/mode.js';
import type { Channel } from './channel.js';
import type { Subscriber } from './subscriber.js';

/** The place from which a client resumes a channel; undefined where it was not. */
export type Resume = (channel: Channel) => Cursor | undefined;

/** A pattern that a client subscribed to, and the channels that it stands for now. */
export interface Interest {
  readonly pattern: ChannelPattern;
  readonly mode: Mode;
  readonly resume: Resume | undefined;
  readonly channels: Set<string>;
}

const NONE: ReadonlyMap<string, Interest> = new Map();

/** Who is interested in what: the patterns of each client, by their text. */
export class InterestTable {
  readonly #interests = new Map<Subscriber, Map<string, Interest>>();
  #wildcards = 0;

  /** The clients that listen, or have listened and are not gone. */
  get subscribers(): IterableIterator<Subscriber> {
    return this.#interests.keys();
  }

  get hasWildcards(): boolean {
    return this.#wildcards > 0;
  }

  of(subscriber: Subscriber): ReadonlyMap<string, Interest> {
    return this.#interests.get(subscriber) ?? NONE;
  }

  /** Who named this channel in full. */
  named(channel: string): Subscriber[] {
    return [...this.#interests].flatMap(([subscriber, own]) => (own.has(channel) ? [subscriber] : []));
  }

  /** Adds an interest; returns the one with the same text that it replaces. */
  add(subscriber: Subscriber, interest: Interest): Interest | undefined {
    const replaced = this.delete(subscriber, interest.pattern.text);
    const own = this.#interests.get(subscriber) ?? new Map<string, Interest>();
    this.#interests.set(subscriber, own.set(interest.pattern.text, interest));
    if (interest.pattern.isWildcard) this.#wildcards += 1;
    return replaced;
  }

  delete(subscriber: Subscriber, text: string): Interest | undefined {
    const own = this.#interests.get(subscriber);
    const interest = own?.get(text);
    if (own?.delete(text) === true && interest?.pattern.isWildcard === true) this.#wildcards -= 1;
    return interest;
  }

  /** The client is gone; its interests have been deleted. */
  forget(subscriber: Subscriber): void {
    this.#interests.delete(subscriber);
  }

  /** How many patterns a client would have with these. */
  countWith(subscriber: Subscriber, patterns: readonly ChannelPattern[]): number {
    const own = this.of(subscriber);
    return own.size + patterns.filter(({ text }) => !own.has(text)).length;
  }
}

/** Sets the mode of each channel: of several interests in one, that with the highest rank. */
export function setModes(modes: Map<string, Mode>, interests: Iterable<Interest>): void {
  modes.clear();
  for (const { mode, channels } of interests) {
    for (const name of channels) {
      const known = modes.get(name);
      if (known === undefined || modeRank(mode) > modeRank(known)) modes.set(name, mode);
    }
  }
}
