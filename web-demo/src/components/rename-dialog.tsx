import { useState } from 'react';
import type { JSX, SubmitEvent } from 'react';
import type { DeviceCard } from '../lib/device-store.js';
import { deviceTitle } from '../lib/device-title.js';
import { useStudio } from '../lib/studio.js';
import { Button } from './button.js';
import { Dialog } from './dialog.js';
import fields from './field.module.css';
import { ProblemAlert } from './problem-alert.js';
import ui from './ui.module.css';

/** Asks for a device's new name, and sets it. */
export function RenameDialog({
  device,
  onClose,
}: {
  readonly device: DeviceCard;
  readonly onClose: () => void;
}): JSX.Element {
  const { client, devices } = useStudio();
  const [name, setName] = useState(device.name ?? '');
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>();
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await client.call('SetDeviceName', { DeviceId: device.id, DeviceName: name.trim() });
      devices.renamed(device.id, name.trim());
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (name.trim() !== '' && !isBusy) void save();
  };
  return (
    <Dialog title={`Rename ${deviceTitle(device)}`} onClose={onClose}>
      <form onSubmit={submit}>
        <label className={fields['field']}>
          Name
          <input
            data-autofocus
            value={name}
            autoComplete="off"
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
        </label>
        {problem !== undefined && <ProblemAlert error={problem} />}
        <div className={`${ui['row']} ${ui['end']}`}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={isBusy} disabled={name.trim() === ''}>
            Save name
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
