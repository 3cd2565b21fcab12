/** Hooks that read and write values of a device. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult, UseQueryResult } from '@tanstack/react-query';
import { RcspError } from '../../../../src/client/index.js';
import type { RcspClient } from '../../../../src/client/index.js';
import { useDevice, useStudio } from '../../lib/studio.js';
import { useMemo } from 'react';
import { useDeviceScope } from './device-scope.js';
import { useDraft } from './drafts.js';
import { keepReading, recallReading } from './kept-readings.js';

type Ask<T> = (client: RcspClient, id: number) => Promise<T>;

/** Read on every mount: another client may have changed it. The last values are kept for while there is no connection. */
export function useReading<T>(what: string, ask: Ask<T>): UseQueryResult<T> {
  const { client } = useStudio();
  const { id, blocked } = useDeviceScope();
  const isBlocked = blocked !== undefined;
  const recalled = useMemo(() => (isBlocked ? recallReading(id, what) : undefined), [isBlocked, id, what]);
  return useQuery<T>({
    queryKey: ['device', id, what],
    queryFn: async () => {
      const data = await ask(client, id);
      keepReading(id, what, data);
      return data;
    },
    enabled: !isBlocked,
    staleTime: 0,
    gcTime: Infinity,
    // Kept by the same question.
    ...(recalled !== undefined && { initialData: recalled.data as T, initialDataUpdatedAt: recalled.at }),
  });
}

/** Read only by `refetch`; the answer is kept while the page is open. */
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

/** A command. `what` is read again afterwards, also after a failure: the command may have run. */
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

/** A value of the device, and the user's unsaved change of it. */
export interface Setting<V> {
  readonly reading: UseQueryResult<V>;
  readonly saving: UseMutationResult<unknown, Error, V>;
  /** The user's change, else the device's value; undefined until that is known. */
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
  const { id } = useDeviceScope();
  const [draft, setDraft] = useDraft<V>(id, what);
  const value = draft ?? reading.data;
  const clearDraft = (): void => setDraft(undefined);
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
      clearDraft();
    },
    save: () => {
      if (value !== undefined) saving.mutate(value, { onSuccess: clearDraft });
    },
  };
}

/** The commands that the device offers, else those of its type; undefined until they are known. */
export function useOffer(): ReadonlySet<string> | undefined {
  const { id } = useDeviceScope();
  const ofType = useDevice(id)?.commands;
  const commands = useReading('commands', async (client, DeviceId) => {
    const { DeviceCommands } = await client.call('ListDeviceCommands', { DeviceId });
    return DeviceCommands.map(({ Command }) => Command);
  });
  return useMemo(
    () => (commands.data === undefined ? ofType : new Set(commands.data)),
    [commands.data, ofType],
  );
}

export function isUnsupported(error: unknown): boolean {
  return error instanceof RcspError && error.code === 'Unsupported command';
}
