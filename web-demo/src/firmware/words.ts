import type { DeviceCard } from '../lib/device-store.js';

/** What an update is of. */
export interface UpdateKind {
  readonly command: string;
  /** Below `v1/devices/<DeviceId>/`. */
  readonly path: string;
  readonly label: string;
  /** Within a sentence. */
  readonly phrase: string;
  readonly takesForce: boolean;
  readonly takesBoot: boolean;
}

export const DEVICE_FIRMWARE: UpdateKind = {
  command: 'UpdateFirmware',
  path: 'firmware',
  label: 'Device firmware',
  phrase: 'firmware',
  takesForce: true,
  takesBoot: false,
};

export const UPDATE_KINDS: readonly UpdateKind[] = [
  DEVICE_FIRMWARE,
  {
    command: 'UpdateSensorFirmware',
    path: 'sensors/firmware',
    label: 'Sensor firmware',
    phrase: 'sensor firmware',
    takesForce: true,
    takesBoot: true,
  },
  {
    command: 'UpdateWifiModule',
    path: 'wifi/firmware',
    label: 'Wi-Fi module firmware',
    phrase: 'Wi-Fi module firmware',
    takesForce: false,
    takesBoot: false,
  },
];

export function kindLabel(command: string): string {
  return UPDATE_KINDS.find((kind) => kind.command === command)?.label ?? command;
}

export function kindPhrase(command: string): string {
  return UPDATE_KINDS.find((kind) => kind.command === command)?.phrase ?? command;
}

/** As a person calls it. */
export function deviceTitle(device: DeviceCard): string {
  return device.name === undefined || device.name === '' ? `${device.type} ${device.id}` : device.name;
}

export function titleOf(deviceId: number | null, devices: readonly DeviceCard[] | undefined): string {
  const device = devices?.find(({ id }) => id === deviceId);
  if (device !== undefined) return deviceTitle(device);
  return deviceId === null ? 'no device' : `device ${deviceId}`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

export function clockText(at: number): string {
  return CLOCK.format(at);
}

export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
