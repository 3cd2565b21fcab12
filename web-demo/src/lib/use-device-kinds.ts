import { useMemo } from 'react';
import type { DeviceCard } from './known-device.js';
import { useDevices } from './studio.js';

/** What a device is, as far as its drawing shows it; undefined for one that is not in the list. */
export type DeviceKinds = (id: number) => Pick<DeviceCard, 'type' | 'side'> | undefined;

/** The same function until a device comes. */
export function useDeviceKinds(): DeviceKinds {
  const kinds = useDevices()?.map(({ id, type, side }) => [id, { type, side }] as const) ?? [];
  return useMemo(
    () => {
      const byId = new Map(kinds);
      return (id) => byId.get(id);
    },
    // The list is made anew with every change of any device.
    [JSON.stringify(kinds)],
  );
}
