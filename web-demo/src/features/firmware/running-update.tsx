import { Alert, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { starterText } from '../../lib/access.js';
import { titleOf } from '../../lib/device-title.js';
import { clockText, durationText } from '../../lib/times.js';
import type { DeviceCard } from '../../lib/device-store.js';
import { useIsLive } from '../../lib/studio.js';
import type { Job } from '../../lib/job.js';
import { UpdateProgress } from './update-progress.js';
import { kindPhrase } from './words.js';

interface RunningUpdateProps {
  readonly job: Job;
  readonly devices: readonly DeviceCard[] | undefined;
}

/** The running update, above the list of devices. */
export function RunningUpdate({ job, devices }: RunningUpdateProps): JSX.Element {
  const isLive = useIsLive();
  const title = titleOf(job.deviceId, devices);
  return (
    <Alert
      component="section"
      role="region"
      color="indigo"
      variant="outline"
      title={
        <span className="wrap-anywhere">{`The ${kindPhrase(job.command)} of ${title} is being updated`}</span>
      }
      className={isLive ? undefined : 'stale'}
    >
      <Stack gap="xs">
        <UpdateProgress job={job} title={title} />
        <Text size="sm">
          Leave the device switched on and connected. Started by {starterText(job.startedBy)} at{' '}
          {clockText(job.startedAt)}, running for <Elapsed since={job.startedAt} />.
        </Text>
        {!isLive && <Text fw={600}>Not live: how far it is now is not known here.</Text>}
      </Stack>
    </Alert>
  );
}

function Elapsed({ since }: { readonly since: number }): JSX.Element {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <>{durationText(now - since)}</>;
}
