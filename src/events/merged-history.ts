/** One page of the events of several channels, in the order in which they arrived. Pure. */
import { parseCursor } from '../wire/cursor.js';
import type { Cursor } from '../wire/cursor.js';
import type { Gap } from '../wire/gap.js';
import { eventHead } from './channel-event.js';
import type { ChannelEvent } from './channel-event.js';
import type { Journal, Step } from './journal.js';

export interface HistoryRequest {
  readonly name: string;
  /** Undefined for a channel that nobody ever listened to. */
  readonly journal: Journal<ChannelEvent> | undefined;
  /** Undefined for the newest events. All requests of a page have it, or none. */
  readonly since: Cursor | undefined;
}

export interface MergedPage {
  readonly events: readonly ChannelEvent[];
  /** Where to go on, by channel. */
  readonly cursors: Readonly<Record<string, Cursor | undefined>>;
  readonly gaps: readonly (Gap & { readonly channel: string })[];
}

interface Placed {
  readonly name: string;
  readonly step: Step<ChannelEvent>;
  /** Among the events of all channels; a gap comes with the event behind it. */
  readonly order: number;
}

export function mergedPage(requests: readonly HistoryRequest[], limit: number): MergedPage {
  const isNewest = requests.every(({ since }) => since === undefined);
  const all = requests.flatMap((request) => placed(request, limit)).sort(byOrder);
  const steps = isNewest ? newest(all, limit) : oldest(all, limit);
  return {
    events: steps.flatMap(({ name, step }) => ('entry' in step ? [step.entry.as(eventHead(name))] : [])),
    cursors: Object.fromEntries(
      requests.map((each) => [each.name, isNewest ? each.journal?.cursor : placeAfter(steps, each)]),
    ),
    gaps: steps.flatMap(({ name, step }) => ('gap' in step ? [{ channel: name, ...step.gap }] : [])),
  };
}

function placed({ name, journal, since }: HistoryRequest, limit: number): Placed[] {
  const steps = (since === undefined ? journal?.newestSteps(limit) : journal?.since(since)) ?? [];
  let order = Infinity;
  return steps
    .toReversed()
    .map((step) => {
      if ('entry' in step) ({ order } = step.entry);
      return { name, step, order };
    })
    .toReversed();
}

function byOrder(a: Placed, b: Placed): number {
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0;
}

/** Ends with the last event that fits; a gap behind it belongs to the next page. */
function oldest(steps: readonly Placed[], limit: number): readonly Placed[] {
  let count = 0;
  const last = steps.findIndex(({ step }) => 'entry' in step && (count += 1) === limit);
  return last < 0 ? steps : steps.slice(0, last + 1);
}

/** Begins with the first event that fits. */
function newest(steps: readonly Placed[], limit: number): readonly Placed[] {
  let count = 0;
  const first = steps.findLastIndex(({ step }) => 'entry' in step && (count += 1) === limit);
  return first < 0 ? steps : steps.slice(first);
}

function placeAfter(steps: readonly Placed[], { name, since }: HistoryRequest): Cursor | undefined {
  const last = steps.findLast((each) => each.name === name)?.step;
  if (last === undefined) return since;
  return 'entry' in last ? last.entry : parseCursor(last.gap.to);
}
