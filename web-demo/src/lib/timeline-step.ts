/** From one event of a timeline to the next, by keys. Pure. */
import type { LaneView } from './timeline.js';

/** A row, and a time in it. */
export interface Spot {
  readonly row: number;
  readonly at: number;
}

/**
 * Left and right lead to the event before and after, up and down to the lane above and below. Undefined for other keys.
 * `from`: undefined when nothing is pointed at yet: then the newest event comes first.
 */
export function stepped(lanes: readonly LaneView[], from: Spot | undefined, key: string): Spot | undefined {
  const across = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const down = { ArrowUp: -1, ArrowDown: 1 }[key];
  if ((across === undefined && down === undefined) || lanes.length === 0) return undefined;
  if (from === undefined) return newest(lanes);
  if (down !== undefined) return { ...from, row: Math.min(Math.max(from.row + down, 0), lanes.length - 1) };
  const times = timesOf(lanes[from.row]);
  const next = across === 1 ? times.find((at) => at > from.at) : times.findLast((at) => at < from.at);
  return { ...from, at: next ?? from.at };
}

function newest(lanes: readonly LaneView[]): Spot {
  const spots = lanes.map((lane, row) => ({ row, at: timesOf(lane).at(-1) ?? 0 }));
  return spots.reduce((last, each) => (each.at > last.at ? each : last));
}

/** The middles of the seconds in which something happened, oldest first. */
function timesOf(lane: LaneView | undefined): readonly number[] {
  return (lane?.seconds ?? []).map(({ at }) => at + 500).sort((a, b) => a - b);
}
