import { Stack, Table, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { starterText } from '../../lib/access.js';
import { titleOf } from '../../lib/device-title.js';
import { clockText, durationText } from '../../lib/times.js';
import type { DeviceCard } from '../../lib/device-store.js';
import type { Job } from '../../lib/job.js';
import type { UpdateNote } from '../../lib/job-store.js';
import { JobOutcome } from './job-outcome.js';
import { kindLabel } from './words.js';

interface JobHistoryProps {
  readonly jobs: readonly Job[] | undefined;
  readonly notes: ReadonlyMap<string, UpdateNote>;
  readonly devices: readonly DeviceCard[] | undefined;
}

/** The gateway keeps updates for an hour after their end. */
export function JobHistory({ jobs, notes, devices }: JobHistoryProps): JSX.Element {
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
                <JobRow
                  key={job.id}
                  job={job}
                  note={notes.get(job.id)}
                  title={titleOf(job.deviceId, devices)}
                />
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}

interface JobRowProps {
  readonly job: Job;
  readonly note: UpdateNote | undefined;
  readonly title: string;
}

function JobRow({ job, note, title }: JobRowProps): JSX.Element {
  const { command, deviceId, state, percent, startedBy, startedAt, endedAt } = job;
  return (
    <Table.Tr>
      <Table.Td className="wrap-anywhere" maw={240}>
        {deviceId === null ? title : <Link href={`/devices/${deviceId}/firmware`}>{title}</Link>}
      </Table.Td>
      <Table.Td className="wrap-anywhere" maw={320}>
        {kindLabel(command)}
        {note?.from !== undefined && (
          <div>
            {note.from}
            {note.to !== undefined && ` → ${note.to}`}
          </div>
        )}
        {note?.file !== undefined && <div className="mono dim">{note.file}</div>}
      </Table.Td>
      <Table.Td>
        {state === 'running' && percent !== null ? (
          `Running, ${Math.round(percent)} %`
        ) : (
          <JobOutcome job={job} />
        )}
      </Table.Td>
      <Table.Td className="wrap-anywhere">{starterText(startedBy)}</Table.Td>
      <Table.Td>{clockText(startedAt)}</Table.Td>
      <Table.Td>{endedAt === null ? '' : durationText(endedAt - startedAt)}</Table.Td>
    </Table.Tr>
  );
}
