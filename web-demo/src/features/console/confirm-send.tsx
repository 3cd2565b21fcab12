import type { JSX } from 'react';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { listedTitle } from '../../lib/device-title.js';
import { useDevices } from '../../lib/studio.js';
import { useNamedStudio } from '../../lib/studios.js';
import type { Operation } from './operations.js';

interface ConfirmSendProps {
  readonly operation: Operation;
  readonly deviceId: number | undefined;
  readonly isOpen: boolean;
  readonly onCancel: () => void;
  readonly onSend: () => void;
}

/** Asks for confirmation before a command that may stop a studio or lose a device, and names its target. */
export function ConfirmSend(props: ConfirmSendProps): JSX.Element {
  const { operation, deviceId, isOpen, onCancel, onSend } = props;
  const device = useDevices()?.find(({ id }) => id === deviceId);
  const studio = useNamedStudio();
  const whole = studio === undefined ? 'the studio' : `the studio ${studio}`;
  const target =
    deviceId === undefined
      ? studio === undefined
        ? 'the whole studio'
        : whole
      : `device ${device === undefined ? String(deviceId) : listedTitle(device)}${studio === undefined ? '' : ` of ${whole}`}`;
  if (operation.command === 'GracefulExit') {
    return (
      <ConfirmDialog
        isOpen={isOpen}
        question={`Stop ${whole}?`}
        yes={`Stop ${whole}`}
        onYes={onSend}
        onNo={onCancel}
      >
        <p>Every device disconnects and everybody here loses it. It cannot be started from here.</p>
      </ConfirmDialog>
    );
  }
  return (
    <ConfirmDialog
      isOpen={isOpen}
      question={`Send ${operation.id}?`}
      yes={`Send ${operation.id}`}
      onYes={onSend}
      onNo={onCancel}
    >
      <p>
        {operation.isDiscovered
          ? 'The specification does not know this command: what it does, only the studio can tell.'
          : `${operation.summary}.`}
      </p>
      <p className="wrap-anywhere">
        <strong>It goes to {target}.</strong>
      </p>
    </ConfirmDialog>
  );
}

/** Reads need no confirmation. */
export function mustConfirm({ scope, method }: Operation): boolean {
  return scope === 'admin' && method !== 'GET';
}
