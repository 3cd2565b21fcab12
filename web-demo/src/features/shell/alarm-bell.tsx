import { useEffect, useRef } from 'react';
import { play, tell } from '../../lib/alerts.js';
import { useDevices, useIsLive, useJobs } from '../../lib/studio.js';
import { alarmsBetween } from './alarms.js';
import type { Moment } from './alarms.js';

/** Sounds and notifies on every view, where somebody wants that. */
export function AlarmBell(): null {
  const devices = useDevices();
  const { all: jobs } = useJobs();
  const isLive = useIsLive();
  const before = useRef<Moment>(undefined);
  useEffect(() => {
    // An outage takes all devices at once: that is told by itself.
    if (!isLive || devices === undefined || jobs === undefined) return;
    const now = { devices, jobs };
    const alarms = before.current === undefined ? [] : alarmsBetween(before.current, now);
    before.current = now;
    for (const { text } of alarms) tell(text);
    const [first] = alarms;
    if (first !== undefined) play(first.sound);
  }, [devices, jobs, isLive]);
  return null;
}
