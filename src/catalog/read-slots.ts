import { jsonWith } from '../util/written-json.js';
import type { WrittenMembers } from '../util/written-json.js';

/** A read that may be asked for: a command with its version and arguments. */
export interface ReadSlot<Running> {
  readonly version: number;
  readonly argumentsJson: string;
  running: Running | undefined;
}

type Arguments = Readonly<Record<string, unknown>>;

/** Slots beyond which those without a read in flight are dropped. */
const MAX_SLOTS = 1000;

/**
 * Reads by command, version and arguments. The slots of reads that were answered stay: a read that repeats is not
 * written as JSON again, and a table whose entries come and go would keep old ones in memory.
 */
export class ReadSlots<Running> {
  /** By command and device, where the device is the only argument. */
  readonly #byDevice = new Map<string, Map<number, ReadSlot<Running>>>();
  /** All others, by command, version and arguments. */
  readonly #others = new Map<string, ReadSlot<Running>>();
  #count = 0;
  #maxCount = MAX_SLOTS;

  slotOf(
    name: string,
    version: number,
    args: Arguments,
    written: WrittenMembers | undefined,
  ): ReadSlot<Running> {
    const device = written === undefined ? onlyDevice(args) : undefined;
    if (device === undefined) return this.#otherSlot(name, version, args, written);
    const devices = this.#devicesOf(name);
    const known = devices.get(device);
    if (known === undefined) return this.#add(devices, device, version, `{"DeviceId":${device}}`);
    return known.version === version ? known : this.#otherSlot(name, version, args, written);
  }

  #devicesOf(name: string): Map<number, ReadSlot<Running>> {
    const known = this.#byDevice.get(name);
    if (known !== undefined) return known;
    const devices = new Map<number, ReadSlot<Running>>();
    this.#byDevice.set(name, devices);
    return devices;
  }

  #otherSlot(
    name: string,
    version: number,
    args: Arguments,
    written: WrittenMembers | undefined,
  ): ReadSlot<Running> {
    const json = written === undefined ? JSON.stringify(args) : jsonWith(args, written);
    const key = `${name} ${version} ${json}`;
    return this.#others.get(key) ?? this.#add(this.#others, key, version, json);
  }

  #add<Key>(
    table: Map<Key, ReadSlot<Running>>,
    key: Key,
    version: number,
    argumentsJson: string,
  ): ReadSlot<Running> {
    if (this.#count >= this.#maxCount) this.#dropIdle();
    const slot: ReadSlot<Running> = { version, argumentsJson, running: undefined };
    table.set(key, slot);
    this.#count += 1;
    return slot;
  }

  #dropIdle(): void {
    this.#count = dropIdle(this.#others);
    for (const devices of this.#byDevice.values()) this.#count += dropIdle(devices);
    this.#maxCount = Math.max(MAX_SLOTS, 2 * this.#count);
  }
}

/** How many are left. */
function dropIdle<Key>(table: Map<Key, ReadSlot<unknown>>): number {
  for (const [key, { running }] of table) if (running === undefined) table.delete(key);
  return table.size;
}

/** The device that a command is for, where it says nothing else. */
function onlyDevice(args: Arguments): number | undefined {
  const device = args['DeviceId'];
  if (typeof device !== 'number' || !Number.isSafeInteger(device)) return undefined;
  for (const name in args) if (name !== 'DeviceId') return undefined;
  return device;
}
