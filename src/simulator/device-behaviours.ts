/** Device commands except network and firmware. */
import type { z } from 'zod';
import {
  calibrateStaticPose,
  postProcess,
  setEmfChannel,
  setMagnetometerCalOffset,
} from '../catalog/rcsp/calibration-commands.js';
import { setDeviceName, setFrameRate } from '../catalog/rcsp/device-commands.js';
import type { ResponseOf } from '../catalog/index.js';
import { setColorLed, setLedBehavior } from '../catalog/rcsp/led-commands.js';
import type { Call, DeviceBehaviour } from './behaviour.js';
import { deviceBehaviour, work } from './behaviour.js';
import { deviceInfo, sensorFirmware } from './device-info.js';
import type { Device } from './device.js';
import { SetProductionInfo } from './extra-commands.js';
import { CommandFailure } from './failure.js';
import { selfTest } from './self-test.js';

/** Hz */
const FRAME_RATES: readonly number[] = [25, 30, 50, 60, 100, 120, 200];
const LAST_EMF_CHANNEL = 7;
const PRODUCTION_PASSWORD = 'prod';

/** Simulated milliseconds that slow commands take. */
const POSE_MS = 3000;
const SELF_TEST_MS = 2000;
const REINIT_MS = 500;

export const DEVICE_BEHAVIOURS: ReadonlyMap<string, DeviceBehaviour> = new Map<string, DeviceBehaviour>([
  [
    'SetEmfChannel',
    deviceBehaviour(setEmfChannel.arguments, (device, { Channel }) => setChannel(device, Channel)),
  ],
  ['GetEmfChannel', (device, { version }) => emfChannel(device, version)],
  ['ReadSensorFwInfo', (device, { studio }) => ({ Sensors: sensorFirmware(studio.world.random, device) })],
  [
    'SetDeviceName',
    deviceBehaviour(setDeviceName.arguments, (device, { DeviceName }) => {
      device.name = DeviceName;
    }),
  ],
  ['GetDeviceName', (device) => ({ DeviceName: device.name })],
  [
    'SetFrameRate',
    deviceBehaviour(setFrameRate.arguments, (device, { FrameRate }) => {
      device.frameRate = nearestFrameRate(FrameRate);
    }),
  ],
  ['GetFrameRate', (device) => ({ FrameRate: device.frameRate })],
  ['GetDeviceInfo', (device, { studio }) => deviceInfo(studio.world, device)],
  [
    'CalibrateStaticPose',
    deviceBehaviour(calibrateStaticPose.arguments, (device, _args, call) => calibrate(device, call)),
  ],
  ['ReinitAlgo', (device, call) => work(device, call, REINIT_MS)],
  [
    'PostProcess',
    deviceBehaviour(postProcess.arguments, (device, { ProcessType }) => smooth(device, ProcessType)),
  ],
  ['SetColorLed', deviceBehaviour(setColorLed.arguments, colorLed)],
  ['SetLedBehavior', deviceBehaviour(setLedBehavior.arguments, switchLed)],
  [
    'SetMagnetometerCalOffset',
    deviceBehaviour(setMagnetometerCalOffset.arguments, (device, { Offset }) => {
      device.magnetometerOffset = Offset;
    }),
  ],
  ['GetMagnetometerCalOffset', (device) => device.magnetometerOffset],
  ['RunSelfTest', runSelfTest],
  ['SubscribeToData', (device) => void (device.streaming = true)],
  ['UnsubscribeFromData', (device) => void (device.streaming = false)],
  ['SetProductionInfo', deviceBehaviour(SetProductionInfo, setProduction)],
]);

function setChannel(device: Device, channel: number): void {
  if (channel < 0 || channel > LAST_EMF_CHANNEL) {
    throw new CommandFailure('Invalid value', `Channel: 0 to ${LAST_EMF_CHANNEL}`);
  }
  device.emfChannel = channel;
}

/** Version 2 of the command added frequencies. */
function emfChannel({ emfChannel: Channel }: Device, version: number): ResponseOf<'GetEmfChannel'> {
  if (version < 2) return { Channel };
  const base = 1000 + Channel * 60;
  return { Channel, FreqX: base, FreqY: base + 20, FreqZ: base + 40 };
}

/** Of two equally near values, returns the higher. */
function nearestFrameRate(wanted: number): number {
  return FRAME_RATES.reduce((best, rate) =>
    Math.abs(rate - wanted) <= Math.abs(best - wanted) ? rate : best,
  );
}

async function calibrate(device: Device, call: Call): Promise<void> {
  await work(device, call, POSE_MS);
  device.calibrated = true;
  call.studio.emit('DeviceEvents', 'Calibrated', {
    DeviceId: device.id,
    EventSuccess: 'Success',
    IsBootloader: device.isBootloader,
  });
}

async function runSelfTest(device: Device, call: Call): Promise<ResponseOf<'RunSelfTest'>> {
  await work(device, call, SELF_TEST_MS);
  return selfTest(call.studio.world.random, device.type);
}

function smooth(device: Device, type: 'StartSmoothing' | 'StopSmoothing'): void {
  const start = type === 'StartSmoothing';
  if (!start && !device.smoothing) throw new CommandFailure('Runtime error', 'smoothing was not started');
  device.smoothing = start;
}

function colorLed(device: Device, { LedId, Red, Green, Blue }: z.output<typeof setColorLed.arguments>): void {
  const led = device.leds.get(LedId);
  if (led?.color === undefined) throw noLed(device, LedId, 'colours');
  led.color = { Red, Green, Blue };
}

function switchLed(device: Device, { LedId, BehaviorType }: z.output<typeof setLedBehavior.arguments>): void {
  const led = device.leds.get(LedId);
  if (led?.behavior === undefined) throw noLed(device, LedId, 'behaviours');
  led.behavior = BehaviorType;
}

function noLed(device: Device, led: string, what: string): CommandFailure {
  return new CommandFailure('Sub-device not found', `device ${device.id} has no LED ${led} with ${what}`);
}

function setProduction(device: Device, args: z.output<typeof SetProductionInfo>): void {
  if (args.Password !== PRODUCTION_PASSWORD) {
    throw new CommandFailure('Device command error', 'the device did not accept the password');
  }
  const { production } = device;
  production.hwVersion = { Major: args.HwVersion.Major, Minor: args.HwVersion.Minor };
  production.deviceType = args.DeviceType;
  production.boardId = args.ProdBoardId;
  production.date = args.ProdDate;
  production.epoch = args.ProdEpoch;
  production.isLeft = args.SmartglovesInfo?.IsLeftGlove ?? production.isLeft;
}
