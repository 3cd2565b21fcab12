import { useState } from 'react';
import { exchange } from '../../lib/gateway.js';
import { useStudio } from '../../lib/studio.js';
import type { Result } from './answer-view.js';
import type { Call } from './history.js';
import type { JsonObject } from './json.js';
import { keepPane, keptPane } from './kept-panes.js';
import type { Operation } from './operations.js';
import { withoutSecrets } from './request.js';
import type { ConsoleRequest } from './request.js';

/** Sends requests, and reports each to the history. */
export function useSend(
  operation: Operation,
  onCall: (call: Call) => void,
): {
  readonly send: (request: ConsoleRequest, data: JsonObject) => Promise<void>;
  readonly isSending: boolean;
  readonly result: Result | undefined;
} {
  const { devices } = useStudio();
  const [isSending, setSending] = useState(false);
  const [result, setResult] = useState(() => keptPane(operation.id).result);
  const send = async ({ method, path, headers, body }: ConsoleRequest, data: JsonObject): Promise<void> => {
    const at = Date.now();
    const started = performance.now();
    setSending(true);
    setResult(undefined);
    let found: Result;
    try {
      found = { exchange: await exchange(method, path, body, headers) };
    } catch (error) {
      found = { error, durationMs: performance.now() - started };
    }
    setSending(false);
    setResult(found);
    keepPane(operation.id, { result: found });
    onCall(callOf(operation, at, data, found));
    // The command may have changed names or firmware, and no event reports that.
    if (method !== 'GET' && 'exchange' in found) void devices.refresh();
  };
  return { send, isSending, result };
}

let count = 0;

function callOf(operation: Operation, at: number, data: JsonObject, result: Result): Call {
  const { status, durationMs, trackId } =
    'exchange' in result ? result.exchange : { status: null, durationMs: result.durationMs, trackId: null };
  count += 1;
  return {
    id: `${at}-${count}`,
    at,
    operation: operation.id,
    ...withoutSecrets(data),
    status,
    durationMs,
    trackId,
  };
}
