import { Alert, List, Text } from '@mantine/core';
import type { JSX } from 'react';
import { ProblemError } from './gateway.js';
import type { Problem } from './gateway.js';

interface ProblemAlertProps {
  /** Whatever was thrown or rejected with. */
  readonly error: unknown;
  readonly onClose?: (() => void) | undefined;
}

/** Why something failed, and whether it may simply be asked for again. Put it near where it was asked for. */
export function ProblemAlert({ error, onClose }: ProblemAlertProps): JSX.Element {
  const { code, detail, outcome, errors, trackId, status, holder } = toldProblem(error);
  const advice = adviceOn(status, code, outcome);
  return (
    <Alert
      role="alert"
      color="red"
      variant="outline"
      title={code}
      className="problem wrap-anywhere"
      {...(onClose !== undefined && { withCloseButton: true, onClose, closeButtonLabel: 'Dismiss' })}
    >
      <Text size="sm">{detail}</Text>
      {holder !== undefined && <Text size="sm">Control is with {holder}.</Text>}
      {errors !== undefined && errors.length > 0 && (
        <List size="sm" mt={4}>
          {errors.map(({ path, reason }) => (
            <List.Item key={`${path} ${reason}`}>
              <span className="mono">{path}</span>: {reason}
            </List.Item>
          ))}
        </List>
      )}
      {advice !== undefined && (
        <Text size="sm" fw={600} mt={4}>
          {advice}
        </Text>
      )}
      {trackId !== undefined && (
        <Text size="xs" c="dimmed" mt={4}>
          Track id <span className="mono">{trackId}</span>
        </Text>
      )}
    </Alert>
  );
}

type ToldProblem = Partial<Omit<Problem, 'code' | 'detail'>> & Pick<Problem, 'code' | 'detail'>;

/** The problem behind an error of the browser client, of `ask()`, or of the browser itself. */
export function toldProblem(error: unknown): ToldProblem {
  if (error instanceof ProblemError) return error.problem;
  if (!(error instanceof Error)) return { code: 'Failed', detail: String(error) };
  if ('code' in error && typeof error.code === 'string') return fieldsOf(error, error.code);
  // What `fetch` rejects with when nobody answers.
  if (error instanceof TypeError) {
    return {
      code: 'No connection to the gateway',
      detail: 'The gateway did not answer.',
      outcome: 'no-answer',
    };
  }
  return { code: 'Failed', detail: error.message };
}

function fieldsOf(error: Error, code: string): ToldProblem {
  const told: Partial<Record<keyof Problem, unknown>> = Object.fromEntries(Object.entries(error));
  const { outcome, holder, trackId, status } = told;
  const isOutcome = outcome === 'not-sent' || outcome === 'no-answer' || outcome === 'rejected';
  return {
    code,
    detail: typeof told.detail === 'string' ? told.detail : error.message,
    ...(isOutcome && { outcome }),
    ...(typeof status === 'number' && { status }),
    ...(typeof trackId === 'string' && { trackId }),
    ...(typeof holder === 'string' && { holder }),
    ...(Array.isArray(told.errors) && { errors: told.errors.filter(isFault) }),
  };
}

type Fault = NonNullable<Problem['errors']>[number];

function isFault(value: unknown): value is Fault {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'reason' in value &&
    typeof value.reason === 'string'
  );
}

function adviceOn(status: number | undefined, code: string, outcome: Problem['outcome']): string | undefined {
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
