import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import type { DeviceNames } from '../lib/device-title.js';
import { marks } from '../lib/mark-store.js';
import { clockText } from '../lib/times.js';
import { SPAN_S } from '../lib/timeline.js';
import type { LaneKey, LaneView, TimeRange, Timeline } from '../lib/timeline.js';
import { stepped } from '../lib/timeline-step.js';
import { happenedAt, laneName, summaryOf } from '../lib/timeline-words.js';
import type { TimelineContent } from '../lib/timeline-words.js';
import { LevelMark } from './level-mark.js';
import { drawTimeline, heightOf, laneAt, middleOf } from './timeline-canvas.js';
import styles from './timeline.module.css';
import { useBrush } from './use-brush.js';
import type { Point } from './use-brush.js';

const SPAN_MS = SPAN_S * 1000;
/** Lanes that are drawn: those in trouble, then the busiest. */
export const MAX_LANES = 8;
/** How far from what is drawn a pointer may be. */
const REACH_PX = 6;

export interface TimelineSource {
  readonly timeline: Timeline;
  readonly subscribe: (listener: () => void) => () => void;
}

interface TimelineViewProps {
  readonly source: TimelineSource;
  readonly nameOf: DeviceNames;
  /** Lanes that are there although nothing happened, so that the height stays. */
  readonly least?: readonly LaneKey[];
  /** A part of the ten minutes that fills the width. */
  readonly range?: TimeRange | undefined;
  /** Dragging chooses a part; undefined where there is nothing to choose. */
  readonly onRange?: (range: TimeRange | undefined) => void;
}

/** The last ten minutes, a lane for each device. Pointing or tapping says what happened. */
export function TimelineView({ source, nameOf, least, range, onRange }: TimelineViewProps): JSX.Element {
  const now = useNow(source);
  const { timeline } = source;
  const lanes = chosenLanes(timeline.lanes(now, least));
  const window = range ?? { from: now - SPAN_MS, to: now };
  const canvas = useRef<HTMLCanvasElement>(null);
  const brush = useBrush(canvas, window, onRange);
  const allMarks = useSyncExternalStore(marks.subscribe, marks.snapshot);
  const content = {
    lanes,
    gaps: timeline.gaps(window.from),
    updates: timeline.updates(window.from),
    marks: allMarks,
  };
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = (): void => drawTimeline(element, { ...content, now, window, brush: brush.selected });
    draw();
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  });
  return (
    <section className={styles.timeline} aria-label="Timeline">
      <div className={styles.labels} aria-hidden>
        {lanes.map(({ key }) => (
          <span key={key} className={styles.label}>
            <bdi>{laneName(key, nameOf)}</bdi>
          </span>
        ))}
      </div>
      <div className={styles.plot}>
        <canvas
          ref={canvas}
          role="img"
          aria-label={summaryOf(lanes, allMarks.length, nameOf)}
          className={styles.canvas}
          style={{ height: heightOf(lanes.length) }}
          tabIndex={0}
          onKeyDown={(event) => {
            const width = event.currentTarget.clientWidth;
            const next = spotAfter(event.key, lanes, window, width, brush.point);
            if (event.key === 'Escape' || next !== undefined) brush.setPoint(next);
            if (next !== undefined) event.preventDefault();
          }}
          onBlur={() => brush.setPoint(undefined)}
          {...brush.handlers}
        />
        <div role="status">
          {brush.point !== undefined && (
            <Told
              content={content}
              point={brush.point}
              window={window}
              width={canvas.current?.clientWidth ?? 1}
              nameOf={nameOf}
            />
          )}
        </div>
      </div>
      {onRange !== undefined && <RangeBar range={range} now={now} onRange={onRange} />}
    </section>
  );
}

/** Where a key leads from the point, on a canvas of that width. */
function spotAfter(
  key: string,
  lanes: readonly LaneView[],
  window: TimeRange,
  width: number,
  point: Point | undefined,
): Point | undefined {
  const msPerPx = (window.to - window.from) / width;
  const from = point && { row: laneAt(point.y), at: window.from + point.x * msPerPx };
  const next = stepped(lanes, from, key);
  return next && { x: Math.max(0, (next.at - window.from) / msPerPx), y: middleOf(next.row) };
}

interface ToldProps {
  readonly content: TimelineContent;
  readonly point: Point;
  readonly window: TimeRange;
  /** Of the canvas. */
  readonly width: number;
  readonly nameOf: DeviceNames;
}

/** What happened where the pointer is. */
function Told({ content, point: { x, y }, window, width, nameOf }: ToldProps): JSX.Element | null {
  const lane = content.lanes[laneAt(y)]?.key;
  if (lane === undefined) return null;
  const msPerPx = (window.to - window.from) / width;
  const happened = happenedAt(content, lane, window.from + x * msPerPx, REACH_PX * msPerPx);
  if (happened.length === 0) return null;
  const isRight = x > width / 2;
  return (
    <div
      className={styles.told}
      style={{ top: y + 14, ...(isRight ? { right: Math.max(0, width - x) } : { left: x }) }}
    >
      <strong>
        <bdi>{laneName(lane, nameOf)}</bdi>
      </strong>
      <ul>
        {happened.map(({ key, level, text }) => (
          <li key={key}>
            {level !== undefined && <LevelMark level={level} />}
            <span>{text}</span>
          </li>
        ))}
      </ul>
    </div>
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
function useNow({ subscribe }: TimelineSource): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    // What came just now is drawn with the list.
    const stop = subscribe(() => setNow((before) => (Date.now() - before > 250 ? Date.now() : before)));
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [subscribe]);
  return now;
}

function chosenLanes(lanes: readonly LaneView[]): readonly LaneView[] {
  if (lanes.length <= MAX_LANES) return lanes;
  const worst = lanes.toSorted(
    (a, b) => b.errors - a.errors || b.warnings - a.warnings || b.events - a.events,
  );
  const chosen = new Set(worst.slice(0, MAX_LANES));
  return lanes.filter((lane) => chosen.has(lane));
}
