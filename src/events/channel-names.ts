import type { EventSource } from '../upstreams/source.js';
import { matchesLevels, splitStudio, studioPrefix } from '../wire/channel-pattern.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import { mayHear, ownChannel } from './namespace.js';
import type { Namespace } from './namespace.js';

/** A channel as a client names it. */
export interface NamedChannel {
  /** As the client spells it; its messages do, too. */
  readonly name: string;
  /** The one name of the channel in the hub. */
  readonly fullName: string;
  /** As its source knows it. */
  readonly localName: string;
  /** undefined for the gateway's own channels, and where there is none. */
  readonly source: EventSource | undefined;
}

/** Which channels the names of clients mean: those of a studio, of sources that belong to none, of the gateway itself. */
export class ChannelNames {
  /** The one added last comes first: a special source takes its names out of a general one. */
  #general: readonly EventSource[] = [];
  readonly #ofStudio = new Map<string, EventSource>();
  readonly #studioOf = new Map<EventSource, string>();

  get sources(): readonly EventSource[] {
    return [...this.#general, ...this.#ofStudio.values()];
  }

  /** @throws Error when there is a source with the same id */
  add(source: EventSource, studio: string | undefined): void {
    if (this.sources.some(({ id }) => id === source.id))
      throw new Error(`There are two sources with the id ${source.id}.`);
    if (studio === undefined) {
      this.#general = [source, ...this.#general];
      return;
    }
    this.#ofStudio.set(studio, source);
    this.#studioOf.set(source, studio);
  }

  remove(source: EventSource): void {
    const studio = this.#studioOf.get(source);
    this.#general = this.#general.filter((each) => each !== source);
    this.#studioOf.delete(source);
    if (studio !== undefined) this.#ofStudio.delete(studio);
  }

  /** The studio of a source; undefined for one that belongs to none. */
  studioOf(source: EventSource): string | undefined {
    return this.#studioOf.get(source);
  }

  /** The full name of a source's channel. */
  fullName(source: EventSource, localName: string): string {
    const studio = this.#studioOf.get(source);
    return studio === undefined ? localName : `${studioPrefix(studio)}${localName}`;
  }

  /** The channels that a pattern stands for now. */
  resolve(pattern: ChannelPattern, namespace: Namespace): readonly NamedChannel[] {
    return pattern.isWildcard
      ? [...this.#matching(pattern, namespace).values()]
      : [this.named(pattern.text, namespace)];
  }

  /** The channel of a name without wildcards. */
  named(name: string, namespace: Namespace): NamedChannel {
    const prefixed = splitStudio(name);
    if (prefixed !== undefined) return this.#inStudio(prefixed.studio, prefixed.rest, name);
    if (name.startsWith('$'))
      return { name, fullName: ownChannel(name, namespace), localName: name, source: undefined };
    const general = this.#general.find((source) => source.owns(name));
    if (general !== undefined || namespace.studio === '')
      return { name, fullName: name, localName: name, source: general };
    return this.#inStudio(namespace.studio, name, name);
  }

  /** The names that a client may have meant by one that nobody offers, spelled as it would. */
  offers(namespace: Namespace): readonly string[] {
    const own = this.#ofStudio.get(namespace.studio);
    return [...this.#general, ...(own === undefined ? [] : [own])].flatMap(({ offers }) => offers);
  }

  /** The same for names with a studio in front. */
  studioOffers(namespace: Namespace): readonly string[] {
    return [...this.#heard(namespace, '*')].flatMap(([studio, { offers }]) =>
      offers.map((offer) => `${studioPrefix(studio)}${offer}`),
    );
  }

  #inStudio(studio: string, localName: string, name: string): NamedChannel {
    const source = this.#ofStudio.get(studio);
    const isOwned = source?.owns(localName) === true;
    const fullName = `${studioPrefix(studio)}${localName}`;
    return { name, fullName, localName, source: isOwned ? source : undefined };
  }

  #matching({ text, levels }: ChannelPattern, namespace: Namespace): ReadonlyMap<string, NamedChannel> {
    const found = new Map<string, NamedChannel>();
    const prefixed = splitStudio(text);
    if (prefixed === undefined) {
      for (const name of this.offers(namespace))
        if (matchesLevels(levels, name)) found.set(name, this.named(name, namespace));
      return found;
    }
    const { studio: wanted, rest } = prefixed;
    const restLevels = rest.split('/');
    for (const [studio, source] of this.#heard(namespace, wanted)) {
      const locals = rest.startsWith('$')
        ? restLevels.includes('*')
          ? []
          : [rest]
        : source.offers.filter((offer) => matchesLevels(restLevels, offer));
      for (const local of locals) {
        const name = `${studioPrefix(studio)}${local}`;
        found.set(name, this.#inStudio(studio, local, name));
      }
    }
    return found;
  }

  *#heard(namespace: Namespace, wanted: string): Generator<[string, EventSource]> {
    for (const [studio, source] of this.#ofStudio)
      if ((wanted === '*' || wanted === studio) && mayHear(namespace, studio)) yield [studio, source];
  }
}
