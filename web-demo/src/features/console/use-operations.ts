import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { ask } from '../../lib/gateway.js';
import { useDevices, useIsLive, useStudio } from '../../lib/studio.js';
import { below } from './json.js';
import { operationsOf } from './operations.js';
import type { Operation } from './operations.js';

/** How often to look again whether the gateway has learnt what the studio lists, and after how many milliseconds. */
const LOOKS = 5;
const LOOK_AGAIN_MS = 1000;

/** Every command that can be sent; asked for again when the studio comes back or its devices change. */
export function useOperations(): {
  readonly query: UseQueryResult;
  readonly operations: readonly Operation[];
} {
  const { client } = useStudio();
  const isLive = useIsLive();
  const devices = useDevices()
    ?.filter(({ goneSince }) => goneSince === undefined)
    .map(({ id }) => id)
    .join();
  const query = useQuery({
    queryKey: ['openapi'],
    queryFn: () => ask<unknown>('GET', 'openapi.json'),
  });
  const { refetch } = query;
  useEffect(() => {
    if (!isLive) return undefined;
    const ended = new AbortController();
    void (async () => {
      const listed = await client.call('ListCommands', {}).catch(() => undefined);
      const names = listedNames(listed);
      // The studio is back a little before the gateway has read what it lists.
      for (let look = 0; look < LOOKS && !ended.signal.aborted; look += 1) {
        const { data } = await refetch();
        const known = new Set(operationsOf(data).map(({ command }) => command));
        if (names.every((name) => known.has(name))) return;
        await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
      }
    })();
    return () => ended.abort();
  }, [client, isLive, devices, refetch]);
  const operations = useMemo(() => operationsOf(query.data), [query.data]);
  return { query, operations };
}

function listedNames(listed: unknown): string[] {
  const commands = below(listed, 'Commands');
  return (Array.isArray(commands) ? commands : []).flatMap((each: unknown) => {
    const name = below(each, 'Command');
    return typeof name === 'string' ? [name] : [];
  });
}
