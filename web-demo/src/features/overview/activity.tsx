/** What happened lately: loaded once the cards are there. */
import { useEffect, useSyncExternalStore } from 'react';
import type { JSX } from 'react';
import { Link } from 'wouter';
import { TimelineView } from '../../components/timeline-view.js';
import { useStudio } from '../../lib/studio.js';
import type { Studio } from '../../lib/studio.js';
import { useAllLanes } from '../../lib/use-all-lanes.js';
import { useDeviceNames } from '../../lib/use-device-names.js';
import { ActivityStore } from './activity-store.js';
import { BARS } from './spark.js';
import styles from './activity.module.css';

/** It outlives the view, and ends with its connection. */
const stores = new WeakMap<Studio, ActivityStore>();

function useActivity(): ActivityStore {
  const studio = useStudio();
  const known = stores.get(studio) ?? new ActivityStore(studio);
  stores.set(studio, known);
  useEffect(() => known.start(), [known]);
  return known;
}

/** Ten minutes of all devices. */
export function RecentTimeline(): JSX.Element {
  const store = useActivity();
  const nameOf = useDeviceNames();
  const least = useAllLanes();
  return (
    <>
      <div className={styles['head']}>
        <h2>Last 10 minutes</h2>
        <Link href="/events">Open the log</Link>
      </div>
      <TimelineView source={store} nameOf={nameOf} least={least} />
    </>
  );
}

/** Five minutes of one device, as small bars. */
export function Sparkline({ deviceId }: { readonly deviceId: number }): JSX.Element | null {
  const store = useActivity();
  const spark = useSyncExternalStore(store.subscribe, () => store.spark(deviceId));
  if (spark === undefined) return null;
  const { bars, text } = spark;
  return (
    <svg
      className={styles['spark']}
      viewBox={`0 0 ${BARS * 4} 20`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text}
    >
      <title>{text}</title>
      {bars.map(
        (bar, index) =>
          bar !== undefined && (
            <rect
              key={index}
              x={index * 4}
              y={20 - bar.share * 20}
              width="3"
              height={bar.share * 20}
              data-level={bar.level}
            />
          ),
      )}
    </svg>
  );
}
