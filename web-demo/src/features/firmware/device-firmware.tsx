import { Badge, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useId } from 'react';
import type { JSX } from 'react';
import { deviceTitle } from '../../lib/device-title.js';
import { clockText } from '../../lib/times.js';
import type { DeviceCard } from '../../lib/device-store.js';
import type { Job } from '../../lib/job.js';
import { JobOutcome } from './job-outcome.js';
import { UpdateProgress } from './update-progress.js';
import { kindLabel } from './words.js';

interface DeviceFirmwareProps {
  readonly device: DeviceCard;
  /** The running update of this device. */
  readonly running: Job | undefined;
  /** Its newest update of the last hour. */
  readonly latest: Job | undefined;
  /** Why no update may be started now. */
  readonly blockedReason: string | undefined;
  readonly onChoose: (device: DeviceCard) => void;
}

export function DeviceFirmware(props: DeviceFirmwareProps): JSX.Element {
  const { device, running, latest, onChoose } = props;
  const id = useId();
  const title = deviceTitle(device);
  const reason = running === undefined ? refusalOf(props) : undefined;
  return (
    <Card component="li" withBorder padding="md" aria-labelledby={`${id}-title`}>
      <Stack gap="xs" h="100%">
        <Group justify="space-between" align="start" wrap="nowrap">
          <Title order={3} size="h4" id={`${id}-title`} className="wrap-anywhere">
            {title}
          </Title>
          {device.goneSince !== undefined && (
            <Badge color="gray.8" style={{ flexShrink: 0 }}>
              Away
            </Badge>
          )}
          {device.bootloader && (
            <Badge color="indigo.9" style={{ flexShrink: 0 }}>
              In bootloader
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {device.type}, device {device.id}, {device.connection}
        </Text>
        <Text>
          Firmware <strong className="wrap-anywhere">{device.firmware ?? 'not known'}</strong>
        </Text>
        {running !== undefined && <UpdateProgress job={running} title={title} />}
        {latest !== undefined && latest.state !== 'running' && <Latest job={latest} />}
        <Stack gap={4} mt="auto">
          <Button
            variant="outline"
            onClick={() => onChoose(device)}
            disabled={running !== undefined || reason !== undefined}
            aria-label={`Update ${title}`}
            aria-describedby={reason === undefined ? undefined : `${id}-reason`}
          >
            Update…
          </Button>
          {reason !== undefined && (
            <Text size="sm" c="dimmed" id={`${id}-reason`}>
              {reason}
            </Text>
          )}
        </Stack>
      </Stack>
    </Card>
  );
}

function Latest({ job }: { readonly job: Job }): JSX.Element {
  return (
    <Stack gap={2}>
      <Text size="sm">
        {kindLabel(job.command)}, {clockText(job.endedAt ?? job.startedAt)}:
      </Text>
      <JobOutcome job={job} />
    </Stack>
  );
}

/** The device's own reasons come first: waiting does not change them. */
function refusalOf({ device, blockedReason }: DeviceFirmwareProps): string | undefined {
  if (device.goneSince !== undefined) return `Not connected since ${clockText(device.goneSince)}.`;
  if (!device.updatable) return 'Not updatable: the studio says that this device takes no firmware.';
  return blockedReason;
}
