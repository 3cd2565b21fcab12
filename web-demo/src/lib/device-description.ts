/** What devices answer about themselves. */
import type { RcspClient } from '../../../src/client/index.js';
import type { DeviceCard } from './known-device.js';

export type Description = Pick<DeviceCard, 'name' | 'firmware' | 'side' | 'gloves' | 'emfChannel'>;

/** A device may refuse each command: what it does not answer is left out. */
export async function describeDevice(client: RcspClient, DeviceId: number): Promise<Partial<Description>> {
  const [name, info, emf] = await Promise.allSettled([
    client.call('GetDeviceName', { DeviceId }),
    client.call('GetDeviceInfo', { DeviceId }),
    client.call('GetEmfChannel', { DeviceId }),
  ]);
  return {
    ...(name.status === 'fulfilled' && { name: name.value.DeviceName }),
    ...(info.status === 'fulfilled' && {
      firmware: versionText(info.value.FwVersion),
      side: sideOf(info.value.Smartgloves),
      gloves: glovesOf(info.value.SmartSuitPro?.Features),
    }),
    ...(emf.status === 'fulfilled' && { emfChannel: emf.value.Channel }),
  };
}

function sideOf(gloves: { readonly IsLeft: boolean } | null | undefined): DeviceCard['side'] {
  if (gloves == null) return undefined;
  return gloves.IsLeft ? 'left' : 'right';
}

function glovesOf(
  features: { readonly HasLeftGlove: boolean; readonly HasRightGlove: boolean } | undefined,
): DeviceCard['gloves'] {
  return features && { left: features.HasLeftGlove, right: features.HasRightGlove };
}

export function versionText(version: {
  Major: number;
  Minor: number;
  Patch?: number | null | undefined;
  Build?: number | null | undefined;
}): string {
  return [version.Major, version.Minor, version.Patch, version.Build]
    .filter((part) => part != null)
    .join('.');
}
