import type { Device, DeviceType } from './device.js';
import { lineUpType, makeDevice } from './device.js';
import { CommandFailure } from './failure.js';
import { Random } from './random.js';

/**
 * Everything the simulated studio remembers. Knows no sockets, no time and no events: whoever changes it
 * tells the clients. A device is in `devices` or in `away`, never in both, and keeps its id.
 */
export class World {
  readonly random: Random;
  /** The connected ones, by id. */
  readonly devices = new Map<number, Device>();
  /** Those that went, the one that went first at the front. */
  readonly away: Device[] = [];
  /** A recording is started and loaded; false: recording commands end in `Runtime error`. */
  recording = true;
  /** What `SaveUserData` kept, by tag. */
  readonly tags = new Map<number, Readonly<Record<string, unknown>>>();
  /** The device that takes firmware now: `UpdateFwEvents` name none, so there is one at most. */
  updating: Device | undefined;
  #lastId = 0;

  constructor(deviceCount: number, seed: number) {
    this.random = new Random(seed);
    for (let count = 0; count < deviceCount; count++) this.#add();
  }

  /** @throws CommandFailure */
  device(id: number): Device {
    const device = this.devices.get(id);
    if (device === undefined) throw new CommandFailure('Device not found', `no device ${id} is connected`);
    return device;
  }

  isConnected(device: Device): boolean {
    return this.devices.get(device.id) === device;
  }

  /** Brings back the device (of that type) that has been away longest, or a new one. */
  connect(type?: DeviceType): Device {
    const known = this.away.find((device) => type === undefined || device.type === type);
    if (known === undefined) return this.#add(type);
    this.reconnect(known);
    return known;
  }

  /** False when it is not away. */
  reconnect(device: Device): boolean {
    const at = this.away.indexOf(device);
    if (at < 0) return false;
    this.away.splice(at, 1);
    this.devices.set(device.id, device);
    return true;
  }

  /** @throws CommandFailure */
  disconnect(id: number): Device {
    const device = this.device(id);
    this.devices.delete(id);
    this.away.push(device);
    device.isBootloader = false;
    device.smoothing = false;
    return device;
  }

  #add(type?: DeviceType): Device {
    const id = ++this.#lastId;
    const device = makeDevice(id, this.random, type ?? lineUpType(id));
    this.devices.set(id, device);
    return device;
  }
}
