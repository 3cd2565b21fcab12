import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { ask } from '../../lib/gateway.js';
import { useDevices, useIsLive, useStudio } from '../../lib/studio.js';
import { below } from './json.js';
import { operationsOf } from './operations.js';
import type { Operation } from './operations.js';

/** How often to read the document until it lists the studio's commands, and the delay between reads. */
const MAX_READS = 5;
const READ_INTERVAL_MS = 1000;

/** Every command that can be sent; read again when the studio reconnects or its devices change. */
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
      // The gateway reads the studio's list of commands shortly after it reports the studio as connected.
      for (let read = 0; read < MAX_READS && !ended.signal.aborted; read += 1) {
        const { data } = await refetch();
        const known = new Set(operationsOf(data).map(({ command }) => command));
        if (names.every((name) => known.has(name))) return;
        await new Promise((done) => setTimeout(done, READ_INTERVAL_MS));
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
