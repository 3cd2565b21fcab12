import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';
import { GATEWAY_CHANNELS } from '../../../../src/wire/gateway-channels.js';
import { ask } from '../../lib/gateway.js';
import { useChannel, useIsOpen } from '../../lib/studio.js';
import { readRun } from './light.js';
import type { Light, Run, Sequence } from './light.js';

const NEWS = ['lights/*/Pycom/State', 'lights/*/Pycom/UnitInfo'];
const JOBS = [GATEWAY_CHANNELS.jobs];

/** Read on every connection, and when a light array says something of itself. */
export function useLights(): UseQueryResult<readonly Light[]> {
  const isOpen = useIsOpen();
  const queries = useQueryClient();
  useChannel(
    NEWS,
    useCallback(() => void queries.invalidateQueries({ queryKey: ['lights'] }), [queries]),
  );
  return useQuery({
    queryKey: ['lights'],
    queryFn: async () => (await ask<{ lights: readonly Light[] }>('GET', 'v1/lights')).lights,
    enabled: isOpen,
    staleTime: 0,
  });
}

export function useSequence(node: string): UseQueryResult<Sequence> {
  return useQuery({
    queryKey: ['light-sequence', node],
    queryFn: () => ask<Sequence>('GET', `${pathOf(node)}/sequence`),
  });
}

/** A change of a light array: `what` is the rest of its route. */
export function useChange<V extends object>(
  node: string,
  what: string,
): UseMutationResult<unknown, Error, V> {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (value: V) => ask('PUT', `${pathOf(node)}/${what}`, value),
    onSuccess: () =>
      what === 'sequence' ? queries.invalidateQueries({ queryKey: ['light-sequence', node] }) : undefined,
  });
}

export interface Runs {
  /** The newest one; undefined when none is known. */
  readonly run: Run | undefined;
  readonly starting: UseMutationResult<unknown, Error, undefined>;
}

/** The runs of one light array, whoever started them. */
export function useRuns(node: string): Runs {
  const isOpen = useIsOpen();
  const [run, setRun] = useState<Run>();
  const add = useCallback(
    (value: unknown): void => {
      const added = readRun(value);
      if (added?.node === node) setRun((before) => newer(before, added));
    },
    [node],
  );
  useChannel(
    JOBS,
    useCallback(({ event }) => add(event['EventData']), [add]),
  );
  useEffect(() => {
    if (!isOpen) return;
    ask<{ jobs: readonly unknown[] }>('GET', 'v1/jobs').then(
      ({ jobs }) => jobs.forEach(add),
      // The list is a convenience; runs that start from now on are told.
      () => undefined,
    );
  }, [isOpen, add]);
  const starting = useMutation({
    mutationFn: async (_: undefined) => {
      add(await ask('POST', `${pathOf(node)}/sequence/run`, undefined, { prefer: 'respond-async' }));
    },
  });
  return { run, starting };
}

/** A run never goes back to running. */
function newer(before: Run | undefined, added: Run): Run {
  if (before === undefined || added.startedAt > before.startedAt) return added;
  return added.id === before.id && before.state === 'running' ? added : before;
}

function pathOf(node: string): string {
  return `v1/lights/${encodeURIComponent(node)}`;
}
