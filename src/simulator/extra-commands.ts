/** Commands that the specification does not list: clients discover them in the server's lists. */
import { z } from 'zod';
import type { CommandDefinition } from '../catalog/define.js';
import { deviceId as DeviceId, version as Version } from '../catalog/rcsp/fields.js';
import { DEVICE_TYPES } from './device.js';

/** The part of a command that a server needs to accept and list it. */
export type CommandOutline = Pick<CommandDefinition, 'name' | 'version' | 'target' | 'summary' | 'arguments'>;

export const BUTTON_PUSH_TYPES = ['SinglePress', 'DoublePress', 'LongPress'] as const;
export const LOG_LEVELS = ['Error', 'Warning', 'Info'] as const;

const deviceType = z.enum(DEVICE_TYPES);

export const SetProductionInfo = z.looseObject({
  DeviceId,
  HwVersion: Version.describe('Hardware version: Major and Minor; Patch and Build are ignored.'),
  DeviceType: deviceType.describe('SmartSuitPro, Smartgloves or CoilPro.'),
  ProdBoardId: z.int().describe('Id of the board.'),
  ProdDate: z.int().describe('Date of production.'),
  ProdEpoch: z.int().describe('Time of production.'),
  Password: z.string().length(4).describe('4 characters.'),
  SmartglovesInfo: z
    .looseObject({ IsLeftGlove: z.boolean() })
    .nullish()
    .describe('Of Smartgloves: IsLeftGlove.'),
});

export const SimulatorPressButton = z.looseObject({
  DeviceId,
  ButtonPushType: z
    .enum(BUTTON_PUSH_TYPES)
    .nullish()
    .describe('SinglePress (default), DoublePress or LongPress.'),
});

export const SimulatorConnectDevice = z.looseObject({
  DeviceType: deviceType.nullish().describe('SmartSuitPro, Smartgloves or CoilPro; any when absent.'),
});

export const SimulatorDisconnectDevice = z.looseObject({ DeviceId });

export const SimulatorFault = z.looseObject({
  Fault: z
    .string()
    .nullish()
    .describe('hang, drop, garble, late:<ms>, split or error:<Code>; absent: every fault is cleared.'),
  Command: z.string().nullish().describe('The command that it strikes; every command when absent.'),
  Count: z.int().min(1).nullish().describe('How many times it strikes; until cleared when absent.'),
});

export const SimulatorSay = z.looseObject({
  Level: z.enum(LOG_LEVELS).describe('Error, Warning or Info.'),
  LogMsg: z.string().describe('The text of the Logs event.'),
});

export const EXTRA_COMMANDS: readonly CommandOutline[] = [
  {
    name: 'SetProductionInfo',
    version: 1,
    target: 'device',
    summary: 'Write what the factory writes into a device',
    arguments: SetProductionInfo,
  },
  {
    name: 'SimulatorPressButton',
    version: 1,
    target: 'server',
    summary: "Press a simulated device's button",
    arguments: SimulatorPressButton,
  },
  {
    name: 'SimulatorConnectDevice',
    version: 1,
    target: 'server',
    summary: 'Bring back the device that has been away longest, or connect a new one; answers its DeviceId',
    arguments: SimulatorConnectDevice,
  },
  {
    name: 'SimulatorDisconnectDevice',
    version: 1,
    target: 'server',
    summary: 'Unplug a simulated device',
    arguments: SimulatorDisconnectDevice,
  },
  {
    name: 'SimulatorFault',
    version: 1,
    target: 'server',
    summary: 'Make answers fail on purpose; faults never strike this command',
    arguments: SimulatorFault,
  },
  {
    name: 'SimulatorSay',
    version: 1,
    target: 'server',
    summary: 'Publish a Logs event',
    arguments: SimulatorSay,
  },
];
