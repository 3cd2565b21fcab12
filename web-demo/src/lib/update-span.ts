import type { UpdateSpan } from './timeline.js';

/** A firmware update as a span of the timeline, from the data of a `$gateway/jobs` event; undefined for other jobs. */
export function updateOf(
  data: unknown,
  now: number,
): { readonly id: string; readonly span: UpdateSpan } | undefined {
  if (typeof data !== 'object' || data === null || 'node' in data) return undefined;
  const { id, deviceId, state, startedAt, endedAt }: Partial<Record<string, unknown>> = { ...data };
  if (typeof id !== 'string' || typeof startedAt !== 'number') return undefined;
  const end = typeof endedAt === 'number' ? endedAt : now;
  return {
    id,
    span: {
      deviceId: typeof deviceId === 'number' ? deviceId : undefined,
      from: startedAt,
      to: state === 'running' ? undefined : end,
      isFailed: state === 'failed',
    },
  };
}
