import type { JSX } from 'react';
import styles from './device.module.css';
import { figure, isVector } from './self-test-fields.js';
import type { Matrix, Measurement, Vector } from './self-test-fields.js';

/** Parts side by side; those of one measurement share a scale, so that outliers stand out. */
export function Figures({ of }: { readonly of: readonly Measurement[] }): JSX.Element {
  return (
    <div className={styles['figures']}>
      {of.flatMap(({ key, parts, scale, unit }) =>
        parts.map(({ label, value }, index) => (
          <figure key={`${key} ${index}`} className={styles['figure']}>
            <figcaption>{label}</figcaption>
            {isVector(value) ? (
              <VectorDrawing label={label} value={value} scale={scale} unit={unit} />
            ) : (
              <MatrixTable label={label} value={value} scale={scale} />
            )}
          </figure>
        )),
      )}
    </div>
  );
}

/** Projection of the axes: X to the lower left, Y to the right, Z up. */
const DIRECTIONS = {
  X: { x: -0.6, y: 0.5 },
  Y: { x: 0.95, y: 0.2 },
  Z: { x: 0, y: -1 },
} as const;
const AXES = ['X', 'Y', 'Z'] as const;
const CENTRE = 50;
const REACH = 34;

interface VectorDrawingProps {
  readonly label: string;
  readonly value: Vector;
  readonly scale: number;
  readonly unit: string;
}

function VectorDrawing({ label, value, scale, unit }: VectorDrawingProps): JSX.Element {
  const at = ({ X, Y, Z }: Vector): { x: number; y: number } => ({
    x: CENTRE + (REACH * (X * DIRECTIONS.X.x + Y * DIRECTIONS.Y.x + Z * DIRECTIONS.Z.x)) / scale,
    y: CENTRE + (REACH * (X * DIRECTIONS.X.y + Y * DIRECTIONS.Y.y + Z * DIRECTIONS.Z.y)) / scale,
  });
  const tip = at(value);
  const foot = at({ ...value, Z: 0 });
  const words = AXES.map((axis) => `${axis} ${figure(value[axis], scale)}`).join(', ');
  return (
    <div className={styles['drawing']}>
      <svg
        viewBox="0 0 100 100"
        className={styles['vector']}
        role="img"
        aria-label={`${label}: ${words} ${unit}`}
      >
        {AXES.map((axis) => (
          <Axis key={axis} axis={axis} />
        ))}
        <polyline
          points={`${CENTRE},${CENTRE} ${foot.x},${foot.y} ${tip.x},${tip.y}`}
          className={styles['foot']}
        />
        <line x1={CENTRE} y1={CENTRE} x2={tip.x} y2={tip.y} className={styles['arrow']} />
        <circle cx={tip.x} cy={tip.y} r="3" className={styles['tip']} />
      </svg>
      <div className={styles['numbers']} aria-hidden>
        {AXES.map((axis) => (
          <div key={axis}>
            {axis} {figure(value[axis], scale).padStart(7, '\u2007')}
          </div>
        ))}
      </div>
    </div>
  );
}

function Axis({ axis }: { readonly axis: (typeof AXES)[number] }): JSX.Element {
  const { x, y } = DIRECTIONS[axis];
  const end = (reach: number): { x: number; y: number } => ({ x: CENTRE + reach * x, y: CENTRE + reach * y });
  const [from, to, letter] = [end(-REACH), end(REACH), end(REACH + 9)];
  return (
    <>
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} className={styles['axis']} />
      <text x={letter.x} y={letter.y} textAnchor="middle" dominantBaseline="middle">
        {axis}
      </text>
    </>
  );
}

/** Strong enough to be seen, weak enough for the number on it to be readable. */
const STRONGEST_PERCENT = 38;

interface MatrixTableProps {
  readonly label: string;
  readonly value: Matrix;
  readonly scale: number;
}

function MatrixTable({ label, value, scale }: MatrixTableProps): JSX.Element {
  const shade = (number: number): string => {
    const colour = number < 0 ? 'orange' : 'blue';
    const percent = Math.round((STRONGEST_PERCENT * Math.abs(number)) / scale);
    return `color-mix(in srgb, var(--mantine-color-${colour}-6) ${percent}%, transparent)`;
  };
  return (
    <table className={styles['matrix']} aria-label={label}>
      <tbody>
        {value.map((row, index) => (
          <tr key={index}>
            {row.map((number, column) => (
              <td key={column} style={{ backgroundColor: shade(number) }}>
                {figure(number, scale)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
