import { Suspense, useState, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { CalibrateDialog } from '../../components/calibrate-dialog.js';
import { lazyPart } from '../../components/lazy-part.js';
import { ProblemAlert } from '../../components/problem-alert.js';
import { useMay } from '../../lib/access.js';
import { useIsAway, useIsLive, useStudio } from '../../lib/studio.js';
import { useVerdict } from '../../lib/use-facts.js';
import { Devices } from './devices.js';
import { OtherStudios } from './other-studios.js';
import { StudioPanel } from './studio-panel.js';
import { VerdictStrip } from './verdict-strip.js';
import styles from './overview.module.css';

const RecentTimeline = lazyPart(() => import('./activity.js').then((m) => m.RecentTimeline));

/** Can we roll? The answer, and the devices. */
export function Overview(): JSX.Element {
  const { devices: store } = useStudio();
  const { facts, now, verdict } = useVerdict();
  const problem = useSyncExternalStore(store.subscribe, store.problem);
  const isLive = useIsLive();
  const isAway = useIsAway();
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
      {facts === undefined && isAway && <p className="dim">Not known: the studio has not answered yet.</p>}
      {facts !== undefined && facts.length > 0 && (
        <div className={styles['recent']} style={{ minHeight: `${recentHeight(facts.length)}px` }}>
          <Suspense fallback={null}>
            <RecentTimeline />
          </Suspense>
        </div>
      )}
      <OtherStudios />
      {(facts !== undefined || isAway) && <StudioPanel />}
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
