import type { UseQueryResult } from '@tanstack/react-query';
import type { CallResponse } from '../../../../src/client/index.js';
import { useMeasurement } from './use-setting.js';

/** The newest self test of the device, run by `refetch`. */
export function useSelfTest(): UseQueryResult<CallResponse<'RunSelfTest'>> {
  return useMeasurement('self-test', (client, DeviceId) => client.call('RunSelfTest', { DeviceId }));
}
