import { guarded } from './guarded.js';

/** Something to subscribe to, until it is closed. */
export abstract class Source<Event> {
  readonly #listeners = new Set<(event: Event) => void>();
  #isClosed = false;

  /** A listener hears each event once, however often it subscribes; a closed source says nothing. @returns what ends it */
  subscribe(listener: (event: Event) => void): () => void {
    if (this.#isClosed) return () => undefined;
    this.#listeners.add(listener);
    this.onListeners(this.#listeners.size);
    return () => {
      this.#listeners.delete(listener);
      this.onListeners(this.#listeners.size);
    };
  }

  /** For good. What is held is let go first. */
  close(): void {
    if (this.#isClosed) return;
    this.release();
    this.#isClosed = true;
    this.#listeners.clear();
    this.onListeners(0);
  }

  protected emit(event: Event): void {
    for (const listener of [...this.#listeners]) guarded(listener, event);
  }

  /** Tells that everything which is held is held no longer. */
  protected abstract release(): void;

  /** Somebody has come or gone; so many are there now. */
  protected abstract onListeners(count: number): void;
}
