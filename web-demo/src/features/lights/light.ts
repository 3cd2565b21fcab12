/** Light arrays as the gateway tells of them. */

export interface Unit {
  readonly wiringPiVersion: string | null;
  readonly boardioVersion: string | null;
  readonly firmwareVersion: string | null;
  readonly unitType: string | null;
  readonly mcuType: string | null;
  readonly macAddress: string | null;
}

/** Times are milliseconds since 1970. */
export interface Light {
  readonly node: string;
  readonly id: string | null;
  readonly name: string | null;
  readonly version: string | null;
  readonly state: 'connected' | 'unreachable';
  readonly since: number;
  readonly lastHeardAt: number | null;
  readonly unit: Unit | null;
}

export type Drive = 'single' | 'continuous';

/** One row; a register takes only some of these. */
export interface Step {
  readonly register: string;
  readonly power?: number;
  readonly shutterMs?: number;
  readonly drive?: Drive;
  readonly on?: boolean;
}

export interface Sequence {
  readonly steps: readonly Step[];
  readonly standalone: boolean;
}

type Parameter = Exclude<keyof Step, 'register'>;

/** What each register takes, and what people call it. */
export const REGISTERS: Readonly<
  Record<string, { readonly label: string; readonly parameters: readonly Parameter[] }>
> = {
  LED_FAN: { label: 'Fans', parameters: ['on'] },
  DIGITAL_POLARIZER: { label: 'Polarizer', parameters: ['on'] },
  MODEL_LIGHT: { label: 'Model light', parameters: ['power'] },
  ALL_4_NIKON: { label: 'Flash all (Nikon, Sony)', parameters: ['power'] },
  ALL_4_CANON: { label: 'Flash all (Canon, Fujifilm)', parameters: ['power', 'shutterMs'] },
  OLAT_4_NIKON: { label: 'One at a time (Nikon)', parameters: ['power', 'drive'] },
  OLAT_4_CANON: { label: 'One at a time (Canon)', parameters: ['power', 'drive'] },
};

const DEFAULTS = { power: 50, shutterMs: 100, drive: 'single', on: true } as const;

export function parametersOf(register: string): readonly Parameter[] {
  return REGISTERS[register]?.parameters ?? [];
}

/** The step with another register: what both take is kept. */
export function withRegister(step: Step, register: string): Step {
  const values = parametersOf(register).map((name) => [name, step[name] ?? DEFAULTS[name]] as const);
  return { register, ...Object.fromEntries(values) };
}

/** A run as `/v1/jobs` and `$gateway/jobs` tell of it; undefined for any other job. */
export interface Run {
  readonly id: string;
  readonly node: string;
  readonly state: 'running' | 'done' | 'failed';
  readonly error: string | null;
  readonly startedAt: number;
}

export function readRun(value: unknown): Run | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, node, state, error, startedAt }: Partial<Record<keyof Run, unknown>> = value;
  if (typeof id !== 'string' || typeof node !== 'string' || typeof startedAt !== 'number') return undefined;
  if (state !== 'running' && state !== 'done' && state !== 'failed') return undefined;
  return { id, node, state, startedAt, error: typeof error === 'string' ? error : null };
}
