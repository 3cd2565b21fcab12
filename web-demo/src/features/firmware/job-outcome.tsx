import { Group, Text } from '@mantine/core';
import type { JSX } from 'react';
import type { Job } from '../../lib/job.js';

/** The result of an update, with the error when it failed. */
export function JobOutcome({ job: { state, error, code, percent } }: { readonly job: Job }): JSX.Element {
  if (state === 'running') return <Text size="sm">Running</Text>;
  if (state === 'done') {
    return (
      <Text size="sm" fw={600}>
        <span aria-hidden>✓ </span>Done
      </Text>
    );
  }
  const where = percent === null ? '' : ` at ${Math.round(percent)} %`;
  return (
    <Group gap={4} className="wrap-anywhere">
      <Text size="sm" fw={600}>
        <span aria-hidden>✗ </span>Failed{where}:
      </Text>
      <Text size="sm">{error ?? 'nobody says why'}</Text>
      {code !== null && (
        <Text size="sm" c="dimmed">
          ({code})
        </Text>
      )}
    </Group>
  );
}
