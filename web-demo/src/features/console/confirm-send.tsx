import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { ConfirmDialog } from '../../components/confirm-dialog.js';
import { listedTitle } from '../../lib/device-title.js';
import { useDevices } from '../../lib/studio.js';
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
  const target =
    deviceId === undefined
      ? 'the whole studio'
      : `device ${device === undefined ? String(deviceId) : listedTitle(device)}`;
  return (
    <ConfirmDialog
      isOpen={isOpen}
      question={`Send ${operation.id}?`}
      yes={`Send ${operation.id}`}
      onYes={onSend}
      onNo={onCancel}
    >
      <Text>
        {operation.isDiscovered
          ? 'The specification does not know this command: what it does, only the studio can tell.'
          : `${operation.summary}.`}
      </Text>
      <Text fw={600} className="wrap-anywhere">
        It goes to {target}.
      </Text>
    </ConfirmDialog>
  );
}

/** Reads need no confirmation. */
export function mustConfirm({ scope, method }: Operation): boolean {
  return scope === 'admin' && method !== 'GET';
}
