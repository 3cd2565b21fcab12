/** Firmware updates: answered immediately, reported by events, one at a time. */
import { updateFirmware, updateSensorFirmware, updateWifiModule } from '../catalog/rcsp/firmware-commands.js';
import type { DeviceBehaviour, Studio } from './behaviour.js';
import { deviceBehaviour } from './behaviour.js';
import type { Device } from './device.js';
import { CommandFailure } from './failure.js';
import { raisePatch } from './values.js';

/** Simulated milliseconds from the answer to `Done`. */
const UPDATE_MS = 8000;
const STEPS = 20;
/** The step at which an update with a wrong file fails. */
const FAILING_STEP = 5;

const FIRMWARE_FILE = /\.(bin|hex|fw|img|dfu|zip)$/i;

interface Update {
  readonly device: Device;
  /** The error during the update; undefined when it succeeds. */
  readonly flaw: string | undefined;
  /** Applies the new version to the device. */
  readonly finish: () => void;
}

export const FIRMWARE_BEHAVIOURS: ReadonlyMap<string, DeviceBehaviour> = new Map([
  [
    'UpdateFirmware',
    deviceBehaviour(updateFirmware.arguments, (device, { FwPath, ForceUpdate }, { studio }) => {
      const finish = (): void => void (device.fwVersion = raisePatch(device.fwVersion));
      start(studio, { device, flaw: flawOf(FwPath, ForceUpdate), finish });
    }),
  ],
  [
    'UpdateSensorFirmware',
    deviceBehaviour(updateSensorFirmware.arguments, (device, { FwPath, ForceUpdate }, { studio }) => {
      const finish = (): void => void (device.sensorFwVersion = raisePatch(device.sensorFwVersion));
      start(studio, { device, flaw: flawOf(FwPath, ForceUpdate), finish });
    }),
  ],
  [
    'UpdateWifiModule',
    deviceBehaviour(updateWifiModule.arguments, (device, { FwPath }, { studio }) => {
      const finish = (): void => void (device.wifiFwVersion = raisePatch(device.wifiFwVersion));
      start(studio, { device, flaw: flawOf(FwPath, false), finish });
    }),
  ],
]);

function flawOf(path: string, force: boolean | null | undefined): string | undefined {
  if (force === true) return undefined;
  if (!FIRMWARE_FILE.test(path)) return 'this is no firmware file';
  return path.includes('bad') ? 'the header does not match the device type' : undefined;
}

function start(studio: Studio, update: Update): void {
  const { world, clock } = studio;
  const { device } = update;
  if (world.updating !== undefined) {
    throw new CommandFailure('Busy', `device ${world.updating.id} is being updated`);
  }
  if (!device.updatable) {
    throw new CommandFailure(
      'Device not updatable',
      `device ${device.id} (${device.type}) takes no firmware`,
    );
  }
  world.updating = device;
  device.isBootloader = true;
  tellBootloader(studio, device, 'BootloaderConnected');
  clock.run(() => run(studio, update));
}

async function run(studio: Studio, update: Update): Promise<void> {
  for (let step = 0; step < STEPS; step++) {
    const PercentComplete = (step * 100) / STEPS;
    studio.emit('UpdateFwEvents', 'Progress', { PercentComplete });
    await studio.clock.wait(UPDATE_MS / STEPS);
    const ErrorMsg = failureOf(studio, update, step);
    if (ErrorMsg !== undefined) return end(studio, update, 'Failure', { PercentComplete, ErrorMsg });
  }
  studio.emit('UpdateFwEvents', 'Progress', { PercentComplete: 100 });
  update.finish();
  end(studio, update, 'Done', { PercentComplete: 100 });
}

function failureOf({ world }: Studio, { device, flaw }: Update, step: number): string | undefined {
  if (!world.isConnected(device)) return 'the device went away';
  return step >= FAILING_STEP ? flaw : undefined;
}

/** Releases the device before publishing the last event. */
function end(
  studio: Studio,
  { device }: Update,
  topic: 'Failure' | 'Done',
  data: Record<string, unknown>,
): void {
  studio.world.updating = undefined;
  device.isBootloader = false;
  tellBootloader(studio, device, 'BootloaderDisconnected');
  studio.emit('UpdateFwEvents', topic, data);
}

function tellBootloader(studio: Studio, device: Device, topic: string): void {
  studio.emit('DeviceEvents', topic, { DeviceId: device.id, IsBootloader: true });
}
