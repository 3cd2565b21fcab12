import { useMemo } from 'react';
import { deviceTitle } from './device-title.js';
import type { DeviceNames } from './device-title.js';
import { useDevices } from './studio.js';

/** The same function until a name changes. */
export function useDeviceNames(): DeviceNames {
  const titles = useDevices()?.map((device) => [device.id, deviceTitle(device)] as const) ?? [];
  return useMemo(
    () => {
      const byId = new Map(titles);
      return (id) => byId.get(id) ?? `Device ${id}`;
    },
    // The list is made anew with every change of any device.
    [JSON.stringify(titles)],
  );
}
