import type { JSX } from 'react';
import { RcspError } from '../../../src/client/index.js';
import { holderText } from '../lib/access.js';
import { Notice } from './notice.js';

interface ProblemAlertProps {
  /** Any thrown value or rejection reason. */
  readonly error: unknown;
  readonly onClose?: (() => void) | undefined;
}

/** Says why a request failed and whether it is safe to repeat. Place it near the control that sent the request. */
export function ProblemAlert({ error, onClose }: ProblemAlertProps): JSX.Element {
  const problem = problemFrom(error);
  const { code, detail, outcome, errors, trackId, holder } = problem;
  const advice = adviceOn(problem);
  const isControl = code === 'Busy' && outcome === 'not-sent';
  return (
    <Notice
      level="bad"
      role="alert"
      title={isControl ? 'You do not have control' : code}
      className="problem"
      onClose={onClose}
    >
      <p>{isControl ? controlText(holder) : detail}</p>
      {errors !== undefined && errors.length > 0 && (
        <ul>
          {errors.map(({ path, reason }) => (
            <li key={`${path} ${reason}`}>
              <span className="mono">{path}</span>: {reason}
            </li>
          ))}
        </ul>
      )}
      {advice !== undefined && (
        <p>
          <b>{advice}</b>
        </p>
      )}
      {trackId !== undefined && (
        <p className="dim">
          Track id <span className="mono">{trackId}</span>
        </p>
      )}
    </Notice>
  );
}

/** In place of the gateway's own words, which are for programs. */
function controlText(holder: string | undefined): string {
  return holder === undefined
    ? 'Nobody has control. Take it at the top of the page.'
    : `${holderText(holder)} has control. Ask them, or take it over at the top of the page.`;
}

/** Maps an error of the gateway, the browser client or the browser to a problem. */
function problemFrom(error: unknown): RcspError {
  if (error instanceof RcspError) return error;
  // `fetch` rejects with a TypeError when there is no answer.
  if (error instanceof TypeError) {
    return new RcspError({
      code: 'No connection to the gateway',
      detail: 'The gateway did not answer.',
      outcome: 'no-answer',
    });
  }
  return new RcspError({ code: 'Failed', detail: error instanceof Error ? error.message : String(error) });
}

function adviceOn({ status, code, outcome, command }: RcspError): string | undefined {
  if (status === 401) return 'The token is no longer good: sign in again.';
  if (status === 403) return 'Nothing was sent: the token you signed in with does not allow this.';
  if (code === 'Invalid request') return 'Nothing was sent: correct what is listed and ask again.';
  switch (outcome) {
    case 'not-sent':
      return 'It was not sent: it is safe to ask again.';
    case 'no-answer':
      return 'No answer came: it may have run. Look how things are before you ask again.';
    case 'rejected':
      return `The studio refused ${command ?? 'it'}.`;
    case undefined:
      return undefined;
  }
}
