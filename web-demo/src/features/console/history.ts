import { isObject } from './json.js';
import type { JsonObject } from './json.js';

/** A call that was made; its answer is not kept. */
export interface Call {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly operation: string;
  /** What the form held, without secrets. */
  readonly data: JsonObject;
  /** Secrets were left out. */
  readonly isPartial: boolean;
  /** Null when no answer came. */
  readonly status: number | null;
  readonly durationMs: number;
  readonly trackId: string | null;
}

const KEY = 'rcsp-gateway-console';
const MOST = 50;

/** The newest first. */
export function storedCalls(): readonly Call[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isCall) : [];
  } catch {
    return [];
  }
}

export function storeCalls(calls: readonly Call[]): readonly Call[] {
  const kept = calls.slice(0, MOST);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // No room: they are kept for as long as the view is open.
  }
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
