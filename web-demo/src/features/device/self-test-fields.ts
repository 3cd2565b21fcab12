/** The answer of a self test, classified by shape: newer devices may measure more than this page knows. */

export interface Vector {
  readonly X: number;
  readonly Y: number;
  readonly Z: number;
}
export type Matrix = readonly (readonly number[])[];

/** One kind of measurement: of the whole device, or one value per sensor. */
export interface Measurement {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  /** The largest absolute number: the scale of all drawings of this measurement. */
  readonly scale: number;
  readonly parts: readonly Part[];
}

export interface Part {
  /** Location of the sensor, or the title of the measurement for the whole device. */
  readonly label: string;
  readonly value: Vector | Matrix;
}

const TITLES: Readonly<Record<string, readonly [string, string]>> = {
  HubMagnetometerData_Gauss: ['Magnetometer of the hub', 'G'],
  AmpCtrlSignal_Percent: ['Control signal of the amplifiers', '%'],
  ImuAccData_g: ['Acceleration', 'g'],
  ImuGyrData_Rad_s: ['Rate of turn', 'rad/s'],
  ArmSignedMagGainSwitchOn: ['Signed magnitudes of the arm, gain switch on', ''],
  ArmSignedMagGainSwitchOff: ['Signed magnitudes of the arm, gain switch off', ''],
  SensorsSignedMag: ['Signed magnitudes', ''],
  AdcMeanInternalAdc_V: ['Internal converter, mean', 'V'],
  AdcStdDevInternalAdc_V: ['Internal converter, standard deviation', 'V'],
  AdcMeanExternalAdc_V: ['External converter, mean', 'V'],
  AdcStdDevExternalAdc_V: ['External converter, standard deviation', 'V'],
};

/** The measurements of the whole device and those of its sensors. */
export function measurements(answer: Readonly<Record<string, unknown>>): {
  readonly ofDevice: readonly Measurement[];
  readonly ofSensors: readonly Measurement[];
} {
  const places = stringsOf(answer['IndexToSmartglovesSensorLoc']);
  const all = Object.entries(answer).flatMap(([key, value]) => {
    const [title, unit] = TITLES[key] ?? [key, ''];
    if (isVector(value) || isMatrix(value)) {
      return [
        {
          isSensors: false,
          ...measured(key, title, unit, [{ label: unit === '' ? title : `${title} (${unit})`, value }]),
        },
      ];
    }
    if (!Array.isArray(value)) return [];
    const items: readonly unknown[] = value;
    const parts = items.flatMap((each, index): Part[] =>
      isVector(each) || isMatrix(each)
        ? [{ label: places[index] ?? `Sensor ${index + 1}`, value: each }]
        : [],
    );
    return parts.length === 0 ? [] : [{ isSensors: true, ...measured(key, title, unit, parts) }];
  });
  return {
    ofDevice: all.filter(({ isSensors }) => !isSensors),
    ofSensors: all.filter(({ isSensors }) => isSensors),
  };
}

function measured(key: string, title: string, unit: string, parts: readonly Part[]): Measurement {
  const scale = Math.max(...parts.flatMap(({ value }) => numbersOf(value)).map(Math.abs));
  return { key, title, unit, scale: scale > 0 ? scale : 1, parts };
}

export function numbersOf(value: Vector | Matrix): number[] {
  return isVector(value) ? [value.X, value.Y, value.Z] : value.flat();
}

export function isVector(value: unknown): value is Vector {
  if (typeof value !== 'object' || value === null) return false;
  return ['X', 'Y', 'Z'].every((axis) => axis in value && typeof Reflect.get(value, axis) === 'number');
}

function isMatrix(value: unknown): value is Matrix {
  const isRow = (row: unknown): boolean =>
    Array.isArray(row) && row.length === 3 && row.every((each) => typeof each === 'number');
  return Array.isArray(value) && value.length === 3 && value.every(isRow);
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** Enough digits to compare sensors, the same for all of one scale; with a typographic minus. */
export function figure(value: number, scale: number): string {
  const digits = scale >= 1000 ? 0 : scale >= 10 ? 1 : scale >= 0.1 ? 2 : scale >= 0.01 ? 3 : 4;
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}
