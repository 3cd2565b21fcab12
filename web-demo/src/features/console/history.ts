import { isObject } from './json.js';
import type { JsonObject } from './json.js';
import { keepJson, recallJson } from '../../lib/kept.js';
import { studioKey } from '../../lib/studio-path.js';

/** A call that was made. Its answer is not kept. */
export interface Call {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operation: string;
  /** The form's data, without secrets. */
  readonly data: JsonObject;
  /** True when secrets were left out. */
  readonly isPartial: boolean;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly trackId: string | null;
}

const STORAGE_KEY = 'rcsp-gateway-console';
const MAX_CALLS = 50;

/** Newest first. */
export function storedCalls(): readonly Call[] {
  const kept = recallJson('tab', studioKey(STORAGE_KEY));
  return Array.isArray(kept) ? kept.filter(isCall) : [];
}

export function storeCalls(calls: readonly Call[]): readonly Call[] {
  const kept = calls.slice(0, MAX_CALLS);
  keepJson('tab', studioKey(STORAGE_KEY), kept);
  return kept;
}

function isCall(value: unknown): value is Call {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['at'] === 'number' &&
    typeof value['operation'] === 'string' &&
    isObject(value['data']) &&
    typeof value['isPartial'] === 'boolean' &&
    (typeof value['status'] === 'number' || value['status'] === null) &&
    typeof value['durationMs'] === 'number' &&
    (typeof value['trackId'] === 'string' || value['trackId'] === null)
  );
}
