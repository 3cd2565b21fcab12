import { Button, Checkbox, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { SubmitEvent, JSX } from 'react';
import { deviceTitle } from '../../lib/device-title.js';
import type { DeviceCard } from '../../lib/device-store.js';
import { useFocusBack } from '../../lib/use-focus-back.js';
import { ConfirmUpdate } from './confirm-update.js';
import { DEVICE_FIRMWARE, UPDATE_KINDS } from './words.js';
import type { UpdateOrder } from './update-order.js';

interface UpdateDialogProps {
  readonly device: DeviceCard;
  /** Why no update may be started now. */
  readonly blockedReason: string | undefined;
  /** Receives the gateway's answer: the job. */
  readonly onStarted: (job: unknown, file: string) => void;
  readonly onClose: () => void;
}

const EMPTY_ORDER: UpdateOrder = { kind: DEVICE_FIRMWARE, fwPath: '', force: false, inBoot: false };

/** Asks for the file, then for confirmation. */
export function UpdateDialog({ device, blockedReason, onStarted, onClose }: UpdateDialogProps): JSX.Element {
  const [order, setOrder] = useState(EMPTY_ORDER);
  const [isAsking, setAsking] = useState(false);
  useFocusBack();
  const title = deviceTitle(device);
  return (
    <Modal
      opened
      onClose={onClose}
      title={<span className="wrap-anywhere">{isAsking ? `Update ${title}?` : `Update ${title}`}</span>}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {isAsking ? (
        <ConfirmUpdate
          device={device}
          order={order}
          blockedReason={blockedReason}
          onStarted={(job, file) => {
            onStarted(job, file);
            onClose();
          }}
          onBack={() => setAsking(false)}
          onClose={onClose}
        />
      ) : (
        <UpdateForm order={order} onChange={setOrder} onDone={() => setAsking(true)} onClose={onClose} />
      )}
    </Modal>
  );
}

interface UpdateFormProps {
  readonly order: UpdateOrder;
  readonly onChange: (order: UpdateOrder) => void;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function UpdateForm({ order, onChange, onDone, onClose }: UpdateFormProps): JSX.Element {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const fwPath = order.fwPath.trim();
    onChange({ ...order, fwPath });
    if (fwPath !== '') onDone();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <NativeSelect
          label="What to update"
          data={UPDATE_KINDS.map(({ command, label }) => ({ value: command, label }))}
          value={order.kind.command}
          onChange={({ currentTarget: { value } }) =>
            onChange({ ...order, kind: UPDATE_KINDS.find(({ command }) => command === value) ?? order.kind })
          }
        />
        <TextInput
          label="Firmware file on the studio’s machine"
          description="The path as the studio’s machine knows it, not this tablet. Nothing is uploaded from here."
          placeholder="C:\Firmware\suit-3.2.1.bin"
          required
          data-autofocus
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={order.fwPath}
          onChange={({ currentTarget: { value } }) => onChange({ ...order, fwPath: value })}
        />
        <Options order={order} onChange={onChange} />
        <Group justify="end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit">Continue…</Button>
        </Group>
      </Stack>
    </form>
  );
}

function Options({ order, onChange }: Pick<UpdateFormProps, 'order' | 'onChange'>): JSX.Element {
  return (
    <>
      {order.kind.takesForce && (
        <Checkbox
          label="Force the update"
          description="Goes on even if the file does not fit, such as one made for another type of device. The device may not work afterwards."
          checked={order.force}
          onChange={({ currentTarget: { checked } }) => onChange({ ...order, force: checked })}
        />
      )}
      {order.kind.takesBoot && (
        <Checkbox
          label="The sensors run their bootloader already"
          checked={order.inBoot}
          onChange={({ currentTarget: { checked } }) => onChange({ ...order, inBoot: checked })}
        />
      )}
      {!order.kind.takesForce && <Text size="sm">This kind of update cannot be forced.</Text>}
    </>
  );
}
