import type { EventKind, EventStatement, Level } from '../../lib/event-sentence.js';

/** Bound of the devices and of the sources that are counted one by one. */
const MAX_VALUES = 200;

export interface FacetCounts {
  readonly levels: ReadonlyMap<Level, number>;
  readonly kinds: ReadonlyMap<EventKind, number>;
  readonly devices: ReadonlyMap<number, number>;
  readonly sources: ReadonlyMap<string, number>;
}

/** How many events there were of each level, kind, device and source, those that were not drawn included. */
export class FacetCounter {
  #levels = new Map<Level, number>();
  #kinds = new Map<EventKind, number>();
  #devices = new Map<number, number>();
  #sources = new Map<string, number>();

  count({ level, kind, deviceId, source }: EventStatement, events: number): void {
    add(this.#levels, level, events);
    add(this.#kinds, kind, events);
    if (deviceId !== undefined) add(this.#devices, deviceId, events);
    if (source !== undefined) add(this.#sources, source, events);
  }

  clear(): void {
    this.#levels = new Map();
    this.#kinds = new Map();
    this.#devices = new Map();
    this.#sources = new Map();
  }

  snapshot(): FacetCounts {
    return {
      levels: new Map(this.#levels),
      kinds: new Map(this.#kinds),
      devices: new Map(this.#devices),
      sources: new Map(this.#sources),
    };
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, events: number): void {
  const before = counts.get(key);
  if (before === undefined && counts.size >= MAX_VALUES) return;
  counts.set(key, (before ?? 0) + events);
}
