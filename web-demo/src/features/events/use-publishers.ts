import { useQuery } from '@tanstack/react-query';
import type { RcspClient } from '../../../../src/client/index.js';
import type { DeviceCard } from '../../lib/device-store.js';
import { useDevices, useStudio } from '../../lib/studio.js';
import type { Publisher } from './channels.js';

export interface Publishers {
  readonly studio: readonly Publisher[];
  readonly devices: readonly { readonly id: number; readonly publishers: readonly Publisher[] }[];
}

export interface PublisherQuery {
  /** Undefined until the studio has answered. */
  readonly publishers: Publishers | undefined;
  readonly error: unknown;
}

/** The publishers of the studio and its devices; read again when a device connects or disconnects. */
export function usePublishers(isWanted: boolean): PublisherQuery {
  const { client } = useStudio();
  const ids = presentIds(useDevices());
  const { data, error } = useQuery({
    queryKey: ['publishers', ids],
    queryFn: () => readAll(client, ids ?? []),
    enabled: isWanted && ids !== undefined,
    placeholderData: (before) => before,
  });
  return { publishers: data, error: error ?? undefined };
}

function presentIds(devices: readonly DeviceCard[] | undefined): readonly number[] | undefined {
  return devices?.filter(({ goneSince }) => goneSince === undefined).map(({ id }) => id);
}

/** A device that fails to answer counts as one without publishers. */
async function readAll(client: RcspClient, ids: readonly number[]): Promise<Publishers> {
  const [studio, ...devices] = await Promise.all([
    client.call('ListPublishers', {}),
    ...ids.map((DeviceId) => client.call('ListPublishers', { DeviceId }).catch(() => ({ Publishers: [] }))),
  ]);
  return {
    studio: studio.Publishers,
    devices: ids.map((id, i) => ({ id, publishers: devices[i]?.Publishers ?? [] })),
  };
}
