import { describe, expect, test } from 'vitest';
import { alarmsBetween } from '../../web-demo/src/features/shell/alarms.js';
import type { Moment } from '../../web-demo/src/features/shell/alarms.js';

type Device = Moment['devices'][number];
type Job = Moment['jobs'][number];

const device = (id: number, goneSince?: number): Device => ({
  id,
  type: 'Smartgloves',
  connection: 'UDP',
  updatable: true,
  bootloader: false,
  name: `Glove ${id}`,
  firmware: undefined,
  side: undefined,
  gloves: undefined,
  emfChannel: undefined,
  isDescribed: true,
  commands: undefined,
  connectedAt: undefined,
  lastSeen: undefined,
  calibrated: undefined,
  goneSince,
});
const job = (state: Job['state'], deviceId = 1): Job => ({
  id: `job of ${deviceId}`,
  command: 'UpdateFirmware',
  deviceId,
  state,
  percent: null,
  error: null,
  code: null,
  startedBy: 'desk',
  startedAt: 1,
  endedAt: null,
});

describe('an alarm', () => {
  const both = [device(1), device(2)];

  test('tells of each device that went away, once', () => {
    const after = { devices: [device(1, 5), device(2)], jobs: [] };
    expect(alarmsBetween({ devices: both, jobs: [] }, after)).toEqual([
      { sound: 'lost', text: 'Glove 1 is gone' },
    ]);
    expect(alarmsBetween(after, after)).toEqual([]);
  });

  test('does not tell of a device that was gone before the page knew it, nor of one that restarts for its update', () => {
    expect(alarmsBetween({ devices: [], jobs: [] }, { devices: [device(1, 5)], jobs: [] })).toEqual([]);
    const updating = { devices: [device(1, 5), device(2)], jobs: [job('running')] };
    expect(alarmsBetween({ devices: both, jobs: [job('running')] }, updating)).toEqual([]);
  });

  test('tells how an update ended that was seen running', () => {
    const before = { devices: both, jobs: [job('running')] };
    expect(alarmsBetween(before, { devices: both, jobs: [job('done')] })).toEqual([
      { sound: 'done', text: 'The update of Glove 1 is done' },
    ]);
    expect(alarmsBetween(before, { devices: both, jobs: [job('failed')] })).toEqual([
      { sound: 'lost', text: 'The update of Glove 1 failed' },
    ]);
    expect(alarmsBetween({ devices: both, jobs: [] }, { devices: both, jobs: [job('done')] })).toEqual([]);
  });
});
