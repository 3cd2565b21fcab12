import { useState } from 'react';
import type { JSX } from 'react';
import { useMay } from '../lib/access.js';
import { useStudio } from '../lib/studio.js';
import { deviceTitle } from '../lib/device-title.js';
import type { DeviceFacts } from '../lib/device-status.js';
import { Dialog } from './dialog.js';
import { findDevice } from './find-device.js';
import { Menu, MenuItem } from './menu.js';
import { ProblemAlert } from './problem-alert.js';
import { RenameDialog } from './rename-dialog.js';

interface DeviceMenuProps {
  readonly device: DeviceFacts;
  /** Undefined while no command can be sent. */
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
}

/** What can be done with a device without opening it. */
export function DeviceMenu({ device, onCalibrate }: DeviceMenuProps): JSX.Element {
  const { client } = useStudio();
  const may = useMay('control');
  const [isNaming, setNaming] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const { id, commands, goneSince, bootloader } = device;
  const isOff = !may.isAllowed || onCalibrate === undefined || goneSince !== undefined || bootloader;
  const title = deviceTitle(device);
  return (
    <>
      <Menu label={`Actions for ${title}`} icon="more">
        {may.reason && (
          <MenuItem icon="lock" disabled>
            {may.reason}
          </MenuItem>
        )}
        {commands?.has('CalibrateStaticPose') === true && (
          <MenuItem icon="calibrate" disabled={isOff} onClick={() => onCalibrate?.([id])}>
            Calibrate
          </MenuItem>
        )}
        {commands?.has('SetLedBehavior') === true && (
          <MenuItem
            icon="find"
            disabled={isOff}
            hint="blinks 5 s"
            onClick={() => void findDevice(client, id).catch(setProblem)}
          >
            Find me
          </MenuItem>
        )}
        {commands?.has('RunSelfTest') === true && (
          <MenuItem icon="test" href={`#/devices/${id}/self-test`}>
            Self test
          </MenuItem>
        )}
        <MenuItem icon="edit" disabled={isOff} onClick={() => setNaming(true)}>
          Rename
        </MenuItem>
      </Menu>
      {isNaming && <RenameDialog device={device} onClose={() => setNaming(false)} />}
      {problem !== undefined && (
        <Dialog title={`${title} could not be found`} onClose={() => setProblem(undefined)}>
          <ProblemAlert error={problem} />
        </Dialog>
      )}
    </>
  );
}
