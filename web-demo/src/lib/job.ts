/** A firmware update as `/v1/jobs` and `$gateway/jobs` report it. Times are milliseconds since 1970. */
export interface Job {
  readonly id: string;
  readonly command: string;
  readonly deviceId: number | null;
  readonly state: 'running' | 'done' | 'failed';
  readonly percent: number | null;
  readonly error: string | null;
  readonly code: string | null;
  readonly startedBy: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
}

/** Undefined when the value is not a job of a device; light arrays have jobs, too. */
export function readJob(value: unknown): Job | undefined {
  if (typeof value !== 'object' || value === null || 'node' in value) return undefined;
  const fields: Partial<Record<keyof Job, unknown>> = value;
  const { id, command, state, startedBy, startedAt } = fields;
  if (typeof id !== 'string' || typeof command !== 'string' || typeof startedAt !== 'number')
    return undefined;
  if (state !== 'running' && state !== 'done' && state !== 'failed') return undefined;
  return {
    id,
    command,
    state,
    startedAt,
    startedBy: typeof startedBy === 'string' ? startedBy : 'unknown',
    deviceId: numberOf(fields.deviceId),
    percent: numberOf(fields.percent),
    error: textOf(fields.error),
    code: textOf(fields.code),
    endedAt: numberOf(fields.endedAt),
  };
}

/** The jobs in the answer to `GET /v1/jobs`. */
export function readJobs(value: unknown): readonly Job[] {
  const list = typeof value === 'object' && value !== null && 'jobs' in value ? value.jobs : undefined;
  return Array.isArray(list) ? list.flatMap((each: unknown) => readJob(each) ?? []) : [];
}

/** The later of two reports of one job: a job never goes back. */
export function laterOf(one: Job | undefined, other: Job): Job {
  if (one === undefined || one.state === 'running') {
    const isBehind =
      one !== undefined && other.state === 'running' && (other.percent ?? -1) < (one.percent ?? -1);
    return isBehind ? one : other;
  }
  return one;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
