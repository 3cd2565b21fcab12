import { keepJson, recallJson } from '../../lib/kept.js';

/** The frame rates that devices of a type were seen to run at: no command lists them. */
const KEY = 'rcsp-frame-rates';
const MAX_RATES = 8;

type Rates = Readonly<Record<string, readonly number[]>>;

/** In order; `current` is among them. */
export function ratesOf(type: string, current: number): number[] {
  return [...new Set([...(readRates()[type] ?? []), current])].sort((a, b) => a - b);
}

export function rememberRate(type: string, rate: number): void {
  const kept = readRates();
  const rates = [...new Set([rate, ...(kept[type] ?? [])])].slice(0, MAX_RATES);
  keepJson('browser', KEY, { ...kept, [type]: rates });
}

function readRates(): Rates {
  const kept = recallJson('browser', KEY);
  return isRates(kept) ? kept : {};
}

function isRates(value: unknown): value is Rates {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every(
    (rates: unknown) => Array.isArray(rates) && rates.every((rate) => typeof rate === 'number'),
  );
}
