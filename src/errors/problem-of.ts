import { GatewayError, RejectedError } from './errors.js';
import type { Problem } from '../wire/problem.js';

/** The problem that an error is told as. What is no error of ours is a defect: it is not shown to the user. */
export function problemOf(error: unknown, command?: string, trackId?: string): Problem {
  const known = isKnown(error) ? error : defect(error);
  return {
    type: `urn:rcsp-gateway:problem:${known.code.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    title: known.code,
    status: known.status,
    detail: known.message,
    code: known.code,
    command,
    trackId,
    outcome: known.outcome,
    errors: known instanceof GatewayError ? known.errors : undefined,
    holder: known instanceof GatewayError ? known.holder : undefined,
  };
}

export function isKnown(error: unknown): error is GatewayError | RejectedError {
  return error instanceof GatewayError || error instanceof RejectedError;
}

function defect(cause: unknown): GatewayError {
  return new GatewayError(
    'Internal error',
    'The gateway failed; its log has the reason under the track id.',
    {
      cause,
    },
  );
}
