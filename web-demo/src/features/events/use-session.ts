import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { Mode, RcspClient } from '../../../../src/client/index.js';
import { useStudio } from '../../lib/studio.js';
import { EventSession } from './event-session.js';
import type { SessionState } from './event-session.js';

/** The log outlives the view, and ends with its connection. */
const sessions = new WeakMap<RcspClient, EventSession>();

function sessionOf(client: RcspClient): EventSession {
  const known = sessions.get(client);
  if (known !== undefined) return known;
  const made = new EventSession(client);
  sessions.set(client, made);
  return made;
}

/** Listens to the patterns while the component is mounted. */
export function useSession(patterns: readonly string[], mode: Mode): EventSession {
  const { client } = useStudio();
  const session = useMemo(() => sessionOf(client), [client]);
  useEffect(() => {
    session.open();
    return () => session.close();
  }, [session]);
  useEffect(() => session.listen(patterns, mode), [session, patterns, mode]);
  return session;
}

export function useSessionState(session: EventSession): SessionState {
  return useSyncExternalStore(session.subscribe, session.snapshot);
}
