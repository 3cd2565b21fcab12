import { useEffect, useRef } from 'react';
import type { RefObject } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { DrawnRate } from './rate-lines.js';
import { SECONDS } from './rates.js';

const HEIGHT_PX = 180;
/** The x axis, in seconds before now. */
const TIMES = Array.from({ length: SECONDS }, (_, i) => i - SECONDS + 1);
const INK = { light: '#495057', dark: '#c9c9c9' };
const GRID = { light: '#e3e6e9', dark: '#3a3a3a' };

/** Draws the rates into the element of the returned ref, at the element's width. */
export function useRateCanvas(
  drawn: readonly DrawnRate[],
  scheme: 'light' | 'dark',
): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const newest = useRef(drawn);
  newest.current = drawn;
  const channels = drawn
    .map(({ channel }) => channel)
    .toSorted()
    .join('\n');
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    const made = new uPlot(
      optionsOf(sorted(newest.current), scheme, element.clientWidth),
      dataOf(newest.current),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: HEIGHT_PX }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [channels, scheme]);
  useEffect(() => plot.current?.setData(dataOf(drawn)), [drawn]);
  return host;
}

/** By name, so that a change of the busiest channel needs no new plot. */
function sorted(drawn: readonly DrawnRate[]): readonly DrawnRate[] {
  return drawn.toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
}

function dataOf(drawn: readonly DrawnRate[]): uPlot.AlignedData {
  return [TIMES, ...sorted(drawn).map(({ values }) => [...values])];
}

function optionsOf(drawn: readonly DrawnRate[], scheme: 'light' | 'dark', width: number): uPlot.Options {
  const axis = { stroke: INK[scheme], grid: { stroke: GRID[scheme], width: 1 }, ticks: { show: false } };
  return {
    width: Math.max(width, 100),
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false },
      y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] },
    },
    axes: [
      { ...axis, size: 28, values: (_, splits) => splits.map((each) => (each === 0 ? 'now' : `${each} s`)) },
      { ...axis, size: 44 },
    ],
    series: [
      {},
      ...drawn.map(({ channel, line }) => ({
        label: channel,
        stroke: line[scheme],
        width: 2,
        dash: [...line.dash],
        points: { show: false },
      })),
    ],
  };
}
