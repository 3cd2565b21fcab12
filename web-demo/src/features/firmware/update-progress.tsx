import { Group, Progress, Text } from '@mantine/core';
import type { JSX } from 'react';
import type { Job } from '../../lib/job.js';

interface UpdateProgressProps {
  readonly job: Job;
  /** Title of the device. */
  readonly title: string;
}

/** The progress that the studio reported last. */
export function UpdateProgress({ job: { percent }, title }: UpdateProgressProps): JSX.Element {
  const known = percent === null ? undefined : Math.round(percent);
  return (
    <Group gap="sm" wrap="nowrap">
      <Progress.Root size="xl" style={{ flexGrow: 1 }}>
        <Progress.Section
          value={known ?? 100}
          animated={known === undefined}
          striped={known === undefined}
          color="indigo.8"
          aria-label={`Update of ${title}`}
          {...(known === undefined && { 'aria-valuenow': undefined })}
          aria-valuetext={known === undefined ? 'started, no progress told yet' : `${known} %`}
        />
      </Progress.Root>
      <Text fw={600} miw="4ch" ta="right">
        {known === undefined ? '…' : `${known} %`}
      </Text>
    </Group>
  );
}
