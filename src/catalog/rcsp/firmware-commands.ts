/** Commands about the firmware of devices, their sensors and their Wi-Fi modules. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { bytes } from './example-values.js';
import { deviceId, deviceIdArgument, sensorInfo } from './fields.js';
import { slowRead, TIMEOUT_MS, update } from './policies.js';

const PROGRESS =
  'Progress comes on the channels `UpdateFwEvents/Progress`, `UpdateFwEvents/Failure` and ' +
  '`UpdateFwEvents/Done`. These events name no device, so run one update at a time. `FwPath` is a path on the ' +
  "studio's machine; the gateway passes it on as it is and reads no file.";

const fwPath = z
  .string()
  .min(1)
  .describe("Path of the firmware file on the studio's machine; passed on verbatim, never read here.");

const forceUpdate = z
  .boolean()
  .nullish()
  .describe(
    'Go on although something does not fit, such as a header for another type of device or a wrong magic ' +
      'number. Without it: false.',
  );

/** `rcsp_response_fw_info`. */
export const readSensorFwInfo = defineCommand({
  name: 'ReadSensorFwInfo',
  specOrder: 14,
  version: 1,
  target: 'device',
  tag: 'Firmware',
  summary: "Read the firmware information of a device's sensors",
  description: 'Asks every sensor in turn, so it takes longer the more sensors the device has.',
  arguments: deviceIdArgument,
  response: z.looseObject({ Sensors: z.array(sensorInfo).describe('One entry for each sensor.') }),
  example: {
    arguments: { DeviceId: 1 },
    response: {
      Sensors: [
        {
          Addr: 1,
          RawHeading: 16908289,
          Signature: 21325,
          FwVersion: { Major: 2, Minor: 4, Patch: 0, Build: 118 },
          BootVersion: { Major: 1, Minor: 2, Patch: 0, Build: 31 },
          BootStatus: 0,
          BootStatusStr: 'Ok',
          IsCalibrated: 1,
          ValidCalib: true,
          Epoch: 1709856000,
          CalibrationID: 5120,
          IdUnique: bytes(0x5d, 0x00, 0x21, 0x3c),
          SensorSetupStatus: 0,
          BuildNumber: 118,
          ProdAssyRaw: 16843008,
          HwVersion: { Major: 1, Minor: 3 },
          Vendor: 'ST',
          InBootloader: false,
        },
      ],
    },
  },
  policy: slowRead(TIMEOUT_MS.sensorBus),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/sensors/firmware' }],
});

/** `rcsp_fw_update_arg`. */
export const updateFirmware = defineCommand({
  name: 'UpdateFirmware',
  specOrder: 28,
  version: 1,
  target: 'device',
  tag: 'Firmware',
  summary: "Update a device's firmware",
  description: PROGRESS,
  arguments: z.looseObject({ DeviceId: deviceId, FwPath: fwPath, ForceUpdate: forceUpdate }),
  response: null,
  example: {
    arguments: { DeviceId: 1, FwPath: 'C:\\Firmware\\smartsuit-pro-3.2.1.bin', ForceUpdate: false },
    response: null,
  },
  policy: update(),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/firmware' }],
});

/** `rcsp_sensor_fw_update_arg`. */
export const updateSensorFirmware = defineCommand({
  name: 'UpdateSensorFirmware',
  specOrder: 29,
  version: 1,
  target: 'device',
  tag: 'Firmware',
  summary: "Update the firmware of a device's sensors",
  description: PROGRESS,
  arguments: z.looseObject({
    DeviceId: deviceId,
    FwPath: fwPath,
    ForceUpdate: forceUpdate,
    SensorsInBoot: z
      .boolean()
      .nullish()
      .describe('True if the sensors run their bootloader already. Without it: false.'),
  }),
  response: null,
  example: {
    arguments: {
      DeviceId: 1,
      FwPath: 'C:\\Firmware\\sensor-2.4.0.bin',
      ForceUpdate: false,
      SensorsInBoot: false,
    },
    response: null,
  },
  policy: update(),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/sensors/firmware' }],
});

/** `rcsp_update_wifi_module_arg`. */
export const updateWifiModule = defineCommand({
  name: 'UpdateWifiModule',
  specOrder: 30,
  version: 1,
  target: 'device',
  tag: 'Firmware',
  summary: "Update the firmware of a device's Wi-Fi module",
  description: PROGRESS,
  arguments: z.looseObject({ DeviceId: deviceId, FwPath: fwPath }),
  response: null,
  example: { arguments: { DeviceId: 1, FwPath: 'C:\\Firmware\\wifi-3.5.1.bin' }, response: null },
  policy: update(),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/wifi/firmware' }],
});
