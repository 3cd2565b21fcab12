/** What people call a device. */
import type { DeviceCard } from './device-store.js';

/** Its name; its type and number where it has none, or none is known yet. */
export function deviceTitle({ id, type, name = '' }: Pick<DeviceCard, 'id' | 'type' | 'name'>): string {
  return name.trim() === '' ? `${type} ${id}` : name;
}

/** Also of one that is not listed. */
export function titleOf(deviceId: number | null, devices: readonly DeviceCard[] | undefined): string {
  const device = devices?.find(({ id }) => id === deviceId);
  if (device !== undefined) return deviceTitle(device);
  return deviceId === null ? 'no device' : `device ${deviceId}`;
}

/** By its number, among others: `2: Left glove (Smartgloves), gone`. */
export function listedTitle(device: DeviceCard): string {
  const { id, type, goneSince } = device;
  const title = deviceTitle(device);
  const kind = title === `${type} ${id}` ? '' : ` (${type})`;
  return `${id}: ${title}${kind}${goneSince === undefined ? '' : ', gone'}`;
}
