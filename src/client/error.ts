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
  readonly code: string;
  readonly title: string;
  /** As over HTTP; 0 when nobody said. */
  readonly status: number;
  readonly detail: string;
  readonly outcome: Outcome | undefined;
  readonly command: string | undefined;
  /** Under this the gateway's log has it. */
  readonly trackId: string | undefined;
  readonly errors: readonly Fault[] | undefined;
  /** Seconds after which another attempt may do better. */
  readonly retryAfter: number | undefined;
  /** Who has the control lease, when that is why. */
  readonly holder: string | undefined;

  constructor(problem: Problem) {
    const { code = 'Unknown error', title = code, status = 0, detail = title } = problem;
    super(detail);
    this.code = code;
    this.title = title;
    this.status = status;
    this.detail = detail;
    this.outcome = problem.outcome;
    this.command = problem.command;
    this.trackId = problem.trackId;
    this.errors = problem.errors;
    this.retryAfter = problem.retryAfter;
    this.holder = problem.holder;
  }
}
