import { Stack, Table, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { titleOf } from '../../lib/device-title.js';
import { clockText, durationText } from '../../lib/times.js';
import type { DeviceCard } from '../../lib/device-store.js';
import type { Job } from './job.js';
import { JobOutcome } from './job-outcome.js';
import { kindLabel } from './words.js';

interface JobHistoryProps {
  readonly jobs: readonly Job[] | undefined;
  readonly devices: readonly DeviceCard[] | undefined;
}

/** The gateway keeps updates for an hour after their end. */
export function JobHistory({ jobs, devices }: JobHistoryProps): JSX.Element {
  return (
    <Stack component="section" gap="sm" aria-label="Updates of the last hour">
      <Title order={2} size="h3">
        Updates of the last hour
      </Title>
      {jobs === undefined && <Text c="dimmed">Asking the gateway…</Text>}
      {jobs?.length === 0 && <Text>None.</Text>}
      {jobs !== undefined && jobs.length > 0 && (
        <Table.ScrollContainer minWidth={640} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table striped verticalSpacing="xs" aria-label="Updates of the last hour">
            <Table.Thead>
              <Table.Tr>
                {['Device', 'Update', 'Outcome', 'Started by', 'Started', 'Took'].map((head) => (
                  <Table.Th key={head}>{head}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {jobs.map((job) => (
                <JobRow key={job.id} job={job} title={titleOf(job.deviceId, devices)} />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}

function JobRow({ job, title }: { readonly job: Job; readonly title: string }): JSX.Element {
  const { command, state, percent, startedBy, startedAt, endedAt } = job;
  return (
    <Table.Tr>
      <Table.Td className="wrap-anywhere" maw={240}>
        {title}
      </Table.Td>
      <Table.Td>{kindLabel(command)}</Table.Td>
      <Table.Td>
        {state === 'running' && percent !== null ? (
          `Running, ${Math.round(percent)} %`
        ) : (
          <JobOutcome job={job} />
        )}
      </Table.Td>
      <Table.Td className="wrap-anywhere">{startedBy}</Table.Td>
      <Table.Td>{clockText(startedAt)}</Table.Td>
      <Table.Td>{endedAt === null ? '' : durationText(endedAt - startedAt)}</Table.Td>
    </Table.Tr>
  );
}
