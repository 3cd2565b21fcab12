export const SECONDS = 60;

/** Events per second of one channel over the last `SECONDS`, oldest first. */
export interface Rate {
  readonly channel: string;
  readonly values: readonly number[];
  readonly total: number;
}

/** Events per second by channel. */
export class Rates {
  /** By channel, the count by second. */
  readonly #counts = new Map<string, Map<number, number>>();

  /** `at` is when they arrived, in milliseconds since 1970. */
  count(channel: string, at: number, events: number): void {
    const now = Math.floor(Date.now() / 1000);
    const second = Math.min(Math.floor(at / 1000), now);
    if (second <= now - SECONDS) return;
    const seconds = this.#counts.get(channel) ?? new Map<number, number>();
    this.#counts.set(channel, seconds);
    seconds.set(second, (seconds.get(second) ?? 0) + events);
  }

  clear(): void {
    this.#counts.clear();
  }

  /** The last seconds, the current one included; busiest channel first. A channel without events is removed. */
  sample(): readonly Rate[] {
    const now = Math.floor(Date.now() / 1000);
    const rates = [...this.#counts].map(([channel, seconds]) => {
      for (const second of seconds.keys()) if (second <= now - SECONDS) seconds.delete(second);
      if (seconds.size === 0) this.#counts.delete(channel);
      const values = Array.from({ length: SECONDS }, (_, i) => seconds.get(now - SECONDS + 1 + i) ?? 0);
      return { channel, values, total: values.reduce((sum, each) => sum + each, 0) };
    });
    return rates.filter(({ total }) => total > 0).sort((a, b) => b.total - a.total);
  }
}

/** At most `most` entries: the busiest channels, and the sum of the rest. */
export function busiest(rates: readonly Rate[], most: number): readonly Rate[] {
  if (rates.length <= most) return rates;
  const rest = rates.slice(most - 1);
  const values = Array.from({ length: SECONDS }, (_, i) =>
    rest.reduce((sum, each) => sum + (each.values[i] ?? 0), 0),
  );
  const total = rest.reduce((sum, each) => sum + each.total, 0);
  return [...rates.slice(0, most - 1), { channel: `${rest.length} other channels`, values, total }];
}
