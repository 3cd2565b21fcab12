import type { JSX } from 'react';
import { Link } from 'wouter';
import { IconButton } from '../../components/button.js';
import { storedToken } from '../../lib/stored-token.js';
import { titleOf } from '../../lib/device-title.js';
import type { Outage } from '../../lib/link-store.js';
import { useDevices, useJobs, useLink, useStudio, useUpstream } from '../../lib/studio.js';
import { useNamedStudio } from '../../lib/studios.js';
import { clockText, counterText } from '../../lib/times.js';
import { useIsSimulated, useStudioName } from '../../lib/use-info.js';
import { useNow } from '../../lib/use-now.js';
import { OUTAGES } from '../../lib/verdict.js';
import { PaletteButton } from '../palette/palette-button.js';
import { AppearanceMenu } from './appearance-menu.js';
import { ControlChip } from './control-chip.js';
import styles from './frame.module.css';
import { StudioSwitcher } from './studio-switcher.js';
import { WhoIsHere } from './who-is-here.js';

/** Above every view: the studio and its state, what runs, and who is here. While offline it is red and names the outage. */
export function TopBar({ onSignOut }: { readonly onSignOut: () => void }): JSX.Element {
  const { outage } = useLink();
  // The switcher names it where there are several.
  const named = useNamedStudio();
  return (
    <header className={outage === undefined ? styles['top'] : `${styles['top']} ${styles['offline']}`}>
      <Link href="/" className={styles['mark']}>
        <Mark />
        <span className="unseen">Home</span>
        {outage === undefined && named === undefined && <StudioName />}
        <span className="unseen">, all devices</span>
      </Link>
      <StudioSwitcher />
      {outage === undefined ? (
        <>
          <StatusPill />
          <JobChip />
        </>
      ) : (
        <Offline outage={outage} />
      )}
      <span className={styles['space']} />
      <PaletteButton />
      <ControlChip />
      <WhoIsHere />
      <span className={styles['wide']}>
        <AppearanceMenu />
        {storedToken() !== null && <IconButton icon="signout" label="Sign out" onClick={onSignOut} />}
      </span>
    </header>
  );
}

function Mark(): JSX.Element {
  return (
    <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="#0f5c63" />
      <path d="M7 16h6m6 0h6" stroke="#fff" strokeWidth="3" strokeLinecap="round" />
      <circle cx="16" cy="16" r="4.5" fill="none" stroke="#ffc24b" strokeWidth="3" />
    </svg>
  );
}

function StudioName(): JSX.Element {
  return <span className={styles['wide']}>{useStudioName()}</span>;
}

/** Whether what is shown is live, and how quick; and whether the studio is a simulated one. */
function StatusPill(): JSX.Element {
  const { client: state } = useLink();
  const upstream = useUpstream();
  const isSimulated = useIsSimulated();
  const isLive = state === 'open' && upstream?.state === 'connected';
  return (
    <span role="status" style={{ display: 'contents' }}>
      <span className={styles['pill']} data-state={isLive ? 'live' : 'waiting'}>
        <span className={styles['dot']} aria-hidden />
        {isLive ? 'Live' : state === 'open' ? 'Asking…' : 'Connecting…'}
        {isLive && <Latency />}
      </span>
      {isSimulated === true && (
        <span className={styles['pill']} data-state="sim">
          <span aria-hidden>◆</span> <span className={styles['sim']}>Simulated</span>
        </span>
      )}
    </span>
  );
}

function Latency(): JSX.Element | null {
  const { client } = useStudio();
  useNow(2000);
  const ms = client.latencyMs;
  return ms === undefined ? null : (
    <span aria-hidden className={styles['wide']}>
      {ms < 1 ? '<1' : Math.round(ms)} ms
    </span>
  );
}

/** The running update, on every view. */
function JobChip(): JSX.Element | null {
  const { running, foreign } = useJobs();
  const devices = useDevices();
  if (running !== undefined) {
    const { deviceId, percent } = running;
    const href = deviceId === null ? '/firmware' : `/devices/${deviceId}`;
    return <Running href={href} title={titleOf(deviceId, devices)} percent={percent ?? undefined} />;
  }
  if (foreign === undefined || foreign.end !== undefined) return null;
  return <Running href="/firmware" title="Update" percent={foreign.percent} />;
}

interface RunningProps {
  readonly href: string;
  readonly title: string;
  readonly percent: number | undefined;
}

function Running({ href, title, percent }: RunningProps): JSX.Element {
  return (
    <Link href={href} className={styles['pill']} data-state="job">
      <span className="unseen">Update of </span>
      <svg className={styles['ring']} viewBox="0 0 20 20" aria-hidden>
        <circle cx="10" cy="10" r="8" />
        <circle cx="10" cy="10" r="8" pathLength="100" strokeDasharray={`${percent ?? 0} 100`} />
      </svg>
      <bdi>{title}</bdi> {percent === undefined ? '…' : `${Math.round(percent)} %`}
    </Link>
  );
}

function Offline({ outage: { where, since } }: { readonly outage: Outage }): JSX.Element {
  const now = useNow();
  return (
    <div className={styles['offlineText']}>
      <span role="alert">
        {OUTAGES[where]}
        <span className="unseen">
          {' '}
          since <time dateTime={new Date(since).toISOString()}>{clockText(since)}</time>
        </span>
      </span>
      <small aria-hidden>
        {counterText(now - since)} · trying again · shown as of {clockText(since)}
      </small>
    </div>
  );
}
