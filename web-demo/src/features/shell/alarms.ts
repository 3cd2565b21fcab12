/** What is worth a sound: the difference between two moments. Pure. */
import type { Sound } from '../../lib/chime.js';
import type { DeviceCard } from '../../lib/device-store.js';
import { deviceTitle, titleOf } from '../../lib/device-title.js';
import type { Job } from '../../lib/job.js';

export interface Moment {
  readonly devices: readonly DeviceCard[];
  readonly jobs: readonly Job[];
}

export interface Alarm {
  readonly sound: Sound;
  readonly text: string;
}

/** Devices that went away, and updates that ended. A device that restarts for its update is not lost. */
export function alarmsBetween(before: Moment, after: Moment): readonly Alarm[] {
  const updating = new Set(
    after.jobs.flatMap(({ state, deviceId }) => (state === 'running' ? (deviceId ?? []) : [])),
  );
  const lost = after.devices.filter(
    ({ id, goneSince }) =>
      goneSince !== undefined &&
      !updating.has(id) &&
      before.devices.some((each) => each.id === id && each.goneSince === undefined),
  );
  const ended = after.jobs.filter(
    ({ id, state }) =>
      state !== 'running' && before.jobs.some((each) => each.id === id && each.state === 'running'),
  );
  return [
    ...lost.map((device): Alarm => ({ sound: 'lost', text: `${deviceTitle(device)} is gone` })),
    ...ended.map(({ state, deviceId }): Alarm => {
      const title = titleOf(deviceId, after.devices);
      return state === 'done'
        ? { sound: 'done', text: `The update of ${title} is done` }
        : { sound: 'lost', text: `The update of ${title} failed` };
    }),
  ];
}
