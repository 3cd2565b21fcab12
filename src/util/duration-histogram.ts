/** Durations under one label. */
export class Durations {
  readonly #bounds: readonly number[];
  /** How many lie within each bound and beyond the one before it. */
  readonly #counts: number[];
  count = 0;
  sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  add(seconds: number): void {
    this.count += 1;
    this.sum += seconds;
    for (let i = 0; i < this.#bounds.length; i += 1) {
      if (seconds > (this.#bounds[i] ?? Infinity)) continue;
      this.#counts[i] = (this.#counts[i] ?? 0) + 1;
      return;
    }
  }

  /** By bound, how many lie within it. */
  get cumulated(): readonly (readonly [bound: number | '+Inf', count: number])[] {
    let sum = 0;
    const within = this.#bounds.map((bound, i) => [bound, (sum += this.#counts[i] ?? 0)] as const);
    return [...within, ['+Inf', this.count]];
  }
}

interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Seconds, ascending. */
  readonly bounds: readonly number[];
}

type Labels = Readonly<Record<string, string>>;

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName: string;
}

/**
 * A histogram as a prom-client registry takes it. Its numbers become samples when somebody scrapes them: prom-client's
 * own checks and hashes its labels for each value.
 */
export class DurationHistogram {
  readonly name: string;
  readonly help: string;
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly #options: HistogramOptions;
  readonly #rows = new Map<string, { readonly labels: Labels; readonly durations: Durations }>();

  constructor(options: HistogramOptions) {
    this.name = options.name;
    this.help = options.help;
    this.#options = options;
  }

  of(labels: Labels): Durations {
    const key = Object.values(labels).join('\0');
    const known = this.#rows.get(key);
    if (known !== undefined) return known.durations;
    const durations = new Durations(this.#options.bounds);
    this.#rows.set(key, { labels, durations });
    return durations;
  }

  get(): Promise<Pick<DurationHistogram, 'name' | 'help' | 'type' | 'aggregator'> & { values: Sample[] }> {
    const { name, help, type, aggregator } = this;
    const values = Array.from(this.#rows.values(), ({ labels, durations }) =>
      this.#samples(labels, durations),
    );
    return Promise.resolve({ name, help, type, aggregator, values: values.flat() });
  }

  #samples(labels: Labels, durations: Durations): Sample[] {
    const { cumulated, sum, count } = durations;
    return [
      ...cumulated.map(([le, value]) => ({
        labels: { le, ...labels },
        value,
        metricName: `${this.name}_bucket`,
      })),
      { labels, value: sum, metricName: `${this.name}_sum` },
      { labels, value: count, metricName: `${this.name}_count` },
    ];
  }
}
