/** Which device a view is about, and whether it can be asked anything now. */
import { createContext, use } from 'react';

export interface DeviceScope {
  readonly id: number;
  /** What people call it. */
  readonly name: string;
  /** Why nothing can be sent to it now; undefined when it can. */
  readonly blocked: string | undefined;
}

export const DeviceScopeContext = createContext<DeviceScope | undefined>(undefined);

export function useDeviceScope(): DeviceScope {
  const scope = use(DeviceScopeContext);
  if (scope === undefined) throw new Error('useDeviceScope belongs inside DeviceScopeContext');
  return scope;
}
