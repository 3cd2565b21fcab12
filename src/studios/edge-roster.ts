import { setTimeout as delay } from 'node:timers/promises';
import type { StudioMeta } from '../upstreams/nats/meta.js';
import { EdgeFeed } from '../upstreams/nats/edge-feed.js';
import type { NatsLink } from '../upstreams/nats/nats-link.js';
import type { PlacedEvent } from '../upstreams/source.js';
import type { Logger } from '../util/log.js';
import { EdgeStudio } from './edge-studio.js';
import { studioNotFound } from './registry.js';
import type { Studios } from './registry.js';
import type { StudioServices } from './studio-services.js';

export interface EdgeRosterOptions {
  readonly services: StudioServices;
  readonly studios: Studios;
  readonly link: NatsLink;
  readonly log: Logger;
  /** The only studios to take; empty for all that origins publish. */
  readonly names: readonly string[];
  readonly defaultName: string | undefined;
}

/** Studios at most. */
const MAX_STUDIOS = 1000;
/** Milliseconds in which the start waits for what the stream has: whoever comes first should find the studios. */
const LOAD_MS = 5000;
/** The name of the studio where none has been told of yet. */
const UNKNOWN = 'studio';

/** The studios of an edge: those that origins tell of, as they come. */
export class EdgeRoster {
  readonly #options: EdgeRosterOptions;
  readonly #feed: EdgeFeed;
  readonly #edges = new Map<string, EdgeStudio>();
  #isLoaded = false;
  #onLoaded: (() => void) | undefined;
  /** Stands in for the default studio until one is told of. */
  #standIn: EdgeStudio | undefined;

  constructor(options: EdgeRosterOptions) {
    this.#options = options;
    this.#feed = new EdgeFeed({
      link: options.link,
      log: options.log,
      listener: {
        onEvent: (studio, channel, placed) => this.#onEvent(studio, channel, placed),
        onMeta: (meta) => this.#onMeta(meta),
        onLoaded: () => this.#finishLoading(),
        onState: (isCurrent) => {
          for (const each of this.#edges.values()) each.upstream.onFeed(isCurrent);
        },
      },
    });
  }

  async load(): Promise<void> {
    const { names, defaultName, link, studios } = this.#options;
    for (const name of names) this.#add(name);
    const loaded = new Promise<void>((resolve) => (this.#onLoaded = resolve));
    this.#feed.start();
    link.start();
    const timer = new AbortController();
    await Promise.race([loaded, delay(LOAD_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    if (this.#edges.size === 0) this.#standIn = this.#add(defaultName ?? UNKNOWN);
    this.#setDefault(studios.all.map(({ name }) => name));
  }

  async stop(): Promise<void> {
    this.#feed.stop();
    await this.#options.link.stop();
  }

  #onEvent(studio: string, channel: string, placed: PlacedEvent): void {
    this.#find(studio)?.upstream.onEvent(channel, placed);
  }

  #onMeta(meta: StudioMeta): void {
    const found = this.#find(meta.studio);
    found?.upstream.onMeta(meta);
    if (this.#standIn === undefined || found === undefined) return;
    const standIn = this.#standIn;
    this.#standIn = undefined;
    if (standIn === found) return;
    this.#setDefault([found.name]);
    this.#remove(standIn);
  }

  /** Undefined for one that is not wanted. */
  #find(name: string): EdgeStudio | undefined {
    const { names } = this.#options;
    const known = this.#edges.get(name);
    if (known !== undefined) return known;
    if ((names.length > 0 && !names.includes(name)) || this.#edges.size >= MAX_STUDIOS) return undefined;
    return this.#add(name);
  }

  #add(name: string): EdgeStudio {
    const { services, studios, link, log } = this.#options;
    const studio = new EdgeStudio(services, name, link);
    this.#edges.set(name, studio);
    studios.add(studio);
    studio.start();
    studio.upstream.onFeed(this.#feed.isCurrent);
    if (this.#isLoaded) studio.upstream.onLoaded();
    log.info({ studio: name }, 'a studio was added');
    return studio;
  }

  #remove(studio: EdgeStudio): void {
    const { services, studios } = this.#options;
    this.#edges.delete(studio.name);
    studios.remove(studio.name);
    services.hub.removeSource(studio.upstream.events, studioNotFound(studio.name, []));
    studio.stopEvents();
    studio.close();
    services.metrics.removeStudio(studio.name);
  }

  /** The one that was said, or the first by its name: edges must agree. */
  #setDefault(names: readonly string[]): void {
    const [first] = names.toSorted();
    const name = this.#options.defaultName ?? this.#options.names[0] ?? first;
    if (name !== undefined) this.#options.studios.setDefault(name);
  }

  #finishLoading(): void {
    this.#isLoaded = true;
    for (const each of this.#edges.values()) each.upstream.onLoaded();
    this.#onLoaded?.();
  }
}
