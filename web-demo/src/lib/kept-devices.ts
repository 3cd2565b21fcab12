/**
 * Devices as this browser saw them last: for while one cannot tell its name, in its bootloader, and for a page that is
 * loaded while the studio is away.
 */
import { keepJson, recallJson } from './kept.js';
import type { DeviceCard } from './known-device.js';
import { studioKey } from './studio-path.js';

const KEY = 'rcsp-device-memory';
const MAX_DEVICES = 200;

interface KeptDevice extends Pick<
  DeviceCard,
  'id' | 'type' | 'connection' | 'updatable' | 'bootloader' | 'name' | 'firmware' | 'side' | 'emfChannel'
> {
  readonly lastSeen: number | undefined;
  readonly commands: readonly string[] | undefined;
  /** It was connected when the studio was last asked. */
  readonly isThere: boolean;
}

/** What a device of this type and number told of itself. */
export function recallDevice(
  type: string,
  id: number,
): Pick<Partial<DeviceCard>, 'name' | 'firmware' | 'side'> {
  const found = keptDevices().find((each) => each.id === id && each.type === type);
  return found === undefined ? {} : { name: found.name, firmware: found.firmware, side: found.side };
}

/** Those that were connected. */
export function recallDevices(): readonly DeviceCard[] {
  return keptDevices().flatMap(({ isThere, commands, ...known }): DeviceCard[] => {
    const offer = commands === undefined ? undefined : new Set(commands);
    return isThere ? [{ ...UNKNOWN, ...known, commands: offer }] : [];
  });
}

const UNKNOWN = {
  gloves: undefined,
  isDescribed: true,
  connectedAt: undefined,
  calibrated: undefined,
  goneSince: undefined,
};

/** Those that are not among `devices` are remembered as gone; the newest are kept. */
export function keepDevices(devices: Iterable<DeviceCard>): void {
  const kept = new Map(keptDevices().map((each) => [placeOf(each), { ...each, isThere: false }]));
  for (const device of devices) {
    const { id, type, connection, updatable, bootloader, emfChannel, lastSeen, commands, goneSince } = device;
    const before = kept.get(placeOf(device));
    kept.delete(placeOf(device));
    kept.set(placeOf(device), {
      ...{ id, type, connection, updatable, bootloader, emfChannel, lastSeen },
      name: device.name ?? before?.name,
      firmware: device.firmware ?? before?.firmware,
      side: device.side ?? before?.side,
      commands: commands === undefined ? before?.commands : [...commands],
      isThere: goneSince === undefined,
    });
  }
  keepJson('browser', studioKey(KEY), [...kept.values()].slice(-MAX_DEVICES));
}

function placeOf({ type, id }: Pick<DeviceCard, 'type' | 'id'>): string {
  return `${type} ${id}`;
}

function keptDevices(): readonly KeptDevice[] {
  const kept = recallJson('browser', studioKey(KEY));
  return Array.isArray(kept) ? kept.flatMap((each: unknown) => readDevice(each) ?? []) : [];
}

function readDevice(value: unknown): KeptDevice | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields: Partial<Record<keyof KeptDevice, unknown>> = value;
  const { id, type, connection, side, commands } = fields;
  if (typeof id !== 'number' || typeof type !== 'string' || typeof connection !== 'string') return undefined;
  return {
    id,
    type,
    connection,
    updatable: fields.updatable === true,
    bootloader: fields.bootloader === true,
    name: textOf(fields.name),
    firmware: textOf(fields.firmware),
    side: side === 'left' || side === 'right' ? side : undefined,
    emfChannel: numberOf(fields.emfChannel),
    lastSeen: numberOf(fields.lastSeen),
    commands: Array.isArray(commands) ? commands.filter((each) => typeof each === 'string') : undefined,
    isThere: fields.isThere === true,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
