export type Labels = Readonly<Record<string, string>>;
export type Reading = readonly [labels: Labels, value: number];

export interface Count {
  readonly labels: Labels;
  value: number;
}

/** Numbers by labels, which become samples when somebody scrapes them. */
export class Tally {
  readonly #counts = new Map<string, Count>();

  /** Those that have been counted. */
  get readings(): readonly Reading[] {
    return [...this.#counts.values()].flatMap(({ labels, value }) => (value > 0 ? [[labels, value]] : []));
  }

  add(labels: Labels, by = 1): void {
    this.countOf(labels).value += by;
  }

  /** Where the number of these labels is counted. */
  countOf(labels: Labels): Count {
    const key = Object.values(labels).join('\0');
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    const count: Count = { labels, value: 0 };
    this.#counts.set(key, count);
    return count;
  }
}
