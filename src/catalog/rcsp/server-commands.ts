/** Commands about the RCSP server itself and about what is connected to it. */
import { z } from 'zod';
import { RCSP_ERRORS } from '../../errors/errors.js';
import { defineCommand } from '../define.js';
import { commandDescription, device, deviceIdArgument, noArguments, version } from './fields.js';
import { read, write } from './policies.js';

/** `rcsp_info`. */
export const info = defineCommand({
  name: 'Info',
  specOrder: 1,
  version: 1,
  target: 'server',
  tag: 'Studio',
  summary: 'Get basic information about the studio',
  description: 'Tells which RCSP server this is, for how long it has been running, and on which system.',
  arguments: noArguments,
  response: z.looseObject({
    UpTimeSecs: z.number().describe('Time since the server started, in seconds.'),
    SupportedHeaderVersions: z
      .array(z.number())
      .describe('Versions of the binary RCSP header it understands.'),
    AppVersion: version.describe('Version of the server.'),
    GitSha: z.string().describe('Git commit the server was built from.'),
    SystemName: z.string().describe('Name of the operating system, such as `Windows`; not a closed list.'),
  }),
  example: {
    arguments: {},
    response: {
      UpTimeSecs: 5421,
      SupportedHeaderVersions: [1],
      AppVersion: { Major: 1, Minor: 14, Patch: 2, Build: 873 },
      GitSha: '4be1c09d',
      SystemName: 'Windows',
    },
  },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/info' }],
});

/** Answers `rcsp_response_ok`. */
export const gracefulExit = defineCommand({
  name: 'GracefulExit',
  specOrder: 2,
  version: 1,
  target: 'server',
  tag: 'Studio',
  summary: 'Stop the studio',
  description:
    'Ends the whole driver that serves RCSP: every device, every client and every recording of that studio ' +
    'is affected, and nothing here can start it again. The gateway stays and keeps trying to reconnect.',
  arguments: noArguments,
  response: null,
  example: { arguments: {}, response: null },
  policy: write('admin'),
  routes: [{ method: 'POST', path: '/v1/exit' }],
});

/** `rcsp_cmd_list`. */
export const listCommands = defineCommand({
  name: 'ListCommands',
  specOrder: 3,
  version: 1,
  target: 'server',
  tag: 'Studio',
  summary: "List the studio's commands",
  description:
    'The commands that the connected server itself takes, with their versions and arguments. Those of one ' +
    'device are listed by ListDeviceCommands.',
  arguments: noArguments,
  response: z.looseObject({
    Commands: z.array(commandDescription).describe('Commands of the server.'),
  }),
  example: {
    arguments: {},
    response: {
      Commands: [
        { Command: 'Info', Version: 1, Info: 'Get basic info', Args: [] },
        {
          Command: 'ListDeviceCommands',
          Version: 1,
          Info: 'List the commands of a device',
          Args: [{ Name: 'DeviceId', Info: 'Id of the device', Type: 'Number', Optional: false }],
        },
      ],
    },
  },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/commands' }],
});

/** `rcsp_device_list`. */
export const listDevices = defineCommand({
  name: 'ListDevices',
  specOrder: 4,
  version: 1,
  target: 'server',
  tag: 'Devices',
  summary: 'List the connected devices',
  description:
    'Every device that is connected now, with the `DeviceId` that all other device commands take. To follow ' +
    'changes, listen to the channel `DeviceEvents/*` instead of asking again and again.',
  arguments: noArguments,
  response: z.looseObject({ Devices: z.array(device).describe('Devices connected now.') }),
  example: {
    arguments: {},
    response: {
      Devices: [
        {
          DeviceId: 1,
          DeviceType: 'SmartSuitPro',
          ConnectionType: 'UDP',
          Updatable: true,
          IsBootloader: false,
        },
        {
          DeviceId: 2,
          DeviceType: 'Smartgloves',
          ConnectionType: 'Serial',
          Updatable: true,
          IsBootloader: false,
        },
        {
          DeviceId: 3,
          DeviceType: 'Smartgloves',
          ConnectionType: 'Serial',
          Updatable: true,
          IsBootloader: false,
        },
        {
          DeviceId: 4,
          DeviceType: 'CoilPro',
          ConnectionType: 'Serial',
          Updatable: true,
          IsBootloader: false,
        },
      ],
    },
  },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices' }],
});

/** `rcsp_error_code_list`. */
export const listErrorCodes = defineCommand({
  name: 'ListErrorCodes',
  specOrder: 5,
  version: 1,
  target: 'server',
  tag: 'Studio',
  summary: "List the studio's error codes",
  description:
    'Every code that the server may refuse a command with. A problem carries it verbatim in `code`.',
  arguments: noArguments,
  response: z.looseObject({ ErrorCodes: z.array(z.string()).describe('Error codes.') }),
  example: { arguments: {}, response: { ErrorCodes: Object.keys(RCSP_ERRORS) } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/error-codes' }],
});

/** `rcsp_device_cmd_list`. */
export const listDeviceCommands = defineCommand({
  name: 'ListDeviceCommands',
  specOrder: 6,
  version: 1,
  target: 'server',
  tag: 'Devices',
  summary: "List a device's commands",
  description:
    'No device supports every device command; this tells which ones this device does, with versions and ' +
    'arguments. It may list commands that have no route here: `POST /v1/commands/{Command}` sends those.',
  arguments: deviceIdArgument,
  response: z.looseObject({
    DeviceCommands: z.array(commandDescription).describe('Commands of the device.'),
  }),
  example: {
    arguments: { DeviceId: 1 },
    response: {
      DeviceCommands: [
        {
          Command: 'GetEmfChannel',
          Version: 2,
          Info: 'Get the EMF channel',
          Args: [{ Name: 'DeviceId', Info: 'Id of the device', Type: 'Number', Optional: false }],
        },
        {
          Command: 'SetDeviceName',
          Version: 1,
          Info: 'Set the name of the device',
          Args: [
            { Name: 'DeviceId', Info: 'Id of the device', Type: 'Number', Optional: false },
            { Name: 'DeviceName', Info: 'The new name', Type: 'String', Optional: false },
          ],
        },
      ],
    },
  },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/commands' }],
});
