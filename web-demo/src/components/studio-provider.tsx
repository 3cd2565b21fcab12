import { useEffect, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { DeviceStore } from '../lib/device-store.js';
import { chosenTransport, gatewayUrl, storedToken } from '../lib/gateway.js';
import { JobStore } from '../lib/job-store.js';
import { LinkStore } from '../lib/link-store.js';
import { PageClient } from '../lib/page-client.js';
import { SignalStore } from '../lib/signal-store.js';
import { StudioContext } from '../lib/studio.js';
import type { Studio } from '../lib/studio.js';

interface StudioProviderProps {
  /** The gateway does not let us in: it wants a token, or another one (401), or nobody like us (403). */
  readonly onRefused: (status: number, detail: string) => void;
  readonly children: ReactNode;
}

/** Owns the connection that all views share. */
export function StudioProvider({ onRefused, children }: StudioProviderProps): JSX.Element | null {
  const [studio, setStudio] = useState<Studio>();
  useEffect(() => {
    const token = storedToken();
    const client = new PageClient({
      url: gatewayUrl(''),
      transport: chosenTransport(),
      ...(token !== null && { token }),
    });
    const link = new LinkStore(client);
    const devices = new DeviceStore(client);
    const jobs = new JobStore(client, devices);
    const signals = new SignalStore(client);
    const off = client.on('state', ({ state, cause }) => {
      if (state === 'refused') onRefused(cause?.status ?? 401, cause?.detail ?? '');
    });
    link.start();
    devices.start();
    jobs.start();
    signals.start();
    setStudio({ client, link, devices, jobs, signals });
    return () => {
      off();
      signals.stop();
      jobs.stop();
      devices.stop();
      link.stop();
      client.close();
    };
  }, [onRefused]);
  return studio === undefined ? null : <StudioContext value={studio}>{children}</StudioContext>;
}
