/** What devices answer about themselves. */
import type { RcspClient } from '../../../src/client/index.js';
import type { DeviceCard } from './known-device.js';
import { studioKey } from './studio-path.js';

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

const MEMORY_KEY = 'rcsp-device-memory';
const MAX_REMEMBERED = 200;
type Memory = Record<string, Pick<Partial<Description>, 'name' | 'firmware' | 'side'>>;

/** What a device answered the last time, for while it cannot answer: in its bootloader it does not tell its name. */
export function recall(type: string, id: number): Memory[string] {
  return readMemory()[`${type} ${id}`] ?? {};
}

export function remember(type: string, id: number, { name, firmware, side }: Partial<Description>): void {
  if (name === undefined && firmware === undefined) return;
  const key = `${type} ${id}`;
  const { [key]: known, ...others } = readMemory();
  const kept = Object.entries(others).slice(1 - MAX_REMEMBERED);
  const entry = {
    ...known,
    ...(name !== undefined && { name }),
    ...(firmware !== undefined && { firmware }),
  };
  const memory: Memory = {
    ...Object.fromEntries(kept),
    [key]: { ...entry, ...(side !== undefined && { side }) },
  };
  try {
    localStorage.setItem(studioKey(MEMORY_KEY), JSON.stringify(memory));
  } catch {
    // Without storage, or with a full one, nothing is remembered.
  }
}

function readMemory(): Memory {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(studioKey(MEMORY_KEY)) ?? '{}');
    return isMemory(value) ? value : {};
  } catch {
    return {};
  }
}

function isMemory(value: unknown): value is Memory {
  if (typeof value !== 'object' || value === null) return false;
  const isText = (each: unknown): boolean => each === undefined || typeof each === 'string';
  return Object.values(value).every((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return false;
    const { name, firmware, side }: { name?: unknown; firmware?: unknown; side?: unknown } = entry;
    return isText(name) && isText(firmware) && (side === undefined || side === 'left' || side === 'right');
  });
}
