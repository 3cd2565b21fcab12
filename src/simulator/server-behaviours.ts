/** Server commands: information, lists, recordings, and the simulator's controls. */
import { platform } from 'node:os';
import type { z } from 'zod';
import type { ResponseOf } from '../catalog/index.js';
import { loadJsonData, saveUserData } from '../catalog/rcsp/recording-commands.js';
import { listDeviceCommands } from '../catalog/rcsp/server-commands.js';
import { RCSP_ERRORS } from '../errors/errors.js';
import { HEADER_VERSION } from '../upstreams/rcsp/protocol/frame.js';
import type { ServerBehaviour, Studio } from './behaviour.js';
import { serverBehaviour } from './behaviour.js';
import { deviceCommands, outlineByName, serverCommands } from './command-table.js';
import { connectDevice, disconnectDevice } from './comings-and-goings.js';
import {
  SimulatorConnectDevice,
  SimulatorDisconnectDevice,
  SimulatorFault,
  SimulatorPressButton,
  SimulatorSay,
} from './extra-commands.js';
import { CommandFailure } from './failure.js';
import type { FaultRule } from './faults.js';
import { parseFault } from './faults.js';
import { version } from './values.js';
import type { World } from './world.js';

export const SERVER_BEHAVIOURS: ReadonlyMap<string, ServerBehaviour> = new Map<string, ServerBehaviour>([
  ['Info', ({ studio }) => info(studio)],
  ['GracefulExit', ({ studio }) => studio.exit()],
  ['ListCommands', () => ({ Commands: serverCommands() })],
  ['ListDevices', ({ studio }) => ({ Devices: listDevices(studio.world) })],
  ['ListErrorCodes', () => ({ ErrorCodes: Object.keys(RCSP_ERRORS) })],
  [
    'ListDeviceCommands',
    serverBehaviour(listDeviceCommands.arguments, ({ DeviceId }, { studio }) => ({
      DeviceCommands: deviceCommands(studio.world.device(DeviceId).type),
    })),
  ],
  [
    'SaveUserData',
    serverBehaviour(saveUserData.arguments, ({ Tag, UserData }, { studio }) => {
      needRecording(studio.world, 'no recording is started');
      studio.world.tags.set(Tag, UserData);
    }),
  ],
  [
    'LoadJsonData',
    serverBehaviour(loadJsonData.arguments, ({ Tag }, { studio }) => loadUserData(studio.world, Tag)),
  ],
  ['ListJsonDataTags', ({ studio }) => listTags(studio.world)],
  ['SimulatorPressButton', serverBehaviour(SimulatorPressButton, pressButton)],
  [
    'SimulatorConnectDevice',
    serverBehaviour(SimulatorConnectDevice, ({ DeviceType }, { studio }) => ({
      DeviceId: connectDevice(studio, DeviceType ?? undefined).id,
    })),
  ],
  [
    'SimulatorDisconnectDevice',
    serverBehaviour(SimulatorDisconnectDevice, ({ DeviceId }, { studio }) => {
      disconnectDevice(studio, DeviceId);
    }),
  ],
  ['SimulatorFault', serverBehaviour(SimulatorFault, setFault)],
  [
    'SimulatorSay',
    serverBehaviour(SimulatorSay, ({ Level, LogMsg }, { studio }) => studio.emit('Logs', Level, { LogMsg })),
  ],
]);

function info({ upTimeSecs }: Studio): ResponseOf<'Info'> {
  return {
    UpTimeSecs: upTimeSecs,
    SupportedHeaderVersions: [HEADER_VERSION],
    AppVersion: version(1, 0, 0),
    GitSha: 'simulator',
    SystemName: `${platform()} (simulated studio)`,
  };
}

function listDevices(world: World): ResponseOf<'ListDevices'>['Devices'] {
  const devices = [...world.devices.values()].sort((a, b) => a.id - b.id);
  return devices.map((device) => ({
    DeviceId: device.id,
    DeviceType: device.type,
    ConnectionType: device.connectionType,
    Updatable: device.updatable,
    IsBootloader: device.isBootloader,
  }));
}

function needRecording(world: World, message: string): void {
  if (!world.recording) throw new CommandFailure('Runtime error', message);
}

function loadUserData(world: World, tag: number): ResponseOf<'LoadJsonData'> {
  needRecording(world, 'no recording is loaded');
  const data = world.tags.get(tag);
  if (data === undefined) throw new CommandFailure('Invalid value', `Tag: nothing is saved with tag ${tag}`);
  return { Tag: tag, UserData: data };
}

function listTags(world: World): ResponseOf<'ListJsonDataTags'> {
  needRecording(world, 'no recording is loaded');
  return { Tags: [...world.tags.keys()].sort((a, b) => a - b) };
}

function pressButton(
  { DeviceId, ButtonPushType }: z.output<typeof SimulatorPressButton>,
  { studio }: { studio: Studio },
): void {
  const { id } = studio.world.device(DeviceId);
  const push = ButtonPushType ?? 'SinglePress';
  studio.emit('DeviceEvents', 'ButtonPushed', { DeviceId: id, ButtonPushType: push }, id);
}

function setFault(args: z.output<typeof SimulatorFault>, { studio }: { studio: Studio }): void {
  if (args.Fault == null) return studio.faults.clear();
  const rule = readFault(args.Fault);
  if (args.Command != null && !outlineByName.has(args.Command)) {
    throw new CommandFailure('Invalid value', 'Command: there is no such command');
  }
  studio.faults.add({
    ...rule,
    ...(args.Command == null ? {} : { command: args.Command }),
    ...(args.Count == null ? {} : { count: args.Count }),
  });
}

function readFault(text: string): FaultRule {
  try {
    return parseFault(text);
  } catch (error) {
    throw new CommandFailure('Invalid value', `Fault: ${error instanceof Error ? error.message : text}`);
  }
}
