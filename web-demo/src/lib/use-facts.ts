import { useMemo } from 'react';
import { useDevices, useJobs, useLink, useSignals } from './studio.js';
import { useNow } from './use-now.js';
import { verdict } from './verdict.js';
import type { DeviceFacts } from './device-status.js';
import type { Verdict } from './verdict.js';

/** All that is known of the devices; undefined until the studio has listed them. */
export function useFacts(): readonly DeviceFacts[] | undefined {
  const devices = useDevices();
  const signals = useSignals();
  const { all } = useJobs();
  return useMemo(
    () =>
      devices?.map((device) => ({
        ...device,
        signals: signals.get(device.id),
        job: all?.find(({ deviceId }) => deviceId === device.id),
      })),
    [devices, signals, all],
  );
}

/** The verdict, anew every second: signals pass, and times grow. While nothing is live, `now` stands still. */
export function useVerdict(): {
  readonly facts: readonly DeviceFacts[] | undefined;
  readonly now: number;
  readonly verdict: Verdict;
} {
  const facts = useFacts();
  const link = useLink();
  const since = link.outage?.since;
  const ticking = useNow(1000, since === undefined);
  const now = since ?? ticking;
  return { facts, now, verdict: verdict(facts, now, link) };
}
