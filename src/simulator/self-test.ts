/** Self-test results: the sensors' values while the device does not move. */
import type { ResponseOf } from '../catalog/index.js';
import type { DeviceType } from './device.js';
import type { Random } from './random.js';
import type { Vector } from './values.js';
import { matrix, vector } from './values.js';

const SUIT = [
  'Hub',
  'Hip',
  'Spine',
  'Chest',
  'Neck',
  'Head',
  'LeftShoulder',
  'LeftUpperArm',
  'LeftForearm',
  'LeftHand',
  'RightShoulder',
  'RightUpperArm',
  'RightForearm',
  'RightHand',
  'LeftThigh',
  'LeftShin',
  'LeftFoot',
  'RightThigh',
  'RightShin',
  'RightFoot',
];
const GLOVE = ['Hand', 'Wrist', 'Thumb', 'Index', 'Middle', 'Ring', 'Little'];
const COIL = ['Coil'];

const LOCATIONS = { SmartSuitPro: SUIT, Smartgloves: GLOVE, CoilPro: COIL } as const;

const NOTHING: Vector = { X: 0, Y: 0, Z: 0 };

export function sensorLocations(type: DeviceType): readonly string[] {
  return LOCATIONS[type];
}

/** 1 g on Z, almost no rotation, half the supply voltage at the converters. */
export function selfTest(random: Random, type: DeviceType): ResponseOf<'RunSelfTest'> {
  const locations = sensorLocations(type);
  const each = (middle: Vector, spread: number): Vector[] =>
    locations.map(() => vector(random, middle, spread));
  return {
    HubMagnetometerData_Gauss: vector(random, { X: 0.18, Y: -0.05, Z: 0.44 }, 0.02),
    ImuAccData_g: each({ X: 0, Y: 0, Z: 1 }, 0.02),
    ImuGyrData_Rad_s: each(NOTHING, 0.01),
    SensorsSignedMag: locations.map(() => matrix(random, 0.5)),
    AdcMeanInternalAdc_V: each({ X: 1.65, Y: 1.65, Z: 1.65 }, 0.02),
    AdcStdDevInternalAdc_V: each({ X: 0.004, Y: 0.004, Z: 0.004 }, 0.001),
    ...(type === 'SmartSuitPro' ? {} : fieldMeasurements(random)),
    IndexToSmartglovesSensorLoc: [...locations],
  };
}

/** Only devices that send or measure an electromagnetic field have these. */
function fieldMeasurements(random: Random): Partial<ResponseOf<'RunSelfTest'>> {
  return {
    AmpCtrlSignal_Percent: vector(random, { X: 50, Y: 50, Z: 50 }, 3),
    ArmSignedMagGainSwitchOn: matrix(random, 0.9),
    ArmSignedMagGainSwitchOff: matrix(random, 0.1),
    AdcMeanExternalAdc_V: vector(random, { X: 1.65, Y: 1.65, Z: 1.65 }, 0.02),
    AdcStdDevExternalAdc_V: vector(random, { X: 0.002, Y: 0.002, Z: 0.002 }, 0.001),
  };
}
