import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { exchange } from '../../lib/gateway.js';
import { useIsOpen, useStudio } from '../../lib/studio.js';
import { LeaseStore } from './lease-store.js';

export interface Lease extends Pick<LeaseStore, 'take' | 'release'> {
  /** Null while nobody holds it; undefined when there is no lease or the gateway is unreachable. */
  readonly holder: string | null | undefined;
  readonly isOurs: boolean;
  /** Who took the lease from this page; undefined when nobody did. */
  readonly takenBy: string | undefined;
}

/** The control lease, if the gateway requires one. */
export function useLease(): Lease {
  const { client } = useStudio();
  const isOpen = useIsOpen();
  const exists = useExists(isOpen);
  const store = useMemo(() => new LeaseStore(client), [client]);
  useEffect(() => {
    if (!exists) return undefined;
    store.start();
    return () => store.stop();
  }, [store, exists]);
  const { state, ownName, takenBy } = useSyncExternalStore(store.subscribe, store.snapshot);
  const holder = exists && isOpen ? state?.holder : undefined;
  const { take, release } = store;
  return { holder, isOurs: holder != null && holder === ownName, takenBy, take, release };
}

/** Whether the gateway requires a lease. */
export function useLeaseIsRequired(): boolean {
  return useExists(useIsOpen());
}

/** Whether the gateway requires a lease; read again on every connection, since the gateway may have changed. */
function useExists(isOpen: boolean): boolean {
  const [exists, setExists] = useState(false);
  useEffect(() => {
    if (!isOpen) return undefined;
    let isCurrent = true;
    exchange('GET', 'v1/lease').then(
      ({ status, body }) => {
        // Any other status says nothing about the lease.
        if (isCurrent && status === 200) setExists(isRequired(body));
      },
      () => undefined, // the gateway is unreachable again
    );
    return () => void (isCurrent = false);
  }, [isOpen]);
  return exists;
}

function isRequired(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'required' in body && body.required === true;
}
