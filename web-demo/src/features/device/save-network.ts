import type { RcspClient } from '../../../../src/client/index.js';
import { isBand, isSecurityType } from './network-draft.js';
import type { NetworkSettings } from './network-draft.js';

/** @throws RcspError; Error when the values are none that RCSP knows */
export function saveNetwork(
  client: RcspClient,
  DeviceId: number,
  { SecurityType, Band, Ssid, Psk, ...rest }: NetworkSettings,
): Promise<unknown> {
  if (!isSecurityType(SecurityType) || !isBand(Band)) throw new Error('Choose a security and a band.');
  const Settings = {
    ...rest,
    SecurityType,
    Band,
    Ssid: { ...Ssid, Raw: [...Ssid.Raw] },
    Psk: { ...Psk, Raw: [...Psk.Raw] },
  };
  return client.call('SetNetworkConfiguration', { DeviceId, Settings });
}
