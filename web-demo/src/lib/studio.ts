/** The connection that all views share. */
import { createContext, use, useEffect, useSyncExternalStore } from 'react';
import type { RcspClient } from '../../../src/client/index.js';
import type { DeviceCard, DeviceStore } from './device-store.js';
import type { JobNews, JobStore } from './job-store.js';
import { isLive } from './link-store.js';
import type { Link, LinkStore, Upstream } from './link-store.js';
import type { Signals, SignalStore } from './signal-store.js';

export type { Upstream } from './link-store.js';

export interface Studio {
  readonly client: RcspClient;
  readonly link: LinkStore;
  readonly devices: DeviceStore;
  readonly jobs: JobStore;
  readonly signals: SignalStore;
}

/** Undefined outside StudioProvider. */
export const StudioContext = createContext<Studio | undefined>(undefined);

export function useStudio(): Studio {
  const studio = use(StudioContext);
  if (studio === undefined) throw new Error('useStudio belongs inside StudioProvider');
  return studio;
}

/** Undefined until the studio has answered. */
export function useDevices(): readonly DeviceCard[] | undefined {
  const { devices } = useStudio();
  return useSyncExternalStore(devices.subscribe, devices.snapshot);
}

export function useDevice(id: number): DeviceCard | undefined {
  return useDevices()?.find((each) => each.id === id);
}

/** Firmware updates. */
export function useJobs(): JobNews {
  const { jobs } = useStudio();
  return useSyncExternalStore(jobs.subscribe, jobs.snapshot);
}

/** What devices reported of late, by id. */
export function useSignals(): ReadonlyMap<number, Signals> {
  const { signals } = useStudio();
  return useSyncExternalStore(signals.subscribe, signals.snapshot);
}

/** The state of the connection from the page to the studio. */
export function useLink(): Link {
  const { link } = useStudio();
  return useSyncExternalStore(link.subscribe, link.snapshot);
}

/** The state of the page's own connection to the gateway. */
export function useClientState(): RcspClient['state'] {
  return useLink().client;
}

/** Whether the page is connected to the gateway; says nothing about the studio. */
export function useIsOpen(): boolean {
  return useClientState() === 'open';
}

/** Undefined until the gateway has reported it on the current connection. */
export function useUpstream(): Upstream | undefined {
  const { client, isConfirmed, upstream } = useLink();
  return client === 'open' && isConfirmed ? upstream : undefined;
}

/** Whether the shown data is live: the page, the gateway and the studio are connected. */
export function useIsLive(): boolean {
  return isLive(useLink());
}

/** What is shown is old: a page that connects for the first time shows nothing yet. */
export function useIsAway(): boolean {
  return useLink().outage !== undefined;
}

/** Calls `onEvent` for every event of the channels while the component is mounted. Keep `onEvent` stable. */
export function useChannel(
  channels: readonly string[],
  onEvent: (message: {
    channel: string;
    cursor: string;
    receivedAt: number;
    event: Record<string, unknown>;
  }) => void,
): void {
  const { client } = useStudio();
  const key = channels.join('\n');
  useEffect(() => {
    const stops = key === '' ? [] : key.split('\n').map((channel) => client.subscribe(channel, {}, onEvent));
    return () => {
      for (const stop of stops) stop();
    };
  }, [client, key, onEvent]);
}
