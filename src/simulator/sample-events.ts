/** Sample `EventData` of each publisher. */
import type { Arguments } from './arguments.js';
import { BUTTON_PUSH_TYPES } from './extra-commands.js';
import type { Random } from './random.js';
import type { World } from './world.js';

const LOG_LINES = {
  Info: ['Clock synchronised', 'Recording buffer flushed', 'Definition frame sent', 'Heartbeat ok'],
  Warning: ['Frame dropped', 'Clock drift above 2 ms', 'Signal is weak', 'Queue is filling up'],
  Error: ['Checksum mismatch, frame discarded', 'Serial read failed, trying again', 'Sensor did not answer'],
  Debug: ['Bias estimate updated', 'Sensor bus cycle 4.9 ms', 'Temperature 31.5 C', 'Watchdog fed'],
} as const;

const LOCATIONS = ['hub/scheduler', 'imu/bias', 'net/stream', 'power/battery', 'emf/solver'] as const;

function isLogLevel(topic: string): topic is keyof typeof LOG_LINES {
  return Object.hasOwn(LOG_LINES, topic);
}

/** `deviceId`: the device that the event is about; the first one when absent. */
export function sampleEvent(
  world: World,
  publisher: string,
  topic: string,
  deviceId?: number,
  random: Random = world.random,
): Arguments {
  const id = deviceId ?? Math.min(...world.devices.keys(), Infinity);
  const device = Number.isFinite(id) ? { DeviceId: id } : {};
  switch (publisher) {
    case 'Logs':
      return { LogMsg: logLine(random, topic) };
    case 'DeviceLogs':
      return { ...deviceLog(random, topic), ...device };
    case 'UpdateFwEvents':
      return updateEvent(random, topic);
    default:
      return { ...deviceEvent(random, topic), ...device };
  }
}

function logLine(random: Random, topic: string): string {
  return random.pick(LOG_LINES[isLogLevel(topic) ? topic : 'Info']);
}

function deviceLog(random: Random, topic: string): Arguments {
  return {
    LogMsg: logLine(random, topic),
    // Whole milliseconds keep the nanoseconds exact in a double.
    TimestampNs: Math.floor(performance.now()) * 1_000_000,
    SrcLocation: random.pick(LOCATIONS),
  };
}

function updateEvent(random: Random, topic: string): Arguments {
  const PercentComplete = random.integer(1, 99);
  if (topic === 'Done') return { PercentComplete: 100 };
  if (topic === 'Failure') return { PercentComplete, ErrorMsg: 'the device stopped answering' };
  return { PercentComplete };
}

function deviceEvent(random: Random, topic: string): Arguments {
  if (topic === 'ButtonPushed') return { ButtonPushType: random.pick(BUTTON_PUSH_TYPES) };
  const IsBootloader = topic.startsWith('Bootloader');
  return topic === 'Calibrated' ? { EventSuccess: 'Success', IsBootloader } : { IsBootloader };
}
