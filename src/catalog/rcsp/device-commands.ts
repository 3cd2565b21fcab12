/** Commands about a device as a whole: what it is, its name, its frame rate, its data stream. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { bytes, text } from './example-values.js';
import { deviceId, deviceIdArgument, deviceType, printableByteArray, version } from './fields.js';
import { read, write } from './policies.js';

const DATA_ELSEWHERE =
  "Sensor data itself does not travel over RCSP, and so not through this gateway: it leaves by the driver's " +
  'own output.';

/** `rcsp_device_name_arg`. */
export const setDeviceName = defineCommand({
  name: 'SetDeviceName',
  specOrder: 15,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Set a device's name",
  description: 'The name by which people tell their devices apart.',
  arguments: z.looseObject({ DeviceId: deviceId, DeviceName: z.string().min(1).describe('The new name.') }),
  response: null,
  example: { arguments: { DeviceId: 1, DeviceName: 'Suit of performer 1' }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/name' }],
});

/** `rcsp_response_device_name`. */
export const getDeviceName = defineCommand({
  name: 'GetDeviceName',
  specOrder: 16,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Get a device's name",
  description: 'The name that SetDeviceName gave it.',
  arguments: deviceIdArgument,
  response: z.looseObject({ DeviceName: z.string().describe('Name of the device.') }),
  example: { arguments: { DeviceId: 1 }, response: { DeviceName: 'Suit of performer 1' } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/name' }],
});

/** `rcsp_frame_rate_arg`. */
export const setFrameRate = defineCommand({
  name: 'SetFrameRate',
  specOrder: 17,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Set a device's frame rate",
  description:
    'Asks for a rate in Hz. A device has a few rates to choose from; any other is rounded to the nearest of ' +
    'them. GetFrameRate tells which one it became.',
  arguments: z.looseObject({
    DeviceId: deviceId,
    FrameRate: z
      .number()
      .min(0.001)
      .describe('Frames per second in Hz; rounded to the nearest available rate.'),
  }),
  response: null,
  example: { arguments: { DeviceId: 1, FrameRate: 100 }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/frame-rate' }],
});

/** `rcsp_response_frame_rate`. */
export const getFrameRate = defineCommand({
  name: 'GetFrameRate',
  specOrder: 18,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Get a device's frame rate",
  description: 'The rate to expect from the device, in Hz; what really arrives may be less.',
  arguments: deviceIdArgument,
  response: z.looseObject({ FrameRate: z.number().describe('Frames per second in Hz.') }),
  example: { arguments: { DeviceId: 1 }, response: { FrameRate: 100 } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/frame-rate' }],
});

/** `rcsp_response_glove_info`. */
const smartglovesInfo = z
  .looseObject({ IsLeft: z.boolean().describe('True for the left hand, false for the right one.') })
  .meta({ id: 'RcspSmartglovesInfo', description: 'What only Smartgloves tell.' });

/** `rcsp_response_ssp_info`. */
const smartSuitProInfo = z
  .looseObject({
    Features: z
      .looseObject({
        Bitmask: z.number().describe('All features as bits of one number.'),
        IsGloveReady: z.boolean().describe('Whether the suit is ready for gloves.'),
        HasLeftGlove: z.boolean().describe('Whether the left glove is there.'),
        HasRightGlove: z.boolean().describe('Whether the right glove is there.'),
        HasSTSensor: z.boolean().describe('Whether the suit has ST sensors.'),
      })
      .describe('Features of the suit.'),
  })
  .meta({ id: 'RcspSmartSuitProInfo', description: 'What only a SmartSuitPro tells.' });

/** `rcsp_response_glove_info` / `rcsp_response_ssp_info`: a common part and a key for the kind of device. */
export const getDeviceInfo = defineCommand({
  name: 'GetDeviceInfo',
  specOrder: 19,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Get a device's versions and production data",
  description:
    'Versions, serial number and production data. `Smartgloves` or `SmartSuitPro` is there for that kind of ' +
    'device; a CoilPro has nothing beyond the common part. The specification leaves the units of dates open.',
  arguments: deviceIdArgument,
  response: z.looseObject({
    Header: z.string().describe("Header of the device's own record."),
    IdUnique: printableByteArray.describe('Unique id of the device.'),
    FwVersion: version.describe('Version of the firmware.'),
    BootVersion: version.describe('Version of the bootloader.'),
    UsbApiVersion: version.describe('Version of the interface over USB.'),
    WifiApiVersion: version.describe('Version of the interface over Wi-Fi.'),
    BtApiVersion: version.describe('Version of the interface over Bluetooth.'),
    HubSerialNumber: printableByteArray.describe('Serial number of the hub.'),
    ProdAssyRaw: z.number().describe('Production assembly as it is stored.'),
    DeviceType: deviceType,
    HwVersion: version.describe('Version of the hardware.'),
    ProdBoardId: z.number().describe('Number of the board.'),
    ProdDate: z.number().describe('Date of production; the specification gives no unit.'),
    ProdEpoch: z.number().describe('Epoch of production; the specification gives no unit.'),
    BuildEpoch: z.number().describe('Epoch of the firmware build; the specification gives no unit.'),
    Smartgloves: smartglovesInfo.nullish().describe('Only Smartgloves have it.'),
    SmartSuitPro: smartSuitProInfo.nullish().describe('Only a SmartSuitPro has it.'),
  }),
  example: {
    arguments: { DeviceId: 1 },
    response: {
      Header: 'RKKSSP',
      IdUnique: bytes(0x3a, 0x00, 0x47, 0x12, 0x50, 0x4d, 0x32, 0x31),
      FwVersion: { Major: 3, Minor: 2, Patch: 1, Build: 540 },
      BootVersion: { Major: 1, Minor: 6, Patch: 0, Build: 77 },
      UsbApiVersion: { Major: 2, Minor: 0 },
      WifiApiVersion: { Major: 2, Minor: 1 },
      BtApiVersion: { Major: 1, Minor: 0 },
      HubSerialNumber: text('SSP2-004217'),
      ProdAssyRaw: 33620224,
      DeviceType: 'SmartSuitPro',
      HwVersion: { Major: 2, Minor: 1 },
      ProdBoardId: 4217,
      ProdDate: 20240311,
      ProdEpoch: 1710115200,
      BuildEpoch: 1726099200,
      SmartSuitPro: {
        Features: {
          Bitmask: 7,
          IsGloveReady: true,
          HasLeftGlove: true,
          HasRightGlove: true,
          HasSTSensor: false,
        },
      },
    },
  },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/info' }],
});

/** Answers `rcsp_response_ok`. */
export const subscribeToData = defineCommand({
  name: 'SubscribeToData',
  specOrder: 36,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Switch a device's sensor data on",
  description:
    'A device on USB sends no sensor data until told to; one on TCP sends from the start and needs this only ' +
    `after UnsubscribeFromData. ${DATA_ELSEWHERE}`,
  arguments: deviceIdArgument,
  response: null,
  example: { arguments: { DeviceId: 2 }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/data-stream' }],
});

/** Answers `rcsp_response_ok`. */
export const unsubscribeFromData = defineCommand({
  name: 'UnsubscribeFromData',
  specOrder: 37,
  version: 1,
  target: 'device',
  tag: 'Devices',
  summary: "Switch a device's sensor data off",
  description: `Works on USB, where data is off to begin with, and on TCP, where it is on. ${DATA_ELSEWHERE}`,
  arguments: deviceIdArgument,
  response: null,
  example: { arguments: { DeviceId: 2 }, response: null },
  policy: write(),
  routes: [{ method: 'DELETE', path: '/v1/devices/{DeviceId}/data-stream' }],
});
