import type { Device, DeviceType } from './device.js';
import { lineUpType, makeDevice } from './device.js';
import { CommandFailure } from './failure.js';
import { Random } from './random.js';

/**
 * The simulated studio's state, without sockets, time or events: the caller that changes it publishes the events. A
 * device is in `devices` or in `away`, never in both, and keeps its id.
 */
export class World {
  readonly random: Random;
  /** Connected devices, by id. */
  readonly devices = new Map<number, Device>();
  /** Disconnected devices, the one that disconnected first at the front. */
  readonly away: Device[] = [];
  /** A recording is started and loaded; false: recording commands end in `Runtime error`. */
  recording = true;
  /** The data stored by `SaveUserData`, by tag. */
  readonly tags = new Map<number, Readonly<Record<string, unknown>>>();
  /** The device being updated: `UpdateFwEvents` name no device, so there is one at most. */
  updating: Device | undefined;
  /** Where the line-up begins. */
  readonly #first: number;
  #lastId = 0;

  constructor(deviceCount: number, seed: number, first = 1) {
    this.#first = first;
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

  /** Reconnects the device (of that type) that has been disconnected longest, or connects a new one. */
  connect(type?: DeviceType): Device {
    const known = this.away.find((device) => type === undefined || device.type === type);
    if (known === undefined) return this.#add(type);
    this.reconnect(known);
    return known;
  }

  /** Returns false when the device is not disconnected. */
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
    const device = makeDevice(id, this.random, type ?? lineUpType(id + this.#first - 1));
    this.devices.set(id, device);
    return device;
  }
}
