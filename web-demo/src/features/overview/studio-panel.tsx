import { useEffect, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { IconButton } from '../../components/button.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { versionText } from '../../lib/device-description.js';
import { isLive } from '../../lib/link-store.js';
import type { Link } from '../../lib/link-store.js';
import { useLink, useStudio } from '../../lib/studio.js';
import { durationText } from '../../lib/times.js';
import { systemName, useInfo } from '../../lib/use-info.js';
import type { Info, TimedInfo } from '../../lib/use-info.js';
import styles from './overview.module.css';

/** State, address, version and latency of the studio: rarely needed, so at the foot. */
export function StudioPanel(): JSX.Element {
  const link = useLink();
  const live = isLive(link);
  const { data, error, refetch, isFetching } = useInfo(link);
  return (
    <section className={styles['studio']} aria-labelledby="studio-title">
      <div className={styles['studioHead']}>
        <h2 id="studio-title">Studio</h2>
        <IconButton
          icon="again"
          label="Measure again"
          disabled={!live}
          aria-busy={isFetching}
          onClick={() => void refetch()}
        />
      </div>
      <dl>
        <Fact term="State">{stateText(link)}</Fact>
        <Fact term="Address">{link.upstream?.studio ?? '–'}</Fact>
        <Fact term="Version">{data === undefined ? '–' : versionOf(data.info)}</Fact>
        <Fact term="System">{data === undefined ? '–' : systemName(data.info)}</Fact>
        <Fact term="Uptime">{data === undefined ? '–' : <Uptime answer={data} isLive={live} />}</Fact>
        <Fact term="Gateway">
          <Latency isOpen={link.client === 'open'} />
        </Fact>
        <Fact term="Studio">
          {msText(data?.studioMs ?? null)}
          {!live && data !== undefined && ' – not live'}
        </Fact>
      </dl>
      {error !== null && live && <ProblemAlert error={error} />}
    </section>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }): JSX.Element {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function stateText(link: Link): string {
  if (isLive(link)) return 'Connected';
  if (link.client !== 'open') return link.client === 'connecting' ? 'Connecting to the gateway…' : '–';
  return link.upstream === undefined ? 'Asking the gateway…' : 'Offline';
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
  return <>{isOpen ? msText(client.latencyMs ?? null) : '–'}</>;
}

function msText(ms: number | null): string {
  if (ms === null) return '–';
  return ms < 1 ? 'under 1 ms' : `${Math.round(ms)} ms`;
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
