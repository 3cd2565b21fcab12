/** The studios behind the gateway, and how the page goes from one to another. */
import { useEffect } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ask } from './gateway.js';
import { useStudio } from './studio.js';
import { studioInPath } from './studio-path.js';

export interface StudioInfo {
  readonly name: string;
  readonly default: boolean;
  readonly state: 'connected' | 'connecting' | 'disconnected' | 'stale';
  readonly devices: number;
  readonly simulated: boolean;
}

interface Studios {
  /** Those that may be seen; empty until they are known. */
  readonly all: readonly StudioInfo[];
  /** That of this page. */
  readonly own: StudioInfo | undefined;
}

const KEY = ['studios'];
/** Milliseconds; device counts of other studios are told by nothing. */
const REFRESH_MS = 10_000;

export function useStudios(): Studios {
  const { client } = useStudio();
  const queries = useQueryClient();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: () => ask<{ studios: readonly StudioInfo[] }>('GET', 'v1/studios'),
    refetchInterval: (query) => ((query.state.data?.studios.length ?? 0) > 1 ? REFRESH_MS : false),
  });
  const isSeveral = (data?.studios.length ?? 0) > 1;
  useEffect(() => {
    if (!isSeveral) return undefined;
    const off = client.subscribe('studios/*/$gateway/upstream', {}, () => {
      void queries.invalidateQueries({ queryKey: KEY });
    });
    return () => off();
  }, [client, queries, isSeveral]);
  const all = data?.studios ?? [];
  const inPath = studioInPath(document.baseURI);
  return {
    all,
    own: all.find((each) => (inPath === undefined ? each.default : each.name === inPath)),
  };
}

/** The name of this page's studio where there are several: what is destructive says which one it means. */
export function useNamedStudio(): string | undefined {
  const { all, own } = useStudios();
  return all.length > 1 ? own?.name : undefined;
}
