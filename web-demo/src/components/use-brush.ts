import { useState } from 'react';
import type { PointerEvent, RefObject } from 'react';
import type { TimeRange } from '../lib/timeline.js';

/** A drag over less is a tap. */
const MIN_DRAG_PX = 6;
const MIN_RANGE_MS = 1000;

/** A place on the canvas, in its pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Brush {
  /** What is being dragged over. */
  readonly selected: TimeRange | undefined;
  /** Where the pointer is, or where the last tap was. */
  readonly point: Point | undefined;
  readonly setPoint: (point: Point | undefined) => void;
  readonly handlers: {
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onPointerMove: (event: PointerEvent) => void;
    readonly onPointerUp: (event: PointerEvent) => void;
    readonly onPointerCancel: () => void;
    readonly onPointerLeave: (event: PointerEvent) => void;
  };
}

interface Drag {
  readonly start: number;
  readonly end: number;
  readonly window: TimeRange;
}

/** Pointing at, tapping and dragging over a canvas that shows `window`. Without `onRange`, dragging chooses nothing. */
export function useBrush(
  canvas: RefObject<HTMLCanvasElement | null>,
  window: TimeRange,
  onRange: ((range: TimeRange) => void) | undefined,
): Brush {
  const [drag, setDrag] = useState<Drag>();
  const [point, setPoint] = useState<Point>();
  const place = ({ clientX, clientY }: PointerEvent): Point => {
    const { left = 0, top = 0 } = canvas.current?.getBoundingClientRect() ?? {};
    return { x: clientX - left, y: clientY - top };
  };
  const rangeOf = ({ start, end, window: within }: Drag): TimeRange => {
    const width = canvas.current?.clientWidth ?? 1;
    const at = (x: number): number =>
      within.from + (Math.min(Math.max(x, 0), width) / width) * (within.to - within.from);
    return { from: at(Math.min(start, end)), to: at(Math.max(start, end)) };
  };
  return {
    selected: drag && onRange && rangeOf(drag),
    point,
    setPoint,
    handlers: {
      onPointerDown: (event) => {
        if (onRange === undefined) return;
        const { x } = place(event);
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ start: x, end: x, window });
      },
      onPointerMove: (event) => {
        const at = place(event);
        setDrag((before) => before && { ...before, end: at.x });
        if (event.pointerType === 'mouse') setPoint(drag === undefined ? at : undefined);
      },
      onPointerUp: (event) => {
        const at = place(event);
        setDrag(undefined);
        if (drag === undefined || onRange === undefined || Math.abs(at.x - drag.start) < MIN_DRAG_PX) {
          return setPoint(at);
        }
        const range = rangeOf({ ...drag, end: at.x });
        if (range.to - range.from >= MIN_RANGE_MS) onRange(range);
      },
      onPointerCancel: () => setDrag(undefined),
      onPointerLeave: ({ pointerType }) => pointerType === 'mouse' && setPoint(undefined),
    },
  };
}
