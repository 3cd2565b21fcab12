/** Display names of devices. */
import type { DeviceCard } from './device-store.js';

/** Marks that turn the direction of what follows: in a name they would turn the page's own words. */
const DIRECTION_MARKS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Names by id. */
export type DeviceNames = (id: number) => string;

/** A name as it is shown. */
export function shownName(name: string): string {
  return name.replace(DIRECTION_MARKS, '');
}

/** The name, or type and id while there is no name. */
export function deviceTitle({ id, type, name = '' }: Pick<DeviceCard, 'id' | 'type' | 'name'>): string {
  const shown = shownName(name);
  return shown.trim() === '' ? `${type} ${id}` : shown;
}

/** Also for a device that is not in the list. */
export function titleOf(deviceId: number | null, devices: readonly DeviceCard[] | undefined): string {
  const device = devices?.find(({ id }) => id === deviceId);
  if (device !== undefined) return deviceTitle(device);
  return deviceId === null ? 'no device' : `device ${deviceId}`;
}

/** With the id first, for lists: `2: Left glove (Smartgloves), gone`. */
export function listedTitle(device: DeviceCard): string {
  const { id, type, goneSince } = device;
  const title = deviceTitle(device);
  const kind = title === `${type} ${id}` ? '' : ` (${type})`;
  return `${id}: ${title}${kind}${goneSince === undefined ? '' : ', gone'}`;
}
