import { Badge, Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { versionText } from '../../lib/device-store.js';
import { isLive } from '../../lib/link-store.js';
import type { Link } from '../../lib/link-store.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useLink, useStudio } from '../../lib/studio.js';
import { durationText } from '../../lib/times.js';
import { useInfo, useIsSimulated } from '../../lib/use-info.js';
import type { Info, TimedInfo } from '../../lib/use-info.js';
import { Fact, FactList } from '../../components/fact.js';

/** State, kind, version and latency of the studio. */
export function StudioPanel(): JSX.Element {
  const link = useLink();
  const live = isLive(link);
  const { data, error, refetch, isFetching } = useInfo(link);
  const isSimulated = useIsSimulated();
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-labelledby="studio-title"
      className={live ? undefined : 'stale'}
    >
      <Stack gap="sm">
        <Group justify="space-between">
          <Group gap="sm">
            <Title order={2} id="studio-title" size="h3">
              Studio
            </Title>
            {isSimulated !== undefined && <Kind isSimulated={isSimulated} />}
          </Group>
          <Button
            variant="default"
            size="xs"
            disabled={!live}
            loading={isFetching}
            onClick={() => void refetch()}
          >
            Measure again
          </Button>
        </Group>
        <FactList isWide>
          <Fact term="State">{stateText(link)}</Fact>
          <Fact term="Address">{link.upstream?.studio ?? 'Not known'}</Fact>
          <Fact term="Version">{data === undefined ? 'Not known' : versionOf(data.info)}</Fact>
          <Fact term="System">{data?.info.SystemName ?? 'Not known'}</Fact>
          <Fact term="Uptime">
            {data === undefined ? 'Not known' : <Uptime answer={data} isLive={live} />}
          </Fact>
          <Fact term="Latency">
            Gateway: <Latency isOpen={link.client === 'open'} />
            <br />
            Studio: {msText(data?.studioMs ?? null)}
            {!live && data !== undefined && ' – not live'}
          </Fact>
        </FactList>
        {error !== null && live && <ProblemAlert error={error} />}
      </Stack>
    </Paper>
  );
}

function Kind({ isSimulated }: { readonly isSimulated: boolean }): JSX.Element {
  return isSimulated ? (
    <>
      <Badge color="grape.9" variant="filled">
        Simulated
      </Badge>
      <Text size="sm">No real device is behind it.</Text>
    </>
  ) : (
    <Badge color="teal.9" variant="filled">
      Real studio
    </Badge>
  );
}

function stateText(link: Link): string {
  if (isLive(link)) return 'Connected';
  if (link.client !== 'open')
    return link.client === 'connecting' ? 'Connecting to the gateway…' : 'Not known';
  return link.upstream === undefined ? 'Asking the gateway…' : 'Away';
}

function versionOf({ AppVersion, GitSha }: Info): string {
  return `${versionText(AppVersion)} (${GitSha})`;
}

/** Counts on from the uptime of the last answer while the studio is connected. */
function Uptime({ answer: { info, at }, isLive: live }: { answer: TimedInfo; isLive: boolean }): JSX.Element {
  const now = useSecond(live);
  return <>{durationText(info.UpTimeSecs * 1000 + Math.max(0, now - at)) + (live ? '' : ' – not live')}</>;
}

function Latency({ isOpen }: { readonly isOpen: boolean }): JSX.Element {
  const { client } = useStudio();
  useSecond(isOpen);
  return <>{isOpen ? msText(client.latencyMs ?? null) : 'Not known'}</>;
}

function msText(ms: number | null): string {
  if (ms === null) return 'Not known';
  return ms < 1 ? 'Under 1 ms' : `${Math.round(ms)} ms`;
}

/** `performance.now()`, updated once a second while `runs` is true. */
function useSecond(runs: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!runs) return undefined;
    setNow(performance.now());
    const timer = setInterval(() => setNow(performance.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  return now;
}
