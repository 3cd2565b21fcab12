import type { EventSource, OpenedChannel, PlacedEvent, PlaceListener, SourceListener } from '../source.js';
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
  #listener = NOBODY;
  #places = NO_PLACES;
  #offers: readonly string[] = [];
  #isLoaded = false;
  #onLoaded: (() => void) | undefined;
  /** What the stream has kept is told; a client that resumes waits for it. */
  readonly #loaded = new Promise<void>((resolve) => (this.#onLoaded = resolve));
  connected = false;

  constructor(studio: string, offersOf: () => readonly string[]) {
    this.id = studio;
    this.#offersOf = offersOf;
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

  open(): OpenedChannel {
    return { ready: this.#loaded, close: () => undefined };
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
