import type { EventStatement, Level } from './event-sentence.js';

/** Length of the timeline in seconds. */
export const SPAN_S = 600;
const MAX_GAPS = 300;
const MAX_LANES = 200;

/** What a lane stands for. */
export type LaneKey = 'studio' | 'gateway' | `device ${number}` | `light ${string}`;

/** Milliseconds since 1970, both ends included. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Events of one second by how bad they are. */
export interface Second {
  readonly at: number;
  readonly level: Level;
  readonly count: number;
  /** What the newest of the worst of them said. */
  readonly phrase: string;
}

export interface LaneView {
  readonly key: LaneKey;
  readonly errors: number;
  readonly warnings: number;
  readonly events: number;
  readonly seconds: readonly Second[];
}

/** Milliseconds since 1970; `to` is undefined while it lasts. */
export interface Span {
  readonly from: number;
  readonly to: number | undefined;
}

export interface GapSpan extends Span {
  /** Undefined when it concerns every lane. */
  readonly lane: LaneKey | undefined;
}

export interface UpdateSpan extends Span {
  readonly deviceId: number | undefined;
  readonly isFailed: boolean;
}

const LEVELS: readonly Level[] = ['error', 'warning', 'info', 'debug'];

/** The last ten minutes by device and second. */
export class Timeline {
  readonly #lanes = new Map<LaneKey, Lane>();
  #gaps: GapSpan[] = [];
  readonly #updates = new Map<string, UpdateSpan>();

  count(said: EventStatement, at: number, events: number): void {
    const key = laneOf(said);
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      if (this.#lanes.size >= MAX_LANES) return;
      this.#lanes.set(key, (lane = new Lane()));
    }
    lane.count(Math.floor(at / 1000), LEVELS.indexOf(said.level), events, said.phrase);
  }

  /** Gaps that touch become one. */
  addGap(gap: GapSpan): void {
    const last = this.#gaps.findLast(({ lane }) => lane === gap.lane);
    if (last !== undefined && (last.to ?? Infinity) >= gap.from - 1000) {
      this.#gaps[this.#gaps.indexOf(last)] = { ...last, to: gap.to };
    } else this.#gaps = [...this.#gaps, gap].slice(-MAX_GAPS);
  }

  /** Ends the gap of every lane that is open. */
  endOutage(at: number): void {
    this.#gaps = this.#gaps.map((gap) =>
      gap.lane === undefined && gap.to === undefined ? { ...gap, to: at } : gap,
    );
  }

  addUpdate(id: string, update: UpdateSpan): void {
    this.#updates.set(id, update);
  }

  clear(): void {
    this.#lanes.clear();
    this.#gaps = [];
    this.#updates.clear();
  }

  gaps(since: number): readonly GapSpan[] {
    return this.#gaps.filter(({ to }) => (to ?? Infinity) >= since);
  }

  updates(since: number): readonly UpdateSpan[] {
    return [...this.#updates.values()].filter(({ to }) => (to ?? Infinity) >= since);
  }

  /**
   * The studio's lane first, then devices by number; a device that is updated has a lane, too, and so have the `least`
   * ones, although nothing happened there.
   */
  lanes(now: number, least: readonly LaneKey[] = []): readonly LaneView[] {
    const views = new Map<LaneKey, LaneView>();
    for (const [key, lane] of this.#lanes) {
      const view = lane.view(key, Math.floor(now / 1000));
      if (view.events > 0) views.set(key, view);
    }
    const updated = this.updates(now - SPAN_S * 1000).map(laneOfUpdate);
    for (const key of [...updated, ...least]) {
      if (!views.has(key)) views.set(key, { key, errors: 0, warnings: 0, events: 0, seconds: [] });
    }
    return [...views.values()].sort(
      (a, b) => rankOf(a.key) - rankOf(b.key) || a.key.localeCompare(b.key, 'en', { numeric: true }),
    );
  }
}

/** An update of which nobody knows the device is the studio's. */
export function laneOfUpdate({ deviceId }: UpdateSpan): LaneKey {
  return deviceId === undefined ? 'studio' : `device ${deviceId}`;
}

export function laneOf({ deviceId, light, kind }: EventStatement): LaneKey {
  if (light !== undefined) return `light ${light}`;
  if (deviceId !== undefined) return `device ${deviceId}`;
  return kind === 'gateway' ? 'gateway' : 'studio';
}

function rankOf(key: LaneKey): number {
  if (key === 'studio') return 0;
  if (key.startsWith('device ')) return 1;
  return key === 'gateway' ? 3 : 2;
}

/** A ring of seconds, each with a count for every level. */
class Lane {
  /** The second that a slot stands for. */
  readonly #seconds = new Float64Array(SPAN_S);
  readonly #counts = new Float64Array(SPAN_S * LEVELS.length);
  /** The worst level of each second, and what the newest event of that level said. */
  readonly #worst = new Uint8Array(SPAN_S);
  readonly #phrases: string[] = Array.from({ length: SPAN_S }, () => '');

  count(second: number, level: number, events: number, phrase: string): void {
    const slot = second % SPAN_S;
    const kept = this.#seconds[slot] ?? 0;
    if (kept > second) return;
    const start = slot * LEVELS.length;
    if (kept < second) {
      this.#seconds[slot] = second;
      this.#counts.fill(0, start, start + LEVELS.length);
      this.#worst[slot] = level;
    }
    if (level <= (this.#worst[slot] ?? level)) {
      this.#worst[slot] = level;
      this.#phrases[slot] = phrase;
    }
    this.#counts[start + level] = (this.#counts[start + level] ?? 0) + events;
  }

  view(key: LaneKey, now: number): LaneView {
    const seconds: Second[] = [];
    const totals = LEVELS.map(() => 0);
    for (let slot = 0; slot < SPAN_S; slot += 1) {
      const second = this.#seconds[slot] ?? 0;
      if (second <= now - SPAN_S) continue;
      const counts = this.#counts.subarray(slot * LEVELS.length, (slot + 1) * LEVELS.length);
      const level = LEVELS[this.#worst[slot] ?? -1];
      if (level === undefined) continue;
      counts.forEach((count, i) => (totals[i] = (totals[i] ?? 0) + count));
      const count = counts.reduce((sum, each) => sum + each, 0);
      if (count > 0) seconds.push({ at: second * 1000, level, count, phrase: this.#phrases[slot] ?? '' });
    }
    const [errors = 0, warnings = 0, infos = 0, debugs = 0] = totals;
    return { key, errors, warnings, events: errors + warnings + infos + debugs, seconds };
  }
}
