/** What this page reads out of a self test. Its limits are the page's own: the studio measures, and does not judge. */
import type { SensorState } from '../../lib/sensor-state.js';
import { isVector } from './self-test-fields.js';
import type { Vector } from './self-test-fields.js';

/** At rest an accelerometer measures 1 g; this much more or less is remarkable. */
const G_WARN = 0.1;
const G_BAD = 0.3;
/** At rest a gyroscope turns less than this, in rad/s. */
const TURN_WARN = 0.05;
const TURN_BAD = 0.2;
/** The sensors that are named. */
const MAX_WORST = 3;

export interface SensorJudgement {
  readonly place: string;
  readonly state: SensorState;
  /** Measured acceleration in g, and rate of turn in rad/s. */
  readonly g: number | undefined;
  readonly turn: number | undefined;
}

export interface Judgement {
  readonly isGood: boolean;
  /** The first says how it went. */
  readonly sentences: readonly string[];
  readonly sensors: readonly SensorJudgement[];
}

export function judge(answer: Readonly<Record<string, unknown>>): Judgement {
  const sensors = judgeSensors(answer);
  const bad = sensors.filter(({ state }) => state !== 'ok').sort((a, b) => oddness(b) - oddness(a));
  const count = sensors.length === 1 ? 'sensor' : `${sensors.length} sensors`;
  if (sensors.length === 0) return { isGood: true, sentences: ['No sensor was measured.'], sensors };
  if (bad.length === 0) {
    const spread = Math.max(...sensors.map(({ g = 1 }) => Math.abs(g - 1)));
    const first = sensors.length === 1 ? `The ${count} reads` : `All ${count} read`;
    return { isGood: true, sentences: [`${first} 1 g ± ${spread.toFixed(2)} and lie still.`], sensors };
  }
  const worst = bad.slice(0, MAX_WORST).map(sentenceOf);
  const rest = bad.length - worst.length;
  const head = `${bad.length} of ${count} ${bad.length === 1 ? 'is' : 'are'} remarkable.`;
  return { isGood: false, sentences: [head, ...worst, ...(rest > 0 ? [`And ${rest} more.`] : [])], sensors };
}

function judgeSensors(answer: Readonly<Record<string, unknown>>): SensorJudgement[] {
  const places = listOf(answer['IndexToSmartglovesSensorLoc']);
  const accelerations = listOf(answer['ImuAccData_g']);
  const turns = listOf(answer['ImuGyrData_Rad_s']);
  const count = Math.max(accelerations.length, turns.length);
  return Array.from({ length: count }, (_, index) => {
    const place = places[index];
    const g = lengthOf(accelerations[index]);
    const turn = lengthOf(turns[index]);
    const name = typeof place === 'string' ? place : `Sensor ${index + 1}`;
    return { place: name, g, turn, state: stateOf(g ?? 1, turn ?? 0) };
  });
}

function stateOf(g: number, turn: number): SensorState {
  const off = Math.abs(g - 1);
  if (off > G_BAD || turn > TURN_BAD) return 'bad';
  return off > G_WARN || turn > TURN_WARN ? 'warn' : 'ok';
}

function oddness({ g = 1, turn = 0 }: SensorJudgement): number {
  return Math.max(Math.abs(g - 1) / G_WARN, turn / TURN_WARN);
}

function sentenceOf({ place, g = 1, turn = 0 }: SensorJudgement): string {
  return Math.abs(g - 1) / G_WARN >= turn / TURN_WARN
    ? `${place} reads ${g.toFixed(2)} g.`
    : `${place} turns ${turn.toFixed(2)} rad/s.`;
}

function lengthOf(value: unknown): number | undefined {
  return isVector(value) ? norm(value) : undefined;
}

function norm({ X, Y, Z }: Vector): number {
  return Math.hypot(X, Y, Z);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
