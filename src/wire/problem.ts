/**
 * What is known about a command that got no good answer: `not-sent` is safe to repeat, `no-answer` may have run,
 * `rejected` was refused by the studio.
 */
export type Outcome = 'not-sent' | 'no-answer' | 'rejected';

/** One reason why a request does not fit: where, as a JSON path (`body.Settings.Band`), and why. */
export interface RequestFault {
  readonly path: string;
  readonly reason: string;
}

/** `application/problem+json` (RFC 9457), with RCSP's error code and the outcome of the command. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  /** As over HTTP. */
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly command?: string | undefined;
  readonly trackId?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly errors?: readonly RequestFault[] | undefined;
  /** Who holds the control lease, when that is the reason. */
  readonly holder?: string | undefined;
}
