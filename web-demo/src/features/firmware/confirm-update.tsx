import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { deviceTitle } from '../../lib/device-title.js';
import type { DeviceCard } from '../../lib/device-store.js';
import { ask } from '../../lib/gateway.js';
import { useNamedStudio } from '../../lib/studios.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import type { UpdateOrder } from './update-order.js';

interface ConfirmUpdateProps {
  readonly device: DeviceCard;
  readonly order: UpdateOrder;
  readonly blockedReason: string | undefined;
  readonly onStarted: (job: unknown, file: string) => void;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

/** Asks for confirmation before the firmware is written. */
export function ConfirmUpdate(props: ConfirmUpdateProps): JSX.Element {
  const { device, order, blockedReason, onStarted, onBack, onClose } = props;
  const [isSending, setSending] = useState(false);
  const [error, setError] = useState<unknown>();
  const send = async (): Promise<void> => {
    setSending(true);
    setError(undefined);
    try {
      onStarted(await request(device.id, order), order.fwPath);
    } catch (reason) {
      setError(reason);
    } finally {
      setSending(false);
    }
  };
  return (
    <Stack>
      <WhatHappens device={device} order={order} />
      {error !== undefined && <ProblemAlert error={error} onClose={() => setError(undefined)} />}
      {blockedReason !== undefined && <Text fw={600}>{blockedReason}</Text>}
      <Group justify="end">
        <Button variant="subtle" onClick={onBack} disabled={isSending}>
          Back
        </Button>
        <Button variant="default" onClick={onClose} data-autofocus>
          Cancel
        </Button>
        <Button
          color="red.9"
          onClick={() => void send()}
          loading={isSending}
          disabled={blockedReason !== undefined}
        >
          Update now
        </Button>
      </Group>
    </Stack>
  );
}

function WhatHappens({ device, order }: Pick<ConfirmUpdateProps, 'device' | 'order'>): JSX.Element {
  const { kind, fwPath, force, inBoot } = order;
  const studio = useNamedStudio();
  return (
    <>
      <Text className="wrap-anywhere">
        The {kind.phrase} of <strong>{deviceTitle(device)}</strong> ({device.type}, device {device.id}
        {studio !== undefined && `, studio ${studio}`}) will be replaced by
      </Text>
      <Text className="mono wrap-anywhere">{fwPath}</Text>
      <List size="sm">
        <List.Item>Its firmware is {device.firmware ?? 'not known'} now.</List.Item>
        <List.Item>It restarts into its bootloader and does not stream until the update has ended.</List.Item>
        <List.Item>
          Once begun, it cannot be stopped from here. Keep the device powered and connected.
        </List.Item>
        {inBoot && <List.Item>Its sensors are taken to run their bootloader already.</List.Item>}
      </List>
      {force && kind.takesForce && (
        <Alert color="red" variant="outline" title="Forced">
          A file that does not fit is written all the same. The device may not work afterwards.
        </Alert>
      )}
    </>
  );
}

/** `respond-async`: the answer is the job; its channel reports the progress. */
function request(deviceId: number, { kind, fwPath, force, inBoot }: UpdateOrder): Promise<unknown> {
  const body = {
    FwPath: fwPath,
    ...(kind.takesForce && { ForceUpdate: force }),
    ...(kind.takesBoot && { SensorsInBoot: inBoot }),
  };
  return ask('POST', `v1/devices/${deviceId}/${kind.path}`, body, { prefer: 'respond-async' });
}
