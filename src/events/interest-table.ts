import { splitStudio } from '../wire/channel-pattern.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import type { Cursor } from '../wire/cursor.js';
import { modeRank } from '../wire/mode.js';
import type { Mode } from '../wire/mode.js';
import type { Channel } from './channel.js';
import type { Subscriber } from './subscriber.js';

/** The place from which a client resumes a channel, by the name that it uses; undefined where it was not. */
export type Resume = (channel: Channel, name: string) => Cursor | undefined;

/** A pattern that a client subscribed to, and the channels that it stands for now. */
export interface Interest {
  readonly pattern: ChannelPattern;
  readonly mode: Mode;
  readonly resume: Resume | undefined;
  /** By the names that the client uses. */
  readonly channels: Map<string, Channel>;
}

const NONE: ReadonlyMap<string, Interest> = new Map();

/** Who is interested in what: the patterns of each client, by their text. */
export class InterestTable {
  readonly #interests = new Map<Subscriber, Map<string, Interest>>();
  /** How many wildcards may stand for channels of each studio; `*` for those that may for any. */
  readonly #wildcards = new Map<string, number>();

  /** The clients that listen, or have listened and are not gone. */
  get subscribers(): IterableIterator<Subscriber> {
    return this.#interests.keys();
  }

  /** Whether a wildcard may stand for channels of a studio, or of a source that belongs to none. */
  hasWildcards(studio: string | undefined): boolean {
    if (studio === undefined) return this.#wildcards.size > 0;
    return this.#wildcards.has(studio) || this.#wildcards.has('*');
  }

  of(subscriber: Subscriber): ReadonlyMap<string, Interest> {
    return this.#interests.get(subscriber) ?? NONE;
  }

  /** Who named this channel without wildcards. */
  named({ name, localName }: Channel): Subscriber[] {
    return [...this.#interests].flatMap(([subscriber, own]) => {
      const isNamed = own.has(name) || own.get(localName)?.channels.get(localName)?.name === name;
      return isNamed ? [subscriber] : [];
    });
  }

  /** Adds an interest; returns the one with the same text that it replaces. */
  add(subscriber: Subscriber, interest: Interest): Interest | undefined {
    const replaced = this.delete(subscriber, interest.pattern.text);
    const own = this.#interests.get(subscriber) ?? new Map<string, Interest>();
    this.#interests.set(subscriber, own.set(interest.pattern.text, interest));
    if (interest.pattern.isWildcard) this.#count(subscriber, interest.pattern, 1);
    return replaced;
  }

  delete(subscriber: Subscriber, text: string): Interest | undefined {
    const own = this.#interests.get(subscriber);
    const interest = own?.get(text);
    if (own?.delete(text) === true && interest?.pattern.isWildcard === true)
      this.#count(subscriber, interest.pattern, -1);
    return interest;
  }

  #count({ namespace }: Subscriber, { text }: ChannelPattern, by: number): void {
    const studio = splitStudio(text)?.studio ?? namespace.studio;
    const count = (this.#wildcards.get(studio) ?? 0) + by;
    if (count === 0) this.#wildcards.delete(studio);
    else this.#wildcards.set(studio, count);
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

/**
 * Sets the mode of each channel: of several interests in one, that with the highest rank. Returns the channels' full
 * names by the names that the client uses.
 */
export function setModes(
  modes: Map<string, Mode>,
  interests: Iterable<Interest>,
): ReadonlyMap<string, string> {
  const fullNames = new Map<string, string>();
  modes.clear();
  for (const { mode, channels } of interests) {
    for (const [name, channel] of channels) {
      fullNames.set(name, channel.name);
      const known = modes.get(name);
      if (known === undefined || modeRank(mode) > modeRank(known)) modes.set(name, mode);
    }
  }
  return fullNames;
}
