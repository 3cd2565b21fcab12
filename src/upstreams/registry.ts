import type { Upstream } from './upstream.js';

/** The upstreams of a gateway, by id. The first one is the default. */
export class UpstreamRegistry {
  readonly #upstreams = new Map<string, Upstream>();

  /** @throws Error when there is one with the same id */
  add(upstream: Upstream): void {
    if (this.#upstreams.has(upstream.id))
      throw new Error(`There are two upstreams with the id ${upstream.id}.`);
    this.#upstreams.set(upstream.id, upstream);
  }

  get(id: string): Upstream | undefined {
    return this.#upstreams.get(id);
  }

  /** In the order in which they were added. */
  get all(): readonly Upstream[] {
    return [...this.#upstreams.values()];
  }

  start(): void {
    for (const each of this.#upstreams.values()) each.start();
  }

  async drain(graceMs: number): Promise<void> {
    await Promise.all(this.all.map((each) => each.drain(graceMs)));
  }

  stop(): void {
    for (const each of this.#upstreams.values()) each.stop();
  }
}
