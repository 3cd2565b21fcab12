/** What a timeline shows, in words. Pure. */
import type { DeviceNames } from './device-title.js';
import type { Level } from './event-sentence.js';
import type { Mark } from './mark-store.js';
import { clockText, durationText } from './times.js';
import { laneOfUpdate } from './timeline.js';
import type { GapSpan, LaneKey, LaneView, UpdateSpan } from './timeline.js';

/** What a timeline shows at one time. */
export interface TimelineContent {
  readonly lanes: readonly LaneView[];
  readonly gaps: readonly GapSpan[];
  readonly updates: readonly UpdateSpan[];
  readonly marks: readonly Mark[];
}

/** Something that is drawn at a place. */
export interface Happening {
  readonly key: string;
  /** Undefined for what is no event. */
  readonly level: Level | undefined;
  readonly text: string;
}

/** Events of one place that are named. */
const MAX_NAMED = 4;

/** What is drawn in a lane within `reach` milliseconds of a time, the oldest first. */
export function happenedAt(
  { lanes, gaps, updates, marks }: TimelineContent,
  lane: LaneKey,
  at: number,
  reach: number,
): readonly Happening[] {
  const isNear = (time: number): boolean => Math.abs(time - at) <= reach;
  const covers = ({ from, to = Infinity }: GapSpan | UpdateSpan): boolean =>
    from - reach <= at && at <= to + reach;
  const seconds = lanes.find(({ key }) => key === lane)?.seconds ?? [];
  const near = seconds
    // A second is drawn over its whole length.
    .filter((second) => isNear(second.at + 500))
    .sort((a, b) => Math.abs(a.at + 500 - at) - Math.abs(b.at + 500 - at))
    .slice(0, MAX_NAMED)
    .sort((a, b) => a.at - b.at);
  return [
    ...updates
      .filter((update) => laneOfUpdate(update) === lane && covers(update))
      .map((update) => ({ key: `update ${update.from}`, level: undefined, text: updateText(update) })),
    ...gaps
      .filter((gap) => (gap.lane === undefined || gap.lane === lane) && covers(gap))
      .map((gap) => ({ key: `gap ${gap.from}`, level: undefined, text: gapText(gap) })),
    ...near.map(({ at: second, level, count, phrase }) => ({
      key: `event ${second}`,
      level,
      text: `${clockText(second)} ${phrase}${count > 1 ? `, and ${count - 1} more` : ''}`,
    })),
    ...marks
      .filter((mark) => isNear(mark.at))
      .map((mark) => ({
        key: `mark ${mark.at}`,
        level: undefined,
        text: `${clockText(mark.at)} ${mark.label}`,
      })),
  ];
}

export function laneName(key: LaneKey, nameOf: DeviceNames): string {
  const [kind, value = ''] = key.split(' ');
  if (kind === 'device') return nameOf(Number(value));
  if (kind === 'light') return `Light ${value}`;
  return kind === 'gateway' ? 'Gateway' : 'Studio';
}

/** The whole timeline, for those who do not see it. */
export function summaryOf(lanes: readonly LaneView[], marked: number, nameOf: DeviceNames): string {
  const parts = lanes.map(({ key, errors, warnings, events }) => {
    const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
    return `${laneName(key, nameOf)}: ${count(events, 'event')}, ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  });
  const flags = marked === 0 ? [] : [`Marks: ${marked}`];
  return `The last ten minutes. ${[...parts, ...flags].join('. ') || 'No events'}.`;
}

function updateText({ from, to, isFailed }: UpdateSpan): string {
  if (to === undefined) return `Firmware update since ${clockText(from)}`;
  return `${clockText(from)} firmware update ${isFailed ? 'failed after' : 'took'} ${durationText(to - from)}`;
}

function gapText({ from, to, lane }: GapSpan): string {
  const what = lane === undefined ? 'No connection' : 'Events may be missing';
  return to === undefined
    ? `${what} since ${clockText(from)}`
    : `${what} ${clockText(from)}–${clockText(to)}`;
}
