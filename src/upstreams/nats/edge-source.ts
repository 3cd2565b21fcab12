import type { EventSource, OpenedChannel, PlacedEvent, PlaceListener, SourceListener } from '../source.js';
import { RejectedError } from '../../errors/errors.js';
import { parseCursor } from '../../wire/cursor.js';
import { splitChannel } from '../../wire/channel-pattern.js';

const NOBODY: SourceListener = {
  onEvent: () => undefined,
  onRefused: () => undefined,
  onLost: () => undefined,
  onSource: () => undefined,
  onOffers: () => undefined,
};
const NO_PLACES: PlaceListener = {
  onPlaced: () => undefined,
  onPlace: () => undefined,
  onLoaded: () => undefined,
};

/** The channels of a studio that is reached over NATS: all of them come, whether or not somebody listens. */
export class EdgeSource implements EventSource {
  readonly id: string;
  readonly #offersOf: () => readonly string[];
  readonly #listen: (channel: string) => Promise<void>;
  /** Open channels that the studio does not list, each with how often it is used. */
  readonly #unlisted = new Map<string, number>();
  #listener = NOBODY;
  #places = NO_PLACES;
  #offers: readonly string[] = [];
  #isLoaded = false;
  #onLoaded: (() => void) | undefined;
  /** What the stream has kept is told; a client that resumes waits for it. */
  readonly #loaded = new Promise<void>((resolve) => (this.#onLoaded = resolve));
  connected = false;

  /** `listen` has the origin publish a channel that the studio does not list. */
  constructor(studio: string, offersOf: () => readonly string[], listen: (channel: string) => Promise<void>) {
    this.id = studio;
    this.#offersOf = offersOf;
    this.#listen = listen;
  }

  get offers(): readonly string[] {
    return this.#offers;
  }

  owns(channel: string): boolean {
    return splitChannel(channel) !== undefined;
  }

  attach(listener: SourceListener): void {
    this.#listener = listener;
  }

  attachPlaces(listener: PlaceListener): void {
    this.#places = listener;
    if (this.#isLoaded) listener.onLoaded();
  }

  open(channel: string): OpenedChannel {
    const ready = this.#loaded.then(() => this.#ensurePublished(channel));
    let isOpen = true;
    const close = (): void => {
      const left = (this.#unlisted.get(channel) ?? 0) - 1;
      if (isOpen && left <= 0) this.#unlisted.delete(channel);
      else if (isOpen) this.#unlisted.set(channel, left);
      isOpen = false;
    };
    return { ready, close };
  }

  /** Another origin knows nothing of what was asked of the one before it. */
  onOrigin(): void {
    for (const channel of this.#unlisted.keys()) void this.#ask(channel).catch(() => undefined);
  }

  async #ensurePublished(channel: string): Promise<void> {
    if (this.#offers.includes(channel)) return;
    this.#unlisted.set(channel, (this.#unlisted.get(channel) ?? 0) + 1);
    await this.#ask(channel);
  }

  /** What the studio refuses is told; where the way is broken, the next origin is asked. */
  async #ask(channel: string): Promise<void> {
    try {
      await this.#listen(channel);
    } catch (error) {
      if (!(error instanceof RejectedError)) return;
      this.#listener.onRefused(channel, error);
      throw error;
    }
  }

  watch(): void {
    return undefined; // the origin polls
  }

  onEvent(channel: string, placed: PlacedEvent): void {
    this.#places.onPlaced(channel, placed);
  }

  onPlaces(cursors: Readonly<Record<string, string>>): void {
    for (const [channel, text] of Object.entries(cursors)) {
      const place = parseCursor(text);
      if (place !== undefined && this.owns(channel)) this.#places.onPlace(channel, place);
    }
  }

  /** What can be heard was read anew. Before all is loaded, wildcards stand for nothing: what they mean is replayed then. */
  onListings(): void {
    if (!this.#isLoaded) return;
    this.#offers = this.#offersOf();
    this.#listener.onOffers();
  }

  onLoaded(): void {
    if (this.#isLoaded) return;
    this.#isLoaded = true;
    this.#places.onLoaded();
    this.#onLoaded?.();
    this.onListings();
  }
}
