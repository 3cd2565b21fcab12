import { useState } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { findDevice } from '../../components/find-device.js';
import { Icon } from '../../components/icon.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import ui from '../../components/ui.module.css';
import { useMay } from '../../lib/access.js';
import { useStudio } from '../../lib/studio.js';
import { isThere } from '../../lib/device-status.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import styles from './overview.module.css';
import type { Selection } from './use-selection.js';

interface DeviceToolsProps {
  readonly facts: readonly DeviceFacts[];
  /** Undefined while no command can be sent. */
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
  readonly onSelect: () => void;
  readonly onArrange: () => void;
}

/** What can be done with all devices. */
export function DeviceTools({ facts, onCalibrate, onSelect, onArrange }: DeviceToolsProps): JSX.Element {
  const able = ableTo('CalibrateStaticPose', facts);
  const may = useMay('control');
  return (
    <span className={`${ui['row']} ${styles['end']}`}>
      <Button
        icon="calibrate"
        disabled={onCalibrate === undefined || able.length === 0}
        title={may.reason}
        onClick={() => onCalibrate?.(able)}
      >
        Calibrate all
      </Button>
      <Button
        icon="select"
        disabled={!may.isAllowed}
        title={may.reason ?? 'Choose devices to do something with them'}
        onClick={onSelect}
      >
        <span className={styles['word']}>Select</span>
      </Button>
      <Button icon="person" onClick={onArrange} title="Who wears what">
        <span className={styles['word']}>Performers</span>
      </Button>
      <Link href="/wall" className={ui['button'] ?? ''} title="Wall mode (F)">
        <Icon name="wall" />
        <span className={styles['word']}>Wall</span>
      </Link>
    </span>
  );
}

interface SelectionToolsProps extends Pick<DeviceToolsProps, 'facts' | 'onCalibrate'> {
  /** Those that are in sight. */
  readonly shown: readonly DeviceFacts[];
  readonly selection: Selection;
  readonly chosen: ReadonlySet<number>;
}

/** What can be done with the chosen devices. */
export function SelectionTools({
  facts,
  shown,
  selection,
  chosen,
  onCalibrate,
}: SelectionToolsProps): JSX.Element {
  const devices = facts.filter(({ id }) => chosen.has(id));
  const able = ableTo('CalibrateStaticPose', devices);
  const { find, isFinding, problem, clear } = useFind();
  const blinking = ableTo('SetLedBehavior', devices);
  const ids = shown.map(({ id }) => id);
  const may = useMay('control');
  const isOff = onCalibrate === undefined;
  return (
    <span className={`${ui['row']} ${styles['end']}`}>
      <strong role="status">{devices.length} selected</strong>
      {!may.isAllowed && <span>{may.reason}</span>}
      <Button
        icon="calibrate"
        look="primary"
        disabled={isOff || able.length === 0}
        onClick={() => onCalibrate?.(able)}
      >
        Calibrate selected
      </Button>
      <Button
        icon="find"
        isBusy={isFinding}
        disabled={isOff || blinking.length === 0}
        title="Blinks their LEDs for five seconds"
        onClick={() => void find(blinking)}
      >
        {isFinding ? 'Blinking…' : 'Find'}
      </Button>
      <Button onClick={() => selection.toggleAll(ids)}>
        {ids.every((id) => chosen.has(id)) ? 'None' : 'All'}
      </Button>
      <Button look="plain" icon="close" onClick={selection.end}>
        Done
      </Button>
      {problem !== undefined && (
        <Dialog title="Not all of them could be found" onClose={clear}>
          <ProblemAlert error={problem} />
        </Dialog>
      )}
    </span>
  );
}

interface Find {
  readonly find: (ids: readonly number[]) => Promise<void>;
  readonly isFinding: boolean;
  /** The first that went wrong. */
  readonly problem: unknown;
  readonly clear: () => void;
}

function useFind(): Find {
  const { client } = useStudio();
  const [isFinding, setFinding] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const find = async (ids: readonly number[]): Promise<void> => {
    setFinding(true);
    setProblem(undefined);
    const results = await Promise.allSettled(ids.map((id) => findDevice(client, id)));
    const failed = results.find((result) => result.status === 'rejected');
    setProblem(failed?.reason);
    setFinding(false);
  };
  return { find, isFinding, problem, clear: () => setProblem(undefined) };
}

/** The ids of those that are there and offer the command. */
function ableTo(command: string, devices: readonly DeviceFacts[]): readonly number[] {
  return devices.filter((each) => isThere(each) && each.commands?.has(command) === true).map(({ id }) => id);
}
