import { describe, expect, test } from 'vitest';
import { sensorFacts } from '../../web-demo/src/features/device/sensor-facts.js';

const TESTED = [
  { place: 'Thumb', state: 'ok', g: 1, turn: 0.01 },
  { place: 'Index', state: 'warn', g: 1.2, turn: undefined },
] as const;
const GOOD = {
  FwVersion: { Major: 1, Minor: 4 },
  ValidCalib: true,
  BootStatusStr: 'Ok',
  InBootloader: false,
};

describe('what is known of a sensor', () => {
  test('the self test alone', () => {
    expect(sensorFacts(TESTED, undefined)).toEqual([
      { place: 'Thumb', state: 'ok', text: 'Thumb: 1.00 g, turns 0.01 rad/s' },
      { place: 'Index', state: 'warn', text: 'Index: 1.20 g' },
    ]);
  });

  test('with the firmware of as many sensors, by address, and the worse of both states', () => {
    const firmware = [
      { ...GOOD, Addr: 2, InBootloader: true, BootStatusStr: 'Failed' },
      { ...GOOD, Addr: 1, ValidCalib: false },
    ];
    expect(sensorFacts(TESTED, firmware)).toEqual([
      {
        place: 'Thumb',
        state: 'warn',
        text: 'Thumb: 1.00 g, turns 0.01 rad/s, firmware 1.4, calibration not valid',
      },
      {
        place: 'Index',
        state: 'bad',
        text: 'Index: 1.20 g, firmware 1.4, calibration valid, in its bootloader, boot status Failed',
      },
    ]);
  });

  test('another number of sensors cannot be matched', () => {
    expect(sensorFacts(TESTED, [{ ...GOOD, Addr: 1, ValidCalib: false }])[0]?.state).toBe('ok');
  });
});
