import { Alert, SimpleGrid, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core';
import { useEffect, useId, useState } from 'react';
import type { JSX } from 'react';
import { useLocation } from 'wouter';
import { LockNotice } from '../../components/locked.js';
import { useMay } from '../../lib/access.js';
import { byTrouble } from '../../lib/device-status.js';
import type { DeviceFacts } from '../../lib/device-status.js';
import { deviceTitle, titleOf } from '../../lib/device-title.js';
import type { DeviceCard } from '../../lib/device-store.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useDevices, useIsLive, useJobs, useStudio } from '../../lib/studio.js';
import type { ForeignUpdate, JobNews } from '../../lib/job-store.js';
import { useFacts } from '../../lib/use-facts.js';
import { DeviceFirmware } from './device-firmware.js';
import { JobHistory } from './job-history.js';
import { RunningUpdate } from './running-update.js';
import { UpdateDialog } from './update-dialog.js';
import { kindPhrase } from './words.js';

interface FirmwareViewProps {
  /** The device whose dialog the address opens. */
  readonly deviceId: number | undefined;
}

export function FirmwareView({ deviceId }: FirmwareViewProps): JSX.Element {
  const jobs = useJobs();
  const devices = useDevices();
  const facts = useFacts();
  const { jobs: store } = useStudio();
  const [chosen, setChosen] = useState<DeviceCard>();
  const may = useMay('admin');
  const blocked = useBlockedReason(jobs, devices);
  const reason = may.isAllowed ? blocked : may.reason;
  const [, go] = useLocation();
  const named = devices?.find(({ id }) => id === deviceId);
  useEffect(() => {
    if (named === undefined || !may.isAllowed) return;
    setChosen(named);
    // Once: a reload, or Back, does not open it again.
    go('/firmware', { replace: true });
  }, [named, may.isAllowed, go]);
  return (
    <Stack>
      <h1 className="unseen">Firmware</h1>
      <LockNotice may={may} />
      {jobs.error !== undefined && <ProblemAlert error={jobs.error} />}
      {jobs.running !== undefined && <RunningUpdate job={jobs.running} devices={devices} />}
      {jobs.foreign !== undefined && <ForeignNotice update={jobs.foreign} />}
      <DeviceList
        facts={facts}
        isBlocked={reason !== undefined}
        reason={may.isAllowed ? blocked : undefined}
        onChoose={setChosen}
      />
      <JobHistory jobs={jobs.all} notes={jobs.notes} devices={devices} />
      {chosen !== undefined && (
        <UpdateDialog
          key={chosen.id}
          device={devices?.find(({ id }) => id === chosen.id) ?? chosen}
          blockedReason={reason}
          onStarted={store.add}
          onClose={() => setChosen(undefined)}
        />
      )}
    </Stack>
  );
}

/** Why no update may be started now; undefined when one may. */
function useBlockedReason(
  { all, running }: JobNews,
  devices: readonly DeviceCard[] | undefined,
): string | undefined {
  const isLive = useIsLive();
  if (!isLive) return 'Not now: the studio is not connected.';
  if (all === undefined) return 'Not now: asking the gateway what is running.';
  if (running === undefined) return undefined;
  return `Not now: the ${kindPhrase(running.command)} of ${titleOf(running.deviceId, devices)} is being updated, and the studio reports only one update at a time.`;
}

/** From so many on, they can be searched. */
const MANY = 13;

interface DeviceListProps {
  readonly facts: readonly DeviceFacts[] | undefined;
  /** No update may be started now. */
  readonly isBlocked: boolean;
  /** Why, unless it is said above. */
  readonly reason: string | undefined;
  readonly onChoose: (device: DeviceCard) => void;
}

function DeviceList({ facts, isBlocked, reason, onChoose }: DeviceListProps): JSX.Element {
  const id = useId();
  const isLive = useIsLive();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const shown = facts && byTrouble(facts, Date.now(), true).filter((device) => fits(device, wanted));
  return (
    <Stack component="section" gap="sm" aria-label="Devices">
      <Title order={2} size="h3">
        Devices
      </Title>
      {facts === undefined && <Skeleton height={124} aria-label="Asking for the devices" />}
      {facts?.length === 0 && <Text>No device is connected. Switch one on; it appears here by itself.</Text>}
      {!isLive && facts !== undefined && facts.length > 0 && (
        <Text fw={600}>Not live: this is how things stood before.</Text>
      )}
      {reason !== undefined && facts !== undefined && facts.length > 0 && <Text id={id}>{reason}</Text>}
      {facts !== undefined && facts.length >= MANY && (
        <TextInput
          type="search"
          aria-label="Search devices"
          placeholder="Search by name, type or version"
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          maw={400}
        />
      )}
      {shown !== undefined && (
        <SimpleGrid
          component="ul"
          type="container"
          cols={{ base: 1, '600px': 2, '950px': 3, '1500px': 4 }}
          spacing="xs"
          verticalSpacing={8}
          className={isLive ? undefined : 'stale'}
          p={0}
          m={0}
          style={{ listStyle: 'none' }}
        >
          {shown.map((device) => (
            <DeviceFirmware
              key={device.id}
              device={device}
              isBlocked={isBlocked}
              reasonId={reason === undefined ? undefined : id}
              onChoose={onChoose}
            />
          ))}
        </SimpleGrid>
      )}
      {shown?.length === 0 && wanted !== '' && <Text>No device fits “{search}”.</Text>}
    </Stack>
  );
}

function fits(device: DeviceFacts, wanted: string): boolean {
  const { type, id, firmware = '' } = device;
  return [deviceTitle(device), type, String(id), firmware].join(' ').toLowerCase().includes(wanted);
}

/** An update started at the studio itself or through another gateway. */
function ForeignNotice({ update: { percent, end, error } }: { readonly update: ForeignUpdate }): JSX.Element {
  const how = percent === undefined ? 'running' : `at ${Math.round(percent)} %`;
  const ended = end === 'done' ? 'It is done.' : `It failed: ${error ?? 'the studio does not say why.'}`;
  return (
    <Alert color="indigo" variant="outline" title="An update that was not started here" role="status">
      The studio tells of a firmware update that this gateway did not start, and not of which device.{' '}
      {end === undefined ? `It is ${how}. Wait for its end before you start another.` : ended}
    </Alert>
  );
}
