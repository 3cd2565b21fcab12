import { useEffect, useMemo } from 'react';
import type { JSX, ReactNode } from 'react';
import { AccessContext } from '../lib/access.js';
import { AccessStore } from '../lib/access-store.js';
import { useStudio } from '../lib/studio.js';

/** Knows who uses the page, what they may do, and who has control. */
export function AccessProvider({ children }: { readonly children: ReactNode }): JSX.Element {
  const { client } = useStudio();
  const store = useMemo(() => new AccessStore(client), [client]);
  useEffect(() => {
    store.start();
    return () => store.stop();
  }, [store]);
  return <AccessContext value={store}>{children}</AccessContext>;
}
