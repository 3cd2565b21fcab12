/** Connects and disconnects devices and publishes the events about it. */
import type { Studio } from './behaviour.js';
import type { Device, DeviceType } from './device.js';

type Told = Pick<Studio, 'world' | 'emit'>;

/** Reconnects the device (of that type) that has been disconnected longest, or connects a new one. */
export function connectDevice(studio: Told, type?: DeviceType): Device {
  return announce(studio, studio.world.connect(type));
}

/** Does nothing when the device is already connected. */
export function reconnectDevice(studio: Told, device: Device): void {
  if (studio.world.reconnect(device)) announce(studio, device);
}

function announce(studio: Told, device: Device): Device {
  for (const topic of ['Seen', 'Connected', 'Initialized', 'Mapped']) {
    studio.emit('DeviceEvents', topic, { DeviceId: device.id, IsBootloader: false });
  }
  studio.emit('Logs', 'Info', { LogMsg: `${device.name} (${device.type}) connected` });
  return device;
}

/** @throws CommandFailure */
export function disconnectDevice(studio: Told, id: number): Device {
  const { isBootloader: IsBootloader } = studio.world.device(id);
  const device = studio.world.disconnect(id);
  for (const topic of ['Disconnected', 'Destroyed']) {
    studio.emit('DeviceEvents', topic, { DeviceId: id, IsBootloader });
  }
  studio.emit('Logs', 'Warning', { LogMsg: `${device.name} (${device.type}) disconnected` });
  return device;
}
