/** What a command's behaviour is: a function over the simulated studio. */
import type { z } from 'zod';
import type { Arguments } from './arguments.js';
import { checkArguments } from './arguments.js';
import type { Clock } from './clock.js';
import type { Device } from './device.js';
import { CommandFailure } from './failure.js';
import type { Faults } from './faults.js';
import type { Subscriptions } from './subscription-set.js';
import type { World } from './world.js';

/** The part of the simulated studio that behaviours use. */
export interface Studio {
  readonly world: World;
  readonly clock: Clock;
  readonly faults: Faults;
  /** Seconds since it listens. */
  readonly upTimeSecs: number;
  /** Sends an event to every subscribed connection; `deviceId` names the device of a device topic. */
  emit(publisher: string, topic: string, data: Arguments, deviceId?: number): void;
  /** The devices whose topic is subscribed on at least one connection. */
  subscribedDevices(publisher: string, topic: string): readonly number[];
  /** Closes the server after the current command is answered. */
  exit(): void;
}

/** One command and its connection's subscriptions. */
export interface Call {
  readonly studio: Studio;
  readonly version: number;
  readonly arguments: Arguments;
  /** The subscriptions of the connection that received the command. */
  readonly subscriptions: Subscriptions;
}

/** Returns `Response`, undefined for a plain ok; may be a promise. @throws CommandFailure */
export type ServerBehaviour = (call: Call) => unknown;
export type DeviceBehaviour = (device: Device, call: Call) => unknown;

/** `schema` describes the arguments that the behaviour reads, with the ranges that this server accepts. */
export function serverBehaviour<T extends z.ZodType>(
  schema: T,
  run: (args: z.output<T>, call: Call) => unknown,
): ServerBehaviour {
  return (call) => run(checkArguments(schema, call.arguments), call);
}

export function deviceBehaviour<T extends z.ZodType>(
  schema: T,
  run: (device: Device, args: z.output<T>, call: Call) => unknown,
): DeviceBehaviour {
  return (device, call) => run(device, checkArguments(schema, call.arguments), call);
}

/** Keeps the device busy for `ms`. @throws CommandFailure when it has disconnected or is busy afterwards */
export async function work(device: Device, { studio }: Call, ms: number): Promise<void> {
  await studio.clock.wait(ms);
  if (!studio.world.isConnected(device)) {
    throw new CommandFailure('Device not available', `device ${device.id} went away`);
  }
}
