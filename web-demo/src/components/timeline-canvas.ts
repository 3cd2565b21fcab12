import type { Level } from '../lib/event-sentence.js';
import type { Mark } from '../lib/mark-store.js';
import { laneOfUpdate } from '../lib/timeline.js';
import type { GapSpan, LaneView, Span, TimeRange } from '../lib/timeline.js';
import type { TimelineContent } from '../lib/timeline-words.js';

const LANE_PX = 22;
const AXIS_PX = 20;
const MIN_BAR_PX = 2;
/** Events of one second that fill a lane's height. */
const FULL_COUNT = 1000;

export interface Scene extends TimelineContent {
  readonly now: number;
  /** What is in sight. */
  readonly window: TimeRange;
  /** What the user is selecting. */
  readonly brush: TimeRange | undefined;
}

interface Colours {
  readonly level: Readonly<Record<Level, string>>;
  readonly line: string;
  readonly text: string;
  readonly accent: string;
  readonly update: string;
  readonly failed: string;
}

export function heightOf(lanes: number): number {
  return Math.max(lanes, 1) * LANE_PX + AXIS_PX;
}

/** The middle of a row. */
export function middleOf(row: number): number {
  return (row + 0.5) * LANE_PX;
}

/** The row that is drawn at a height. */
export function laneAt(y: number): number {
  return Math.floor(y / LANE_PX);
}

/** Draws at the canvas's own size on the page. */
export function drawTimeline(canvas: HTMLCanvasElement, scene: Scene): void {
  const context = canvas.getContext('2d');
  if (context === null) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const colours = coloursOf(canvas);
  const { window } = scene;
  const x = (at: number): number => ((at - window.from) / (window.to - window.from)) * width;
  const painter = { context, colours, x, width, height: height - AXIS_PX, scene };
  drawAxis(painter);
  scene.lanes.forEach((lane, row) => drawLane(painter, lane, row));
  for (const gap of scene.gaps) drawGap(painter, gap);
  for (const mark of scene.marks) drawMark(painter, mark);
  if (scene.brush !== undefined) drawBrush(painter, scene.brush);
}

interface Painter {
  readonly context: CanvasRenderingContext2D;
  readonly colours: Colours;
  readonly x: (at: number) => number;
  readonly width: number;
  /** Of the lanes. */
  readonly height: number;
  readonly scene: Scene;
}

function coloursOf(canvas: HTMLCanvasElement): Colours {
  const style = getComputedStyle(canvas);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    level: { error: of('--bad'), warning: of('--warn'), info: of('--info'), debug: of('--line-strong') },
    line: of('--line'),
    text: of('--dim'),
    accent: of('--accent'),
    update: of('--info-wash'),
    failed: of('--bad-wash'),
  };
}

function drawAxis({ context, colours, x, width, height, scene: { window, now } }: Painter): void {
  const step = stepOf(window.to - window.from, Math.max(2, Math.floor(width / 80)));
  context.font = '11px system-ui, sans-serif';
  context.textBaseline = 'middle';
  for (let at = Math.ceil((window.from - now) / step) * step + now; at <= window.to; at += step) {
    const place = Math.round(x(at)) + 0.5;
    context.fillStyle = colours.line;
    context.fillRect(place, 0, 1, height);
    context.fillStyle = colours.text;
    const text = labelOf(at - now);
    const { width: wide } = context.measureText(text);
    context.fillText(text, Math.min(Math.max(place - wide / 2, 0), width - wide), height + AXIS_PX / 2);
  }
}

function stepOf(span: number, labels: number): number {
  const steps = [5, 10, 30, 60, 120, 300].map((seconds) => seconds * 1000);
  return steps.find((step) => span / step <= Math.min(labels, 10)) ?? 300_000;
}

function labelOf(ms: number): string {
  const seconds = Math.round(-ms / 1000);
  if (seconds <= 0) return 'now';
  return seconds % 60 === 0 ? `−${seconds / 60} min` : `−${seconds} s`;
}

function drawLane(painter: Painter, { key, seconds }: LaneView, row: number): void {
  const { context, colours, x, width, scene } = painter;
  const top = row * LANE_PX;
  for (const update of scene.updates) {
    if (key !== laneOfUpdate(update)) continue;
    const { isFailed } = update;
    const [from, to] = edges(painter, update);
    context.fillStyle = isFailed ? colours.failed : colours.update;
    context.fillRect(from, top + 2, to - from, LANE_PX - 4);
    context.strokeStyle = isFailed ? colours.level.error : colours.level.info;
    context.strokeRect(from + 0.5, top + 2.5, to - from - 1, LANE_PX - 5);
  }
  const wide = Math.max(MIN_BAR_PX, (1000 / (scene.window.to - scene.window.from)) * width - 0.5);
  for (const { at, level, count } of seconds) {
    const place = x(at);
    if (place < -wide || place > width) continue;
    const share = Math.min(1, 0.3 + (0.7 * Math.log10(count)) / Math.log10(FULL_COUNT));
    const tall = Math.max(3, share * (LANE_PX - 4));
    context.fillStyle = colours.level[level];
    context.fillRect(place, top + LANE_PX - 2 - tall, wide, tall);
  }
  context.fillStyle = colours.line;
  context.fillRect(0, top + LANE_PX - 1, width, 1);
}

function drawGap(painter: Painter, gap: GapSpan): void {
  const { context, colours, height, scene } = painter;
  const row = scene.lanes.findIndex(({ key }) => key === gap.lane);
  if (gap.lane !== undefined && row < 0) return;
  const [from, to] = edges(painter, gap);
  const top = gap.lane === undefined ? 0 : row * LANE_PX;
  const tall = gap.lane === undefined ? height : LANE_PX - 1;
  context.save();
  context.beginPath();
  context.rect(from, top, to - from, tall);
  context.clip();
  context.strokeStyle = colours.level.warning;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let place = from - tall; place < to; place += 6) {
    context.moveTo(place, top + tall);
    context.lineTo(place + tall, top);
  }
  context.stroke();
  context.restore();
}

function edges({ x, width, scene }: Painter, { from, to }: Span): readonly [number, number] {
  const start = Math.max(0, Math.min(width, x(from)));
  return [start, Math.max(start + 3, Math.min(width, x(to ?? scene.now)))];
}

function drawMark({ context, colours, x, width, height }: Painter, { at }: Mark): void {
  const place = x(at);
  if (place < 0 || place > width) return;
  context.fillStyle = colours.accent;
  context.fillRect(place - 0.75, 0, 1.5, height);
  context.beginPath();
  context.moveTo(place, 0);
  context.lineTo(place + 9, 4);
  context.lineTo(place, 8);
  context.fill();
}

function drawBrush({ context, colours, x, height }: Painter, { from, to }: TimeRange): void {
  context.globalAlpha = 0.18;
  context.fillStyle = colours.accent;
  context.fillRect(x(from), 0, x(to) - x(from), height);
  context.globalAlpha = 1;
}
