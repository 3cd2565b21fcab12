/** State outside React, for `useSyncExternalStore`: the subclass offers `snapshot`, which gives the same object until something changes, and notifies then. */
export abstract class Store {
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
