/** Commands about how a device measures: EMF channel, poses, magnetometer, self test, post-processing. */
import { z } from 'zod';
import { defineCommand } from '../define.js';
import { deviceId, deviceIdArgument, magnetometerOffset, matrix3x3, vector3 } from './fields.js';
import { read, slow, TIMEOUT_MS, write } from './policies.js';

const channel = z.int().describe('Number of the EMF channel.');
const frequency = (axis: string): z.ZodOptional<z.ZodNullable<z.ZodNumber>> =>
  z.number().nullish().describe(`Frequency of the ${axis} axis in Hz; only in version 2.`);

/** `rcsp_set_emf_ch_arg`. */
export const setEmfChannel = defineCommand({
  name: 'SetEmfChannel',
  specOrder: 12,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: "Set a device's EMF channel",
  description: 'Takes the number of a channel; GetEmfChannel tells the one that is set.',
  arguments: z.looseObject({ DeviceId: deviceId, Channel: channel }),
  response: null,
  example: { arguments: { DeviceId: 4, Channel: 2 }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/emf-channel' }],
});

/** `rcsp_response_emf_ch`. */
export const getEmfChannel = defineCommand({
  name: 'GetEmfChannel',
  specOrder: 13,
  version: 2,
  target: 'device',
  tag: 'Calibration',
  summary: "Get a device's EMF channel",
  description: 'A server that knows version 2 of this command also tells the frequency of each axis in Hz.',
  arguments: deviceIdArgument,
  response: z.looseObject({
    Channel: channel,
    FreqX: frequency('X'),
    FreqY: frequency('Y'),
    FreqZ: frequency('Z'),
  }),
  example: {
    arguments: { DeviceId: 4 },
    response: { Channel: 2, FreqX: 1120, FreqY: 1280, FreqZ: 1440 },
  },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/emf-channel' }],
});

/** Answers `rcsp_response_ok`. */
export const calibrateStaticPose = defineCommand({
  name: 'CalibrateStaticPose',
  specOrder: 20,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: 'Calibrate a device in a static pose',
  description:
    'Whoever wears the device holds still until the answer comes, which takes seconds. ' +
    '`DeviceEvents/Calibrated` is the event that goes with it.',
  arguments: deviceIdArgument,
  response: null,
  example: { arguments: { DeviceId: 1 }, response: null },
  policy: slow(TIMEOUT_MS.pose),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/calibrate' }],
});

/** Answers `rcsp_response_ok`. */
export const reinitAlgo = defineCommand({
  name: 'ReinitAlgo',
  specOrder: 21,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: "Start a device's algorithm afresh",
  description: 'Takes the algorithm behind the device back to its beginning.',
  arguments: deviceIdArgument,
  response: null,
  example: { arguments: { DeviceId: 1 }, response: null },
  policy: slow(TIMEOUT_MS.reinitAlgo),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/reinit-algo' }],
});

/** `rcsp_postprocess_arg`. */
export const postProcess = defineCommand({
  name: 'PostProcess',
  specOrder: 27,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: 'Start or stop post-processing',
  description:
    'StartSmoothing begins to collect data; StopSmoothing, which only works after it, processes all of it. ' +
    "The result does not come back here: it leaves by the driver's output, as a new device that is marked as " +
    'post-processed.',
  arguments: z.looseObject({
    DeviceId: deviceId,
    ProcessType: z
      .enum(['StartSmoothing', 'StopSmoothing'])
      .describe('StopSmoothing only works after StartSmoothing.'),
  }),
  response: null,
  example: { arguments: { DeviceId: 1, ProcessType: 'StartSmoothing' }, response: null },
  policy: slow(TIMEOUT_MS.postProcess),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/post-process' }],
});

/** `rcsp_set_mag_offset_arg`. */
export const setMagnetometerCalOffset = defineCommand({
  name: 'SetMagnetometerCalOffset',
  specOrder: 33,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: "Set a magnetometer's calibration offset",
  description: 'The offset is in mG (milligauss) and replaces the previous one.',
  arguments: z.looseObject({ DeviceId: deviceId, Offset: magnetometerOffset }),
  response: null,
  example: { arguments: { DeviceId: 4, Offset: { X: 12.5, Y: -3.25, Z: 40 } }, response: null },
  policy: write(),
  routes: [{ method: 'PUT', path: '/v1/devices/{DeviceId}/magnetometer-offset' }],
});

/** Answers `rcsp_3df_vec`. */
export const getMagnetometerCalOffset = defineCommand({
  name: 'GetMagnetometerCalOffset',
  specOrder: 34,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: "Get a magnetometer's calibration offset",
  description: 'The offset is in mG (milligauss).',
  arguments: deviceIdArgument,
  response: magnetometerOffset,
  example: { arguments: { DeviceId: 4 }, response: { X: 12.5, Y: -3.25, Z: 40 } },
  policy: read(),
  routes: [{ method: 'GET', path: '/v1/devices/{DeviceId}/magnetometer-offset' }],
});

const perSensor = (what: string): string =>
  `${what}; one entry a sensor, named by IndexToSmartglovesSensorLoc.`;

/** `rcsp_response_self_test_results`. */
export const runSelfTest = defineCommand({
  name: 'RunSelfTest',
  specOrder: 35,
  version: 1,
  target: 'device',
  tag: 'Calibration',
  summary: "Run a device's self test",
  description:
    'The device tests itself, which takes seconds, and answers what it measured. Entry n of every array belongs ' +
    'to the sensor that entry n of `IndexToSmartglovesSensorLoc` names.',
  arguments: deviceIdArgument,
  response: z.looseObject({
    HubMagnetometerData_Gauss: vector3.nullish().describe("The hub's magnetometer, in gauss."),
    AmpCtrlSignal_Percent: vector3.nullish().describe('Control signal of the amplifiers, in percent.'),
    ImuAccData_g: z.array(vector3).describe(perSensor('Acceleration in g')),
    ImuGyrData_Rad_s: z.array(vector3).describe(perSensor('Rate of turn in rad/s')),
    ArmSignedMagGainSwitchOn: matrix3x3.nullish().describe('Signed magnitudes of the arm, gain switch on.'),
    ArmSignedMagGainSwitchOff: matrix3x3.nullish().describe('Signed magnitudes of the arm, gain switch off.'),
    SensorsSignedMag: z.array(matrix3x3).describe(perSensor('Signed magnitudes')),
    AdcMeanInternalAdc_V: z.array(vector3).describe(perSensor('Mean of the internal converter in V')),
    AdcStdDevInternalAdc_V: z
      .array(vector3)
      .describe(perSensor('Standard deviation of the internal converter in V')),
    AdcMeanExternalAdc_V: vector3.nullish().describe('Mean of the external converter, in V.'),
    AdcStdDevExternalAdc_V: vector3.nullish().describe('Standard deviation of the external converter, in V.'),
    IndexToSmartglovesSensorLoc: z.array(z.string()).describe('Where each sensor sits.'),
  }),
  example: {
    arguments: { DeviceId: 2 },
    response: {
      HubMagnetometerData_Gauss: { X: 0.21, Y: -0.04, Z: 0.43 },
      AmpCtrlSignal_Percent: { X: 48.2, Y: 47.9, Z: 50.1 },
      ImuAccData_g: [
        { X: 0.01, Y: -0.02, Z: 0.99 },
        { X: 0.03, Y: 0.01, Z: 1.01 },
      ],
      ImuGyrData_Rad_s: [
        { X: 0.002, Y: -0.001, Z: 0.0005 },
        { X: -0.001, Y: 0.003, Z: 0.001 },
      ],
      ArmSignedMagGainSwitchOn: [
        [0.92, 0.01, -0.02],
        [0.02, 0.94, 0.01],
        [-0.01, 0.03, 0.91],
      ],
      ArmSignedMagGainSwitchOff: null,
      SensorsSignedMag: [
        [
          [0.51, 0.02, 0.01],
          [0.01, 0.49, -0.03],
          [0.02, -0.01, 0.5],
        ],
        [
          [0.48, 0.01, 0.02],
          [-0.02, 0.5, 0.01],
          [0.01, 0.02, 0.52],
        ],
      ],
      AdcMeanInternalAdc_V: [
        { X: 1.65, Y: 1.64, Z: 1.65 },
        { X: 1.66, Y: 1.65, Z: 1.64 },
      ],
      AdcStdDevInternalAdc_V: [
        { X: 0.004, Y: 0.003, Z: 0.004 },
        { X: 0.003, Y: 0.004, Z: 0.005 },
      ],
      AdcMeanExternalAdc_V: { X: 1.65, Y: 1.65, Z: 1.66 },
      AdcStdDevExternalAdc_V: { X: 0.002, Y: 0.002, Z: 0.003 },
      IndexToSmartglovesSensorLoc: ['Hand', 'Thumb'],
    },
  },
  policy: slow(TIMEOUT_MS.selfTest),
  routes: [{ method: 'POST', path: '/v1/devices/{DeviceId}/self-test' }],
});
