import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { useDevices } from '../lib/studio.js';
import { describe } from './form-widgets.js';
import type { Operation } from './operations.js';

interface ConfirmSendProps {
  readonly operation: Operation;
  readonly deviceId: number | undefined;
  readonly isOpen: boolean;
  readonly onCancel: () => void;
  readonly onSend: () => void;
}

/** Asks before what may stop a studio or lose a device, naming what it is done to. */
export function ConfirmSend(props: ConfirmSendProps): JSX.Element {
  const { operation, deviceId, isOpen, onCancel, onSend } = props;
  const device = useDevices()?.find(({ id }) => id === deviceId);
  const target =
    deviceId === undefined
      ? 'the whole studio'
      : `device ${device === undefined ? String(deviceId) : describe(device)}`;
  return (
    <Modal
      opened={isOpen}
      onClose={onCancel}
      title={`Send ${operation.id}?`}
      centered
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text>
          {operation.isDiscovered
            ? 'The specification does not know this command: what it does, only the studio can tell.'
            : `${operation.summary}.`}
        </Text>
        <Text fw={600} className="wrap-anywhere">
          It goes to {target}.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} data-autofocus>
            Cancel
          </Button>
          <Button color="red.9" onClick={onSend}>
            Send {operation.id}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** Reads never ask. */
export function mustConfirm({ scope, method }: Operation): boolean {
  return scope === 'admin' && method !== 'GET';
}
