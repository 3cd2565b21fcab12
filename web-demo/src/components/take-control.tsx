import { useState } from 'react';
import type { JSX } from 'react';
import { RcspError } from '../../../src/client/index.js';
import { holderText, useAccess, useAccessStore } from '../lib/access.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import { ProblemAlert } from './problem-alert.js';
import ui from './ui.module.css';

/** Takes the control lease, and gives it back. Asks before it takes it from somebody. */
export function TakeControl(): JSX.Element {
  const { lease } = useAccess();
  const { take, release } = useAccessStore();
  const { holder, isAsking, isBusy, error, attempt, ask, close } = useAttempt();
  const current = lease.state?.holder ?? null;
  const isOurs = current !== null && current === lease.ownName;
  const from = holder ?? current;
  const label = isOurs ? 'Release control' : current === null ? 'Take control' : 'Take over';
  const press = (): void => {
    if (isOurs) void attempt(release);
    else if (current === null) void attempt(() => take(false));
    else ask();
  };
  return (
    <>
      <Button look={isOurs ? undefined : 'primary'} isBusy={isBusy} onClick={press}>
        {label}
      </Button>
      {error !== undefined && <ProblemAlert error={error} onClose={close} />}
      {isAsking && from !== null && (
        <Dialog title="Take control over?" onClose={close}>
          <p className="wrap-anywhere">
            {holderText(from)} has control. If you take it over, what they are doing may be cut short, and
            only you can change anything.
          </p>
          <div className={`${ui['row']} ${ui['end']}`}>
            <Button onClick={close} data-autofocus>
              Leave it
            </Button>
            <Button look="danger" onClick={() => void attempt(() => take(true))}>
              Take over
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}

interface Attempt {
  /** Whom a refusal named; undefined when none did. */
  readonly holder: string | undefined;
  readonly isAsking: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly attempt: (step: () => Promise<void>) => Promise<void>;
  readonly ask: () => void;
  readonly close: () => void;
}

function useAttempt(): Attempt {
  const [holder, setHolder] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const close = (): void => {
    setAsking(false);
    setError(undefined);
  };
  const attempt = async (step: () => Promise<void>): Promise<void> => {
    close();
    setBusy(true);
    try {
      await step();
    } catch (problem) {
      // Somebody else was quicker.
      const found = problem instanceof RcspError ? problem.holder : undefined;
      setHolder(found);
      if (found === undefined) setError(problem);
      else setAsking(true);
    } finally {
      setBusy(false);
    }
  };
  return { holder, isAsking, isBusy, error, attempt, ask: () => setAsking(true), close };
}
