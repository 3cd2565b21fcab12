import type { Outcome, Problem as WireProblem, RequestFault } from '../wire/problem.js';

export type { Outcome };

/** One reason why a message does not fit, as the gateway tells it. */
export type Fault = RequestFault;

/** A problem as the gateway tells it (RFC 9457), as far as it is there; other members pass unread. */
export interface Problem extends Partial<WireProblem> {
  /** Seconds. */
  readonly retryAfter?: number;
}

/**
 * What went wrong: a problem of the gateway, RCSP's own error, or one of the client's. `code` says which; the
 * client's own are `Connection lost` (502), `Gateway unreachable` (503), `Too busy` (503), `Timeout` (504),
 * `Payload too large` (413) and `Closed` (499).
 */
export class RcspError extends Error {
  override readonly name = 'RcspError';
  declare readonly code: string;
  declare readonly title: string;
  /** As over HTTP; 0 when nobody said. */
  declare readonly status: number;
  declare readonly detail: string;
  declare readonly outcome: Outcome | undefined;
  declare readonly command: string | undefined;
  /** Under this the gateway's log has it. */
  declare readonly trackId: string | undefined;
  declare readonly errors: readonly Fault[] | undefined;
  /** Seconds after which another attempt may do better. */
  declare readonly retryAfter: number | undefined;
  /** Who has the control lease, when that is why. */
  declare readonly holder: string | undefined;

  constructor(problem: Problem) {
    const { code = 'Unknown error', title = code, status = 0, detail = title } = problem;
    super(detail);
    const { outcome, command, trackId, errors, retryAfter, holder } = problem;
    Object.assign(this, {
      code,
      title,
      status,
      detail,
      outcome,
      command,
      trackId,
      errors,
      retryAfter,
      holder,
    });
  }
}

export function connectionLost(detail: string): RcspError {
  return new RcspError({ code: 'Connection lost', status: 502, detail });
}
