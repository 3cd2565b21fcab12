import { useCallback, useEffect, useRef, useState } from 'react';
import { ask, exchange } from '../lib/gateway.js';
import { useIsOpen, useStudio } from '../lib/studio.js';

export interface LeaseState {
  /** Null while nobody has it. */
  readonly holder: string | null;
}

export interface Lease {
  /** Undefined while nothing is known: there is none, or the gateway is away. */
  readonly state: LeaseState | undefined;
  readonly isOurs: boolean;
  /** Who took it from this page; undefined when nobody did. */
  readonly takenBy: string | undefined;
  /** @throws ProblemError `Busy` when somebody else has it and is not to lose it */
  readonly take: (isTakeover: boolean) => Promise<void>;
  readonly release: () => Promise<void>;
}

interface TimedState extends LeaseState {
  /** Milliseconds since 1970. */
  readonly expiresAt: number | null;
}

/** Longest and shortest time between renewals, whatever the clocks of tablet and gateway say. */
const RENEW_MS = { least: 300, most: 10_000 };

/** The control lease of a gateway that has one; kept for as long as the page has it. */
export function useLease(): Lease {
  const { client } = useStudio();
  const isOpen = useIsOpen();
  const exists = useExists(isOpen);
  const [state, setState] = useState<TimedState>();
  const [takenBy, setTakenBy] = useState<string>();
  /** As what the gateway knows this page, while the page has the lease. */
  const ownName = useRef<string>(undefined);

  useEffect(() => {
    if (!exists) return undefined;
    return client.subscribe('$gateway/lease', {}, ({ event }) => {
      const told = stateOf(event['EventData']);
      if (told === undefined) return;
      if (ownName.current !== undefined && told.holder !== ownName.current) {
        setTakenBy(told.holder ?? 'nobody');
        ownName.current = undefined;
      }
      setState(told);
    });
  }, [client, exists]);

  const take = useCallback(async (isTakeover: boolean): Promise<void> => {
    const taken = stateOf(await ask<unknown>('POST', `v1/lease${isTakeover ? '?takeover=true' : ''}`));
    ownName.current = taken?.holder ?? undefined;
    setTakenBy(undefined);
    setState(taken);
  }, []);
  const release = useCallback(async (): Promise<void> => {
    ownName.current = undefined;
    await ask<unknown>('DELETE', 'v1/lease');
    // A renewal may have been on its way.
    ownName.current = undefined;
    setState({ holder: null, expiresAt: null });
  }, []);

  const isOurs = isOpen && state?.holder != null && state.holder === ownName.current;
  useEffect(() => {
    if (!isOurs || state.expiresAt === null) return undefined;
    const left = (state.expiresAt - Date.now()) / 3;
    const timer = setTimeout(
      // The channel tells when it has failed for good: the lease ends.
      () => void take(false).catch(() => setState({ ...state })),
      Math.min(RENEW_MS.most, Math.max(RENEW_MS.least, left)),
    );
    return () => clearTimeout(timer);
  }, [isOurs, state, take]);

  return { state: exists && isOpen ? state : undefined, isOurs, takenBy, take, release };
}

/** Whether the gateway has a lease at all; asked anew when it may be another gateway. */
function useExists(isOpen: boolean): boolean {
  const [exists, setExists] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    exchange('GET', 'v1/lease').then(
      ({ body }) => setExists(isRequired(body)),
      () => undefined, // the gateway is away again
    );
  }, [isOpen]);
  return exists;
}

function isRequired(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'required' in body && body.required === true;
}

function stateOf(data: unknown): TimedState | undefined {
  if (typeof data !== 'object' || data === null || !('holder' in data)) return undefined;
  const { holder, expiresAt }: { holder?: unknown; expiresAt?: unknown } = data;
  return {
    holder: typeof holder === 'string' ? holder : null,
    expiresAt: typeof expiresAt === 'number' ? expiresAt : null,
  };
}
