import type { JSX } from 'react';
import { RcspError } from '../../../src/client/index.js';
import type { Outcome } from '../../../src/client/index.js';
import { Notice } from './notice.js';

interface ProblemAlertProps {
  /** Any thrown value or rejection reason. */
  readonly error: unknown;
  readonly onClose?: (() => void) | undefined;
}

/** Says why a request failed and whether it is safe to repeat. Place it near the control that sent the request. */
export function ProblemAlert({ error, onClose }: ProblemAlertProps): JSX.Element {
  const { code, detail, outcome, errors, trackId, status, holder } = problemFrom(error);
  const advice = adviceOn(status, code, outcome);
  return (
    <Notice level="bad" role="alert" title={code} className="problem" onClose={onClose}>
      <p>{detail}</p>
      {holder !== undefined && <p>Control is with {holder}.</p>}
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

function adviceOn(status: number, code: string, outcome: Outcome | undefined): string | undefined {
  if (status === 401) return 'The token is no longer good: sign in again.';
  if (status === 403) return 'Nothing was sent: the token you signed in with does not allow this.';
  if (code === 'Invalid request') return 'Nothing was sent: correct what is listed and ask again.';
  switch (outcome) {
    case 'not-sent':
      return 'It was not sent: it is safe to ask again.';
    case 'no-answer':
      return 'No answer came: it may have run. Look how things are before you ask again.';
    case 'rejected':
      return 'The studio refused it.';
    case undefined:
      return undefined;
  }
}
