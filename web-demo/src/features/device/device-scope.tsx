/** The device that a view shows, and whether commands can be sent to it now. */
import { createContext, use } from 'react';

export interface DeviceScope {
  readonly id: number;
  /** The display name. */
  readonly name: string;
  /** Why no command can be sent to it now; undefined when one can. */
  readonly blocked: string | undefined;
}

export const DeviceScopeContext = createContext<DeviceScope | undefined>(undefined);

export function useDeviceScope(): DeviceScope {
  const scope = use(DeviceScopeContext);
  if (scope === undefined) throw new Error('useDeviceScope belongs inside DeviceScopeContext');
  return scope;
}
