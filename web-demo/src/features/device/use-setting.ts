/** Reading what a device holds, and writing it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { RcspError } from '../../../../src/client/index.js';
import type { RcspClient } from '../../../../src/client/index.js';
import { useStudio } from '../../lib/studio.js';
import { useDeviceScope } from './device-scope.js';

type Ask<T> = (client: RcspClient, id: number) => Promise<T>;

/** Requested whenever it comes into sight: somebody else may have changed it. */
export function useReading<T>(what: string, ask: Ask<T>): UseQueryResult<T> {
  const { client } = useStudio();
  const { id, blocked } = useDeviceScope();
  return useQuery({
    queryKey: ['device', id, what],
    queryFn: () => ask(client, id),
    enabled: blocked === undefined,
    staleTime: 0,
  });
}

/** Requested only by `refetch`; the answer stays for as long as the page is open. */
export function useMeasurement<T>(what: string, ask: Ask<T>): UseQueryResult<T> {
  const { client } = useStudio();
  const { id } = useDeviceScope();
  return useQuery({
    queryKey: ['device', id, what],
    queryFn: () => ask(client, id),
    enabled: false,
    gcTime: Infinity,
  });
}

/** Something to send. `what` is read afterwards, also after a failure: it may have run. */
export function useSending<V>(
  send: (client: RcspClient, id: number, value: V) => Promise<unknown>,
  what?: string,
): UseMutationResult<unknown, Error, V> {
  const { client } = useStudio();
  const { id } = useDeviceScope();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (value: V) => send(client, id, value),
    onSettled: () =>
      what === undefined ? undefined : queries.invalidateQueries({ queryKey: ['device', id, what] }),
  });
}

/** A value of the device beside what the user makes of it. */
export interface Setting<V> {
  readonly reading: UseQueryResult<V>;
  readonly saving: UseMutationResult<unknown, Error, V>;
  /** What the user made of it; otherwise what the device holds, undefined until that is known. */
  readonly value: V | undefined;
  readonly isChanged: boolean;
  readonly edit: (value: V) => void;
  readonly discard: () => void;
  readonly save: () => void;
}

export function useSetting<V>(
  what: string,
  read: Ask<V>,
  write: (client: RcspClient, id: number, value: V) => Promise<unknown>,
): Setting<V> {
  const reading = useReading(what, read);
  const saving = useSending(write, what);
  const [draft, setDraft] = useState<V>();
  const value = draft ?? reading.data;
  const forget = (): void => setDraft(undefined);
  return {
    reading,
    saving,
    value,
    isChanged: draft !== undefined,
    edit: (edited) => {
      saving.reset();
      setDraft(edited);
    },
    discard: () => {
      saving.reset();
      forget();
    },
    save: () => {
      if (value !== undefined) saving.mutate(value, { onSuccess: forget });
    },
  };
}

/** Whether the device takes a command; undefined while its list of commands is not known. */
export function useSupports(command: string): boolean | undefined {
  const commands = useReading('commands', async (client, DeviceId) => {
    const { DeviceCommands } = await client.call('ListDeviceCommands', { DeviceId });
    return DeviceCommands.map(({ Command }) => Command);
  });
  return commands.data?.includes(command);
}

export function isUnsupported(error: unknown): boolean {
  return error instanceof RcspError && error.code === 'Unsupported command';
}
