import { Suspense, useDeferredValue, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { Button } from '../../components/button.js';
import { CalibrateDialog } from '../../components/calibrate-dialog.js';
import { Icon } from '../../components/icon.js';
import { lazyPart } from '../../components/lazy-part.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import ui from '../../components/ui.module.css';
import { useMay } from '../../lib/access.js';
import { deviceTitle } from '../../lib/device-title.js';
import { useIsLive, useStudio } from '../../lib/studio.js';
import { useVerdict } from '../../lib/use-facts.js';
import { byTrouble, isThere, statusOf } from '../../lib/verdict.js';
import type { DeviceFacts } from '../../lib/verdict.js';
import { DeviceCard, DeviceRow } from './device-card.js';
import { OtherStudios } from './other-studios.js';
import { StudioPanel } from './studio-panel.js';
import { VerdictStrip } from './verdict-strip.js';
import styles from './overview.module.css';

const RecentTimeline = lazyPart(() => import('./activity.js').then((m) => m.RecentTimeline));

/** From so many on, devices are shown as rows. */
const MANY = 13;

/** Can we roll? The answer, and the devices. */
export function Overview(): JSX.Element {
  const { devices: store } = useStudio();
  const { facts, now, verdict } = useVerdict();
  const problem = useSyncExternalStore(store.subscribe, store.problem);
  const isLive = useIsLive();
  const [calibrating, setCalibrating] = useState<readonly number[]>();
  const may = useMay('control');
  const calibrate = isLive && may.isAllowed ? setCalibrating : undefined;
  return (
    <>
      <h1 className="unseen">Devices</h1>
      <VerdictStrip verdict={verdict} onCalibrate={calibrate} />
      {problem !== undefined && isLive && <ProblemAlert error={problem} />}
      {facts !== undefined && facts.length > 0 && (
        <Devices facts={facts} now={now} isLive={isLive} onCalibrate={calibrate} />
      )}
      {facts === undefined && !isLive && <p className="dim">Not known: the studio has not answered yet.</p>}
      {facts !== undefined && facts.length > 0 && (
        <div className={styles['recent']} style={{ minHeight: `${recentHeight(facts.length)}px` }}>
          <Suspense fallback={null}>
            <RecentTimeline />
          </Suspense>
        </div>
      )}
      <OtherStudios />
      {(facts !== undefined || !isLive) && <StudioPanel />}
      {calibrating !== undefined && (
        <CalibrateDialog deviceIds={calibrating} onClose={() => setCalibrating(undefined)} />
      )}
    </>
  );
}

/** Of the timeline with its heading: a lane for the studio and for each device, up to eight. */
function recentHeight(devices: number): number {
  return 76 + 22 * Math.min(devices + 1, 8);
}

interface DevicesProps {
  readonly facts: readonly DeviceFacts[];
  readonly now: number;
  readonly isLive: boolean;
  readonly onCalibrate: ((deviceIds: readonly number[]) => void) | undefined;
}

function Devices({ facts, now, isLive, onCalibrate }: DevicesProps): JSX.Element {
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const isMany = facts.length >= MANY;
  const found = byTrouble(facts, now, !isMany).filter((device) => wanted === '' || fits(device, wanted, now));
  const able = facts.filter((each) => isThere(each) && each.commands?.has('CalibrateStaticPose') === true);
  return (
    <section aria-label="Devices">
      <div className={styles['tools']}>
        {isMany && (
          <input
            type="search"
            aria-label="Search devices"
            placeholder="Search by name, type or state"
            value={search}
            onChange={({ currentTarget }) => setSearch(currentTarget.value)}
          />
        )}
        <span className="dim" role="status">
          {wanted === '' ? countText(facts) : `${found.length} of ${facts.length}`}
          {!isLive && ' – not live'}
        </span>
        <span className={`${ui['row']} ${styles['end']}`}>
          <Button
            icon="calibrate"
            disabled={onCalibrate === undefined || able.length === 0}
            onClick={() => onCalibrate?.(able.map(({ id }) => id))}
          >
            Calibrate all
          </Button>
          <Link href="/wall" className={ui['button'] ?? ''} title="Wall mode (F)">
            <Icon name="wall" />
            Wall
          </Link>
        </span>
      </div>
      <ul className={isMany ? styles['rows'] : styles['cards']}>
        {found.map((device) => {
          const props = { device, status: statusOf(device, now), isLive };
          return (
            <li key={device.id}>
              {isMany ? <DeviceRow {...props} /> : <DeviceCard {...props} onCalibrate={onCalibrate} />}
            </li>
          );
        })}
      </ul>
      {found.length === 0 && <p>No device fits “{search}”.</p>}
    </section>
  );
}

function fits(device: DeviceFacts, wanted: string, now: number): boolean {
  const { word } = statusOf(device, now);
  return [deviceTitle(device), device.type, String(device.id), word, device.firmware ?? '']
    .join(' ')
    .toLowerCase()
    .includes(wanted);
}

function countText(devices: readonly DeviceFacts[]): string {
  const gone = devices.filter(({ goneSince }) => goneSince !== undefined).length;
  return `${devices.length - gone} connected${gone > 0 ? `, ${gone} disconnected` : ''}`;
}
