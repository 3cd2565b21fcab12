import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { colourScheme } from '../../lib/colour-scheme.js';
import { busiest } from './rates.js';
import type { Rate } from './rates.js';
import type { EventSession } from './event-session.js';
import { useRateCanvas } from './rate-canvas.js';
import { lineFor, MAX_LINES } from './rate-lines.js';
import type { DrawnRate, Line } from './rate-lines.js';
import styles from './events.module.css';

/** Events per second of the last minute, as a plot and as a table with the same numbers. */
export function RatePlot({ session }: { readonly session: EventSession }): JSX.Element {
  const drawn = useDrawnRates(session);
  const { shown: scheme } = useSyncExternalStore(colourScheme.subscribe, colourScheme.snapshot);
  const host = useRateCanvas(drawn, scheme);
  const busiestRate = drawn[0];
  const summary =
    busiestRate === undefined
      ? 'Events per second over the last 60 seconds: none.'
      : `Events per second over the last 60 seconds, of ${drawn.length} channels; the busiest is ${busiestRate.channel}. The table below has the numbers.`;
  return (
    <section className={styles.rates} aria-label="Rates">
      <h2>Events per second</h2>
      <div ref={host} role="img" aria-label={summary} className={styles.plot} />
      {drawn.length === 0 ? (
        <p className={styles.status}>No event in the last minute.</p>
      ) : (
        <Legend drawn={drawn} scheme={scheme} />
      )}
    </section>
  );
}

interface LegendProps {
  readonly drawn: readonly DrawnRate[];
  readonly scheme: 'light' | 'dark';
}

function Legend({ drawn, scheme }: LegendProps): JSX.Element {
  return (
    <table className={styles.legend} aria-label="Events per second by channel">
      <thead>
        <tr>
          <th>Channel</th>
          <th>Now, /s</th>
          <th>In 60 s</th>
        </tr>
      </thead>
      <tbody>
        {drawn.map(({ channel, values, total, line }) => (
          <tr key={channel}>
            <td className="wrap-anywhere">
              <Swatch line={line} scheme={scheme} />
              {channel}
            </td>
            <td>{(values.at(-2) ?? 0).toLocaleString('en-GB')}</td>
            <td>{total.toLocaleString('en-GB')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Swatch({ line, scheme }: { readonly line: Line; readonly scheme: 'light' | 'dark' }): JSX.Element {
  return (
    <svg width="36" height="8" aria-hidden className={styles.rateSwatch}>
      <line
        x1="0"
        y1="4"
        x2="36"
        y2="4"
        stroke={line[scheme]}
        strokeWidth="3"
        strokeDasharray={line.dash.join(' ')}
      />
    </svg>
  );
}

/** Sampled once a second, and at once when the first event arrives. */
function useDrawnRates(session: EventSession): readonly DrawnRate[] {
  const [drawn, setDrawn] = useState<readonly DrawnRate[]>([]);
  const lines = useRef<ReadonlyMap<string, Line>>(new Map());
  const isEmpty = drawn.length === 0;
  useEffect(() => {
    const draw = (): void => {
      const shown = busiest(session.rates.sample(), MAX_LINES);
      lines.current = assigned(lines.current, shown);
      setDrawn((before) =>
        before.length === 0 && shown.length === 0
          ? before
          : shown.flatMap((rate) => {
              const line = lines.current.get(rate.channel);
              return line === undefined ? [] : [{ ...rate, line }];
            }),
      );
    };
    draw();
    const timer = setInterval(draw, 1000);
    const stop = isEmpty ? session.log.subscribe(draw) : undefined;
    return () => {
      clearInterval(timer);
      stop?.();
    };
  }, [session, isEmpty]);
  return drawn;
}

/** A channel that has a line keeps it. */
function assigned(before: ReadonlyMap<string, Line>, rates: readonly Rate[]): Map<string, Line> {
  const names = rates.map(({ channel }) => channel);
  const lines = new Map([...before].filter(([channel]) => names.includes(channel)));
  for (const name of names) {
    if (!lines.has(name)) lines.set(name, lineFor(name, new Set(lines.values())));
  }
  return lines;
}
