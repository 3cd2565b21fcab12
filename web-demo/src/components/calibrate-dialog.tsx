import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { play } from '../lib/alerts.js';
import { useDevices, useIsLive, useStudio } from '../lib/studio.js';
import { deviceTitle } from '../lib/device-title.js';
import type { DeviceCard } from '../lib/device-store.js';
import { useNow } from '../lib/use-now.js';
import { Button } from './button.js';
import styles from './calibrate-dialog.module.css';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { ProblemAlert } from './problem-alert.js';
import ui from './ui.module.css';

/** Time for the wearers to take up the pose. */
const COUNTDOWN_S = 5;

interface CalibrateDialogProps {
  readonly deviceIds: readonly number[];
  readonly onClose: () => void;
}

type Step =
  | { readonly is: 'counting' }
  | { readonly is: 'running'; readonly since: number }
  | { readonly is: 'over'; readonly problems: ReadonlyMap<number, unknown> };

/** Calibrates devices together, after a countdown that is read across the room. */
export function CalibrateDialog({ deviceIds, onClose }: CalibrateDialogProps): JSX.Element | null {
  const { client } = useStudio();
  const isLive = useIsLive();
  const all = useDevices() ?? [];
  const devices = all.filter(({ id }) => deviceIds.includes(id));
  const [step, setStep] = useState<Step>({ is: 'counting' });
  const isPossible = isLive && devices.some(({ goneSince }) => goneSince === undefined);
  const start = async (): Promise<void> => {
    setStep({ is: 'running', since: Date.now() });
    const present = devices.filter(({ goneSince }) => goneSince === undefined);
    const results = await Promise.allSettled(
      present.map(({ id }) => client.call('CalibrateStaticPose', { DeviceId: id })),
    );
    const failed = results.flatMap((result, index): [number, unknown][] =>
      result.status === 'rejected' ? [[present[index]?.id ?? 0, result.reason]] : [],
    );
    setStep({ is: 'over', problems: new Map(failed) });
  };
  useEffect(() => {
    // Nothing is left to calibrate.
    if (step.is === 'counting' && !isPossible) onClose();
  }, [step.is, isPossible, onClose]);
  const isOver = step.is === 'over';
  return (
    <Dialog
      title={`Calibrating ${devices.map(deviceTitle).join(', ')}`}
      isWhole
      closeLabel={isOver ? 'Close' : 'Cancel and close'}
      onClose={onClose}
    >
      <div className={styles['middle']}>
        {step.is === 'counting' && <Countdown onEnd={() => void start()} onCancel={onClose} />}
        {step.is === 'running' && <Running since={step.since} />}
        {step.is === 'over' && <Outcome devices={devices} problems={step.problems} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Countdown({
  onEnd,
  onCancel,
}: {
  readonly onEnd: () => void;
  readonly onCancel: () => void;
}): JSX.Element {
  const [seconds, setSeconds] = useState(COUNTDOWN_S);
  useEffect(() => {
    play(seconds === 0 ? 'go' : 'tick');
    if (seconds === 0) return onEnd();
    const timer = setTimeout(() => setSeconds(seconds - 1), 1000);
    return () => clearTimeout(timer);
    // `onEnd` is left out: a new callback must not restart the second.
  }, [seconds]);
  return (
    <>
      <p className={styles['say']}>Take up the pose</p>
      <div className={styles['digit']} aria-hidden>
        {seconds}
      </div>
      <p className="unseen" role="status" aria-live="assertive">
        The calibration begins in {seconds} {seconds === 1 ? 'second' : 'seconds'}.
      </p>
      <Button onClick={onCancel} data-autofocus>
        Cancel
      </Button>
    </>
  );
}

function Running({ since }: { readonly since: number }): JSX.Element {
  const seconds = Math.floor((useNow() - since) / 1000);
  return (
    <>
      <p className={styles['say']} role="status">
        Hold still…
      </p>
      <div className={styles['pulse']} aria-hidden>
        <Icon name="calibrate" size="30vmin" />
      </div>
      <p className="dim" aria-hidden>
        {Math.max(0, seconds)} s
      </p>
    </>
  );
}

interface OutcomeProps {
  readonly devices: readonly DeviceCard[];
  readonly problems: ReadonlyMap<number, unknown>;
  readonly onClose: () => void;
}

function Outcome({ devices, problems, onClose }: OutcomeProps): JSX.Element {
  const isGood = problems.size === 0 && devices.every(({ calibrated }) => calibrated?.success !== false);
  return (
    <>
      <p className={styles['say']} role="status" data-level={isGood ? 'ok' : 'bad'}>
        {isGood ? 'Calibrated' : 'Not all calibrated'}
      </p>
      <ul className={styles['outcomes']}>
        {devices.map((device) => {
          const problem = problems.get(device.id);
          const isWell = problem === undefined && device.calibrated?.success !== false;
          return (
            <li key={device.id} data-level={isWell ? 'ok' : 'bad'}>
              <Icon name={isWell ? 'ok' : 'bad'} />
              <bdi>{deviceTitle(device)}</bdi>
              {problem !== undefined && <ProblemAlert error={problem} />}
            </li>
          );
        })}
      </ul>
      <div className={ui['row']}>
        <Button look="primary" onClick={onClose} autoFocus>
          Done
        </Button>
      </div>
    </>
  );
}
