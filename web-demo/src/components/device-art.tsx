import { memo } from 'react';
import type { JSX, MouseEvent } from 'react';
import type { SensorState } from '../lib/sensor-state.js';
import styles from './device-art.module.css';

export interface DeviceArtProps {
  readonly type: string;
  readonly side?: 'left' | 'right' | undefined;
  readonly state: 'ok' | 'todo' | 'warn' | 'bad' | 'gone' | 'updating';
  /** By the sensor's place, as the self test names it. */
  readonly sensors?: ReadonlyMap<string, SensorState> | undefined;
  /** The colour that this page gave the ring last. */
  readonly led?: string | undefined;
  /** Of a running update. */
  readonly percent?: number | undefined;
  /** As small as a letter: without sensors. */
  readonly isTiny?: boolean;
  /** What it shows, for screen readers; undefined where text beside it is enough. */
  readonly label?: string | undefined;
  readonly onSensor?: ((place: string) => void) | undefined;
}

type Place = readonly [name: string, x: number, y: number];

interface Shape {
  readonly viewBox: string;
  readonly places: readonly Place[];
  readonly paths: readonly string[];
  readonly ring: readonly [x: number, y: number, radius: number];
}

const SUIT: readonly Place[] = [
  ['Head', 60, 20],
  ['Neck', 60, 41],
  ['Chest', 60, 56],
  ['Spine', 60, 72],
  ['Hub', 60, 86],
  ['Hip', 60, 101],
  ['LeftShoulder', 78, 51],
  ['RightShoulder', 42, 51],
  ['LeftUpperArm', 88, 72],
  ['RightUpperArm', 32, 72],
  ['LeftForearm', 95, 96],
  ['RightForearm', 25, 96],
  ['LeftHand', 102, 118],
  ['RightHand', 18, 118],
  ['LeftThigh', 71, 124],
  ['RightThigh', 49, 124],
  ['LeftShin', 76, 154],
  ['RightShin', 44, 154],
  ['LeftFoot', 80, 186],
  ['RightFoot', 40, 186],
];

const GLOVE: readonly Place[] = [
  ['Thumb', 27, 80],
  ['Index', 42.5, 38],
  ['Middle', 55.5, 26],
  ['Ring', 68.5, 32],
  ['Little', 81, 48],
  ['Hand', 60, 98],
  ['Wrist', 57, 136],
];

const SHAPES = {
  suit: {
    viewBox: '0 0 120 206',
    ring: [60, 86, 9],
    places: SUIT,
    paths: [
      'M60 6a13 13 0 0 1 13 13v7a13 13 0 0 1-26 0v-7A13 13 0 0 1 60 6Z',
      'M52 42h16c9 1 16 4 19 10l11 38 10 29c1 4-6 6-8 2L86 91l-8-22v36l6 38 4 52c0 4-12 4-13 0L64 140h-8l-11 55c-1 4-13 4-13 0l4-52 6-38V69l-8 22-14 30c-2 4-9 2-8-2l10-29 11-38c3-6 10-9 19-10Z',
    ],
  },
  glove: {
    viewBox: '0 0 120 160',
    ring: [60, 98, 12],
    places: GLOVE,
    paths: [
      'M36 152v-44L19 85c-5-7 4-15 10-9l7 9V40c0-9 13-9 13 0v30-43c0-9 13-9 13 0v43-38c0-9 13-9 13 0v40-25c0-8 12-8 12 0v48c0 16-8 24-13 32v25c0 3-37 3-37 0Z',
      'M49 68v22M62 68v22M75 70v20',
    ],
  },
  coil: {
    viewBox: '0 0 160 124',
    ring: [80, 41, 14],
    places: [['Coil', 80, 40]],
    paths: ['M24 93 80 112l56-19V41L80 22 24 41Z', 'M24 41l56 19 56-19M80 60v52'],
  },
  hub: {
    viewBox: '0 0 120 120',
    ring: [84, 60, 6],
    places: [],
    paths: ['M28 34h64a8 8 0 0 1 8 8v36a8 8 0 0 1-8 8H28a8 8 0 0 1-8-8V42a8 8 0 0 1 8-8Z', 'M36 60h24'],
  },
} as const satisfies Record<string, Shape>;

function shapeOf(type: string): keyof typeof SHAPES {
  if (/suit/i.test(type)) return 'suit';
  if (/glove/i.test(type)) return 'glove';
  return /coil/i.test(type) ? 'coil' : 'hub';
}

