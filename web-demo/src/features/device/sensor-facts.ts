/** What is known of each sensor of a device: by its self test, and by the firmware of its sensors. Pure. */
import type { SensorState } from '../../lib/sensor-state.js';
import { versionText } from '../../lib/device-description.js';
import type { SensorJudgement } from './self-test-verdict.js';

/** As far as it is used of an answer to `ReadSensorFwInfo`. */
export interface SensorFirmware {
  readonly Addr: number;
  readonly FwVersion: Parameters<typeof versionText>[0];
  readonly ValidCalib: boolean;
  readonly BootStatusStr: string;
  readonly InBootloader: boolean;
}

export interface SensorFact {
  readonly place: string;
  readonly state: SensorState;
  readonly text: string;
}

const RANKS: Readonly<Record<SensorState, number>> = { bad: 0, warn: 1, ok: 2 };

/**
 * The self test names places, and the firmware has addresses: they are the same sensors in the same order when there
 * are as many.
 */
export function sensorFacts(
  tested: readonly SensorJudgement[],
  firmware: readonly SensorFirmware[] | undefined,
): readonly SensorFact[] {
  const byAddress = [...(firmware ?? [])].sort((a, b) => a.Addr - b.Addr);
  const isSame = byAddress.length === tested.length;
  return tested.map(({ place, state, g, turn }, index) => {
    const sensor = isSame ? byAddress[index] : undefined;
    const ofFirmware = sensor === undefined ? 'ok' : stateOf(sensor);
    const parts = [
      ...(g === undefined ? [] : [`${g.toFixed(2)} g`]),
      ...(turn === undefined ? [] : [`turns ${turn.toFixed(2)} rad/s`]),
      ...(sensor === undefined ? [] : textsOf(sensor)),
    ];
    return {
      place,
      state: RANKS[ofFirmware] < RANKS[state] ? ofFirmware : state,
      text: `${place}: ${parts.join(', ')}`,
    };
  });
}

function stateOf({ ValidCalib, InBootloader, BootStatusStr }: SensorFirmware): SensorState {
  if (InBootloader || !/^ok$/i.test(BootStatusStr)) return 'bad';
  return ValidCalib ? 'ok' : 'warn';
}

function textsOf({ FwVersion, ValidCalib, InBootloader, BootStatusStr }: SensorFirmware): readonly string[] {
  return [
    `firmware ${versionText(FwVersion)}`,
    ValidCalib ? 'calibration valid' : 'calibration not valid',
    ...(InBootloader ? ['in its bootloader'] : []),
    ...(/^ok$/i.test(BootStatusStr) ? [] : [`boot status ${BootStatusStr}`]),
  ];
}
