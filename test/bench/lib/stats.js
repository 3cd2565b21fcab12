/** Figures and tables. */

/** The value below which the share `q` of `values` lies. */
export function quantile(values, q) {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN;
}

/** Counts of microseconds, to a second; collecting it makes no garbage. */
export class Histogram {
  #counts = new Uint32Array(1_000_001);
  count = 0;

  add(microseconds) {
    this.#counts[Math.max(0, Math.min(1_000_000, microseconds))] += 1;
    this.count += 1;
  }

  /** Milliseconds. */
  quantile(q) {
    let left = q * this.count;
    return this.#counts.findIndex((count) => (left -= count) < 0) / 1000;
  }
}

export const median = (values) => quantile(values, 0.5);

/** `median (min to max)`, scaled and rounded alike. */
export function spread(values, digits = 2) {
  const show = (value) => format(value, digits);
  return `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
}

/** The ratio of two series measured in the same rounds, round by round. */
export function ratios(above, below) {
  return above.map((value, round) => value / below[round]);
}

export function format(value, digits = 2) {
  const rounded = value.toFixed(Math.abs(value) >= 1000 ? 0 : digits);
  return rounded.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ',');
}

/** A Markdown table, its columns aligned. */
export function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length), 3));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(all[0]), rule, ...all.slice(1).map(line)].join('\n');
}

/**
 * One goal and what was measured. `values` are a ratio's rounds, whose median is judged, or the reason why it was not
 * measured.
 *
 * @param {'most' | 'least'} kind whether `bound` is an upper or a lower one
 */
export function goal(text, kind, bound, values, digits = 2) {
  if (typeof values === 'string' || values.length === 0) {
    const measured = `not measured${values.length > 0 ? `: ${values}` : ''}`;
    return { text, kind: `at ${kind}`, bound, measured, verdict: '' };
  }
  const value = median(values);
  const met = kind === 'most' ? value <= bound : value >= bound;
  return {
    text,
    kind: `at ${kind}`,
    bound,
    measured: spread(values, digits),
    verdict: met ? 'met' : 'NOT met',
  };
}

/** Goals, each with the state in which it was measured, unless it has one of its own. */
export function inState(state, goals) {
  return goals.map((each) => ({ state, ...each }));
}