/** The names of a device's sensors that the drawing has a place for. */
export function placesOf(type: string): readonly string[] {
  return SHAPES[shapeOf(type)].places.map(([name]) => name);
}

/** A drawing of the device, with a dot for each sensor. */
export const DeviceArt = memo(function DeviceArt(props: DeviceArtProps): JSX.Element {
  const { type, side, state, sensors, led, percent, isTiny = false, label, onSensor } = props;
  const shape = shapeOf(type);
  const { viewBox, places, paths, ring } = SHAPES[shape];
  const [, , width, height] = viewBox.split(' ').map(Number) as [number, number, number, number];
  const isMirrored = shape === 'glove' && side === 'right';
  return (
    <svg
      viewBox={viewBox}
      className={styles['art']}
      data-state={state}
      {...(label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    >
      <g transform={isMirrored ? `matrix(-1 0 0 1 ${width} 0)` : undefined}>
        {paths.map((path, index) => (
          <path
            key={path}
            d={path}
            className={index === 0 || shape === 'suit' ? styles['body'] : styles['line']}
          />
        ))}
        {shape === 'coil' &&
          [30, 20, 10].map((rx) => (
            <ellipse key={rx} cx="80" cy="41" rx={rx} ry={rx * 0.31} className={styles['field']} />
          ))}
        {led !== undefined && (
          <circle cx={ring[0]} cy={ring[1]} r={ring[2]} className={styles['led']} stroke={led} />
        )}
        {state !== 'gone' &&
          state !== 'updating' &&
          !isTiny &&
          places.map(([name, x, y]) => (
            <Dot key={name} name={name} x={x} y={y} state={sensors?.get(name)} onPress={onSensor} />
          ))}
        {state === 'updating' && <Chase places={places} x={width / 2} y={height / 2} />}
      </g>
      {state === 'updating' && <Progress x={width / 2} y={height / 2} percent={percent} />}
    </svg>
  );
});

interface DotProps {
  readonly name: string;
  readonly x: number;
  readonly y: number;
  readonly state: SensorState | undefined;
  readonly onPress: ((place: string) => void) | undefined;
}

/** Hollow while nobody asked; a triangle or a cross where something is wrong. */
function Dot({ name, x, y, state, onPress }: DotProps): JSX.Element {
  const common = { className: styles['dot'], 'data-state': state ?? 'unknown' };
  const onClick = (event: MouseEvent): void => {
    // The drawing may be the label of a choice of colours.
    event.preventDefault();
    onPress?.(name);
  };
  const press = onPress === undefined || state === undefined ? {} : { onClick };
  if (state === 'warn') return <path {...common} {...press} d={`M${x} ${y - 5} ${x + 5} ${y + 4}h-10Z`} />;
  if (state === 'bad') {
    return <path {...common} {...press} d={`M${x - 4} ${y - 4}l8 8M${x + 4} ${y - 4}l-8 8`} />;
  }
  return <circle {...common} {...press} cx={x} cy={y} r={state === undefined ? 2.6 : 3.4} />;
}

interface ChaseProps {
  readonly places: readonly Place[];
  /** The middle. */
  readonly x: number;
  readonly y: number;
}

const TURN_S = 2;

/** While it is updated, its dots light up clockwise. */
function Chase({ places, x, y }: ChaseProps): JSX.Element {
  const angle = ([, left, top]: Place): number => Math.atan2(left - x, y - top);
  return (
    <>
      {[...places]
        .sort((a, b) => angle(a) - angle(b))
        .map(([name, left, top], index) => (
          <circle
            key={name}
            className={styles['chase']}
            cx={left}
            cy={top}
            r="3"
            style={{ animationDelay: `${(index / places.length) * TURN_S - TURN_S}s` }}
          />
        ))}
    </>
  );
}

interface ProgressProps {
  readonly x: number;
  readonly y: number;
  readonly percent: number | undefined;
}

function Progress({ x, y, percent }: ProgressProps): JSX.Element {
  return (
    <g>
      <circle cx={x} cy={y} r="36" className={styles['progressBack']} />
      <circle
        cx={x}
        cy={y}
        r="36"
        className={percent === undefined ? `${styles['progress']} ${styles['turning']}` : styles['progress']}
        pathLength="100"
        strokeDasharray={`${percent ?? 25} 100`}
        style={{ transformOrigin: `${x}px ${y}px` }}
      />
      <text x={x} y={y} className={styles['percent']} textAnchor="middle" dominantBaseline="central">
        {percent === undefined ? '…' : `${Math.round(percent)}%`}
      </text>
    </g>
  );
}
