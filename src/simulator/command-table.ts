/** The commands that the simulator accepts, and those that each device type accepts. */
import { COMMANDS } from '../catalog/index.js';
import type { ArgumentDescription } from './arguments.js';
import { describeArguments } from './arguments.js';
import type { DeviceType } from './device.js';
import type { CommandOutline } from './extra-commands.js';
import { EXTRA_COMMANDS } from './extra-commands.js';

/** `rcsp_cmd_description` */
export interface CommandDescription {
  readonly Command: string;
  readonly Version: number;
  readonly Info: string;
  readonly Args: readonly ArgumentDescription[];
}

const OUTLINES: readonly CommandOutline[] = [...COMMANDS, ...EXTRA_COMMANDS];

export const outlineByName: ReadonlyMap<string, CommandOutline> = new Map(
  OUTLINES.map((outline) => [outline.name, outline]),
);

const WIFI = [
  'GetWifiVersion',
  'SetNetworkConfiguration',
  'GetNetworkConfiguration',
  'ScanNetwork',
  'StartWifi',
  'UpdateWifiModule',
];
const LEDS = ['SetColorLed', 'SetLedBehavior'];
const BODY = ['ReadSensorFwInfo', 'UpdateSensorFirmware', 'CalibrateStaticPose', 'ReinitAlgo', 'PostProcess'];

/** Commands that a device type does not support. */
const UNSUPPORTED: Readonly<Record<DeviceType, ReadonlySet<string>>> = {
  SmartSuitPro: new Set(['SetColorLed']),
  Smartgloves: new Set(WIFI),
  CoilPro: new Set([...WIFI, ...LEDS, ...BODY]),
};

export function supports(type: DeviceType, command: string): boolean {
  return !UNSUPPORTED[type].has(command);
}

/** `rcsp_cmd_list` */
export function serverCommands(): CommandDescription[] {
  return OUTLINES.filter(({ target }) => target === 'server').map(describe);
}

/** `rcsp_device_cmd_list` */
export function deviceCommands(type: DeviceType): CommandDescription[] {
  return OUTLINES.filter(({ target, name }) => target === 'device' && supports(type, name)).map(describe);
}

const described = new Map<string, CommandDescription>();

/** Caches descriptions: schemas never change. */
function describe(outline: CommandOutline): CommandDescription {
  const known = described.get(outline.name);
  if (known !== undefined) return known;
  const { name, version, summary, arguments: schema } = outline;
  const description = { Command: name, Version: version, Info: summary, Args: describeArguments(schema) };
  described.set(name, description);
  return description;
}
