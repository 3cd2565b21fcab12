import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useId } from 'react';
import type { JSX } from 'react';
import { connectionText } from '../../lib/connection-text.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import { deviceTitle } from '../../lib/device-title.js';
import { clockText } from '../../lib/times.js';
import type { DeviceCard } from '../../lib/device-store.js';
import type { Job } from '../../lib/job.js';
import { JobOutcome } from './job-outcome.js';
import { UpdateProgress } from './update-progress.js';
import { kindLabel } from './words.js';

interface DeviceFirmwareProps {
  readonly device: DeviceFacts;
  /** No update may be started now. */
  readonly isBlocked: boolean;
  /** The element that says why. */
  readonly reasonId: string | undefined;
  readonly onChoose: (device: DeviceCard) => void;
}

/** One device, its version, and its newest update of the last hour. */
export function DeviceFirmware(props: DeviceFirmwareProps): JSX.Element {
  const { device, isBlocked, reasonId, onChoose } = props;
  const { job, type, connection, firmware, updatable, goneSince } = device;
  const id = useId();
  const title = deviceTitle(device);
  const isRunning = job?.state === 'running';
  return (
    <Card component="li" withBorder px="xs" py={6} aria-labelledby={`${id}-title`}>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={3} size="h5" id={`${id}-title`} lineClamp={2} title={title}>
            {title}
          </Title>
          <Text size="sm" c="dimmed" truncate>
            <strong style={{ color: 'var(--text)' }}>{firmware ?? 'Version not known'}</strong> · {type} ·{' '}
            {connectionText(connection)}
          </Text>
        </div>
        {updatable ? (
          <Button
            variant="outline"
            px="sm"
            style={{ flex: 'none' }}
            onClick={() => onChoose(device)}
            disabled={isRunning || isBlocked || goneSince !== undefined}
            aria-label={`Update ${title}`}
            aria-describedby={reasonId}
          >
            Update…
          </Button>
        ) : (
          <Text
            size="sm"
            c="dimmed"
            style={{ flex: 'none' }}
            title="The studio says that it takes no firmware."
          >
            Not updatable
          </Text>
        )}
      </Group>
      {device.bootloader && !isRunning && (
        <Text size="sm" fw={600} c="var(--bad)">
          In bootloader
        </Text>
      )}
      {isRunning && <UpdateProgress job={job} title={title} />}
      {job !== undefined && !isRunning && <Latest job={job} />}
      {goneSince !== undefined && (
        <Text size="sm" c="dimmed">
          Not connected since {clockText(goneSince)}.
        </Text>
      )}
    </Card>
  );
}

function Latest({ job }: { readonly job: Job }): JSX.Element {
  return (
    <Stack gap={0}>
      <Text size="sm">
        {kindLabel(job.command)}, {clockText(job.endedAt ?? job.startedAt)}:
      </Text>
      <JobOutcome job={job} />
    </Stack>
  );
}
