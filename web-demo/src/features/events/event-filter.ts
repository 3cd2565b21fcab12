/** What the user wants to see of the log. Pure. */
import type { DeviceNames } from '../../lib/device-title.js';
import type { EventKind, EventStatement, Level } from '../../lib/event-sentence.js';
import type { TimeRange } from '../../lib/timeline.js';
import { searchText, timeOf } from './row.js';
import type { Row } from './row.js';

/** Chosen facets: of one list any may hold, of all lists each must. Empty lists hold for every event. */
export interface FacetChoice {
  readonly levels: readonly Level[];
  readonly kinds: readonly EventKind[];
  readonly devices: readonly number[];
  readonly sources: readonly string[];
}

export const NO_FACETS: FacetChoice = { levels: [], kinds: [], devices: [], sources: [] };

export interface LogFilter {
  readonly text: string;
  readonly facets: FacetChoice;
  readonly range: TimeRange | undefined;
}

export const NO_FILTER: LogFilter = { text: '', facets: NO_FACETS, range: undefined };

/** Words that must be there, words that must not, and regular expressions. */
export interface Query {
  readonly terms: readonly Term[];
  /** Why a part is no regular expression; undefined when all are fine. */
  readonly fault: string | undefined;
}

interface Term {
  readonly isExcluded: boolean;
  readonly holds: (text: string) => boolean;
}

/** `"two words"`, `/regex/`, or one word; each with `-` before it to exclude. */
const PART = /(-?)(?:"([^"]*)"|\/((?:\\.|[^/\\])+)\/(?=\s|$)|(\S+))/g;
/** A regular expression reads so many characters of a row at most. */
const MAX_REGEX_CHARS = 4000;

export function queryOf(text: string): Query {
  const terms: Term[] = [];
  let fault: string | undefined;
  for (const [, minus, quoted, regex, word] of text.matchAll(PART)) {
    const isExcluded = minus === '-';
    if (regex !== undefined) {
      const pattern = compiled(regex);
      if (pattern === undefined) fault = `/${regex}/ is not a regular expression.`;
      else terms.push({ isExcluded, holds: (each) => pattern.test(each.slice(0, MAX_REGEX_CHARS)) });
      continue;
    }
    const needle = (quoted ?? word ?? '').toLowerCase();
    if (needle !== '') terms.push({ isExcluded, holds: (each) => each.includes(needle) });
  }
  return { terms, fault };
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(source, 'i');
  } catch {
    return undefined;
  }
}

export function isFiltering({ text, facets, range }: LogFilter): boolean {
  return text.trim() !== '' || range !== undefined || hasFacets(facets);
}

export function hasFacets({ levels, kinds, devices, sources }: FacetChoice): boolean {
  return levels.length + kinds.length + devices.length + sources.length > 0;
}

/** A test of rows. Gaps and marks pass all but the time: a missing event might have matched. */
export function rowTest({ text, facets, range }: LogFilter, nameOf: DeviceNames): (row: Row) => boolean {
  const { terms } = queryOf(text);
  return (row) => {
    if (range !== undefined && (timeOf(row) < range.from || timeOf(row) > range.to)) return false;
    if (row.kind !== 'event') return true;
    if (!facetsHold(row.said, facets)) return false;
    if (terms.length === 0) return true;
    const where = searchText(row, nameOf);
    return terms.every(({ isExcluded, holds }) => holds(where) !== isExcluded);
  };
}

function facetsHold(
  { level, kind, deviceId, source }: EventStatement,
  { levels, kinds, devices, sources }: FacetChoice,
): boolean {
  return (
    (levels.length === 0 || levels.includes(level)) &&
    (kinds.length === 0 || kinds.includes(kind)) &&
    (devices.length === 0 || (deviceId !== undefined && devices.includes(deviceId))) &&
    (sources.length === 0 || (source !== undefined && sources.includes(source)))
  );
}
