/** The catalog: every command of the specification, in its order. */
import type { z } from 'zod';
import * as calibration from './rcsp/calibration-commands.js';
import type { CommandDefinition } from './define.js';
import * as devices from './rcsp/device-commands.js';
import * as events from './rcsp/event-commands.js';
import * as firmware from './rcsp/firmware-commands.js';
import * as leds from './rcsp/led-commands.js';
import * as network from './rcsp/network-commands.js';
import * as recording from './rcsp/recording-commands.js';
import * as server from './rcsp/server-commands.js';

export * from './define.js';
export * from './rcsp/publishers.js';

export const COMMANDS = [
  server.info,
  server.gracefulExit,
  server.listCommands,
  server.listDevices,
  server.listErrorCodes,
  server.listDeviceCommands,

  events.listPublishers,
  events.subscribe,
  events.unsubscribe,
  events.deviceSubscribe,
  events.deviceUnsubscribe,

  calibration.setEmfChannel,
  calibration.getEmfChannel,
  firmware.readSensorFwInfo,
  devices.setDeviceName,
  devices.getDeviceName,
  devices.setFrameRate,
  devices.getFrameRate,
  devices.getDeviceInfo,
  calibration.calibrateStaticPose,
  calibration.reinitAlgo,
  network.getWifiVersion,
  network.setNetworkConfiguration,
  network.getNetworkConfiguration,
  network.scanNetwork,
  network.startWifi,
  calibration.postProcess,
  firmware.updateFirmware,
  firmware.updateSensorFirmware,
  firmware.updateWifiModule,
  leds.setColorLed,
  leds.setLedBehavior,
  calibration.setMagnetometerCalOffset,
  calibration.getMagnetometerCalOffset,
  calibration.runSelfTest,
  devices.subscribeToData,
  devices.unsubscribeFromData,

  recording.saveUserData,
  recording.loadJsonData,
  recording.listJsonDataTags,

  events.testEvent,
] as const satisfies readonly CommandDefinition[];

type KnownCommand = (typeof COMMANDS)[number];

export type CommandName = KnownCommand['name'];

type CommandOf<Name extends CommandName> = Extract<KnownCommand, { readonly name: Name }>;

/** `Arguments` of a command. */
export type ArgumentsOf<Name extends CommandName> = z.output<CommandOf<Name>['arguments']>;

/** `Response` of a command; null where the answer is a plain OK. */
export type ResponseOf<Name extends CommandName> = CommandOf<Name>['response'] extends infer Schema extends
  z.ZodType
  ? z.output<Schema>
  : null;

/** Looks a command up by whatever name came in. */
export const commandByName: ReadonlyMap<string, CommandDefinition> = new Map(
  COMMANDS.map((command: CommandDefinition) => [command.name, command]),
);
