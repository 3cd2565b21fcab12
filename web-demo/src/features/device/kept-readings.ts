/** What devices answered in this tab, for a page that is loaded again while they cannot be asked. */
import { keepJson, recallJson } from '../../lib/kept.js';
import { studioKey } from '../../lib/studio-path.js';

const KEY = 'rcsp-device-readings';
const MAX_READINGS = 200;
/** The settings of a network hold its key. */
const SECRET: ReadonlySet<string> = new Set(['network']);

interface Reading {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly data: unknown;
}

export function keepReading(id: number, what: string, data: unknown): void {
  if (SECRET.has(what)) return;
  const name = nameOf(id, what);
  const others = keptReadings().filter(([each]) => each !== name);
  const reading: Reading = { at: Date.now(), data };
  keepJson('tab', studioKey(KEY), [...others, [name, reading]].slice(-MAX_READINGS));
}

/** Of the shape that the same question was answered with. */
export function recallReading(id: number, what: string): Reading | undefined {
  return keptReadings().find(([name]) => name === nameOf(id, what))?.[1];
}

function nameOf(id: number, what: string): string {
  return `${id} ${what}`;
}

function keptReadings(): readonly (readonly [string, Reading])[] {
  const kept = recallJson('tab', studioKey(KEY));
  return Array.isArray(kept) ? kept.filter(isNamedReading) : [];
}

function isNamedReading(value: unknown): value is [string, Reading] {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const reading: unknown = value[1];
  return (
    typeof reading === 'object' &&
    reading !== null &&
    'at' in reading &&
    typeof reading.at === 'number' &&
    'data' in reading
  );
}
