import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX, PointerEvent, RefObject } from 'react';
import { marks } from '../../lib/mark-store.js';
import { clockText } from '../../lib/times.js';
import type { TimeRange } from './event-filter.js';
import type { EventSession } from './event-session.js';
import type { DeviceNames } from './row.js';
import { SPAN_S } from './timeline.js';
import type { LaneKey, LaneView } from './timeline.js';
import { drawTimeline, heightOf } from './timeline-canvas.js';
import styles from './timeline.module.css';

const SPAN_MS = SPAN_S * 1000;
/** Lanes that are drawn: those in trouble, then the busiest. */
const MAX_LANES = 8;
/** A drag over less is a click. */
const MIN_DRAG_PX = 6;
const MIN_RANGE_MS = 1000;

interface TimelineViewProps {
  readonly session: EventSession;
  readonly nameOf: DeviceNames;
  readonly range: TimeRange | undefined;
  readonly onRange: (range: TimeRange | undefined) => void;
}

/** The last ten minutes, a lane for each device; dragging chooses a part. */
export function TimelineView({ session, nameOf, range, onRange }: TimelineViewProps): JSX.Element {
  const now = useNow(session);
  const lanes = chosenLanes(session.timeline.lanes(now));
  const window = range ?? { from: now - SPAN_MS, to: now };
  const canvas = useRef<HTMLCanvasElement>(null);
  const brush = useBrush(canvas, window, onRange);
  const allMarks = useSyncExternalStore(marks.subscribe, marks.snapshot);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const { timeline } = session;
    const draw = (): void =>
      drawTimeline(element, {
        lanes,
        gaps: timeline.gaps(window.from),
        updates: timeline.updates(window.from),
        marks: allMarks,
        now,
        window,
        brush: brush.selected,
      });
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  });
  const height = heightOf(lanes.length);
  return (
    <section className={styles.timeline} aria-label="Timeline">
      <div className={styles.labels} aria-hidden>
        {lanes.map(({ key }) => (
          <span key={key} className={styles.label}>
            <bdi>{laneName(key, nameOf)}</bdi>
          </span>
        ))}
      </div>
      <canvas
        ref={canvas}
        role="img"
        aria-label={summaryOf(lanes, allMarks.length, nameOf)}
        className={styles.canvas}
        style={{ height }}
        {...brush.handlers}
      />
      <RangeBar range={range} now={now} onRange={onRange} />
    </section>
  );
}

interface RangeBarProps {
  readonly range: TimeRange | undefined;
  readonly now: number;
  readonly onRange: (range: TimeRange | undefined) => void;
}

function RangeBar({ range, now, onRange }: RangeBarProps): JSX.Element {
  return (
    <div className={styles.range}>
      {range === undefined ? (
        <>
          <span>Last 10 minutes. Drag to choose a part.</span>
          <button type="button" onClick={() => onRange({ from: now - 60_000, to: now })}>
            Last minute
          </button>
        </>
      ) : (
        <>
          <span>
            {clockText(range.from)} to {clockText(range.to)}
          </span>
          <button type="button" onClick={() => onRange(undefined)}>
            Show all
          </button>
        </>
      )}
    </div>
  );
}

/** The time of the newest drawing: once a second. */
function useNow(session: EventSession): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    // What came just now is drawn with the list.
    const stop = session.subscribe(() =>
      setNow((before) => (Date.now() - before > 250 ? Date.now() : before)),
    );
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [session]);
  return now;
}

interface Brush {
  readonly selected: TimeRange | undefined;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: () => void;
  };
}

function useBrush(
  canvas: RefObject<HTMLCanvasElement | null>,
  window: TimeRange,
  onRange: (range: TimeRange) => void,
): Brush {
  const [drag, setDrag] = useState<{
    readonly start: number;
    readonly end: number;
    readonly window: TimeRange;
  }>();
  const place = ({ clientX }: PointerEvent): number =>
    clientX - (canvas.current?.getBoundingClientRect().left ?? 0);
  const rangeOf = (a: number, b: number, within: TimeRange): TimeRange => {
    const width = canvas.current?.clientWidth ?? 1;
    const at = (x: number): number =>
      within.from + (Math.min(Math.max(x, 0), width) / width) * (within.to - within.from);
    return { from: at(Math.min(a, b)), to: at(Math.max(a, b)) };
  };
  return {
    selected: drag && rangeOf(drag.start, drag.end, drag.window),
    handlers: {
      onPointerDown: (event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ start: place(event), end: place(event), window });
      },
      onPointerMove: (event) => setDrag((before) => before && { ...before, end: place(event) }),
      onPointerUp: (event) => {
        setDrag(undefined);
        if (drag === undefined || Math.abs(place(event) - drag.start) < MIN_DRAG_PX) return;
        const range = rangeOf(drag.start, place(event), drag.window);
        if (range.to - range.from >= MIN_RANGE_MS) onRange(range);
      },
      onPointerCancel: () => setDrag(undefined),
    },
  };
}

function chosenLanes(lanes: readonly LaneView[]): readonly LaneView[] {
  if (lanes.length <= MAX_LANES) return lanes;
  const worst = lanes.toSorted(
    (a, b) => b.errors - a.errors || b.warnings - a.warnings || b.events - a.events,
  );
  const chosen = new Set(worst.slice(0, MAX_LANES));
  return lanes.filter((lane) => chosen.has(lane));
}

function laneName(key: LaneKey, nameOf: DeviceNames): string {
  const [kind, value = ''] = key.split(' ');
  if (kind === 'device') return nameOf(Number(value));
  if (kind === 'light') return `Light ${value}`;
  return kind === 'gateway' ? 'Gateway' : 'Studio';
}

/** The same as words, for those who do not see it. */
function summaryOf(lanes: readonly LaneView[], marked: number, nameOf: DeviceNames): string {
  const parts = lanes.map(({ key, errors, warnings, events }) => {
    const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? '' : 's'}`;
    return `${laneName(key, nameOf)}: ${count(events, 'event')}, ${count(errors, 'error')}, ${count(warnings, 'warning')}`;
  });
  const flags = marked === 0 ? [] : [`Marks: ${marked}`];
  return `The last ten minutes. ${[...parts, ...flags].join('. ') || 'No events'}.`;
}
