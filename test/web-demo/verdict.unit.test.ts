import { describe, expect, test } from 'vitest';
import type { Job } from '../../web-demo/src/lib/job.js';
import { byTrouble, GONE_MS, SIGNAL_MS, statusOf } from '../../web-demo/src/lib/device-status.js';
import { verdict } from '../../web-demo/src/lib/verdict.js';
import type { DeviceFacts } from '../../web-demo/src/lib/device-status.js';

const NOW = 1_800_000_000_000;
const MIN = 60_000;
const CALIBRATES = new Set(['CalibrateStaticPose', 'SetLedBehavior']);

/** A suit with which nothing is wrong. */
function suit(changes: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    id: 1,
    type: 'SmartSuitPro',
    connection: 'UDP',
    updatable: true,
    bootloader: false,
    name: 'Suit',
    firmware: '3.2.8.391',
    side: undefined,
    gloves: undefined,
    emfChannel: 3,
    isDescribed: true,
    commands: CALIBRATES,
    connectedAt: NOW - 60 * MIN,
    lastSeen: NOW,
    calibrated: { at: NOW - 4 * MIN, success: true },
    goneSince: undefined,
    signals: undefined,
    job: undefined,
    ...changes,
  };
}

function glove(changes: Partial<DeviceFacts> = {}): DeviceFacts {
  return suit({
    id: 2,
    type: 'Smartgloves',
    name: 'Left glove',
    side: 'left',
    firmware: '3.2.4.530',
    ...changes,
  });
}

function coil(changes: Partial<DeviceFacts> = {}): DeviceFacts {
  return suit({
    id: 4,
    type: 'CoilPro',
    name: 'Coil',
    firmware: '3.2.5.451',
    commands: new Set(['GetEmfChannel']),
    calibrated: undefined,
    ...changes,
  });
}

function job(changes: Partial<Job> = {}): Job {
  return {
    id: 'j1',
    command: 'UpdateFirmware',
    deviceId: 1,
    state: 'running',
    percent: 34.2,
    error: null,
    code: null,
    startedBy: 'anna',
    startedAt: NOW - MIN,
    endedAt: null,
    ...changes,
  };
}

function signals(times: NonNullable<DeviceFacts['signals']>['times']): DeviceFacts['signals'] {
  return { times, press: undefined, error: undefined };
}

describe('verdict', () => {
  test('a studio in which nothing is wrong is ready to roll', () => {
    expect(verdict([suit(), glove(), coil()], NOW)).toEqual({
      level: 'ok',
      title: 'Ready to roll',
      summary: '3 of 3 devices · all calibrated · EMF channel 3',
      reasons: [],
    });
  });

  test('a studio without devices has no verdict', () => {
    expect(verdict([], NOW)).toMatchObject({ level: 'none', title: 'No devices', reasons: [] });
    expect(verdict(undefined, NOW)).toMatchObject({ level: 'none', title: 'Asking the studio…' });
  });

  test('nothing is called ready before every device was asked; what is red is said at once', () => {
    const unread = glove({ isDescribed: false, commands: undefined, calibrated: undefined });
    expect(verdict([suit(), unread], NOW)).toMatchObject({ level: 'none', title: 'Reading the devices…' });
    expect(verdict([suit({ bootloader: true }), unread], NOW).level).toBe('bad');
    expect(statusOf(unread, NOW)).toEqual({ level: 'none', word: 'Reading…', detail: '' });
  });

  test.each([
    ['page', 'The page was asleep'],
    ['studio', 'Studio offline'],
    ['gateway', 'No connection to the gateway'],
  ] as const)('an outage of the %s is red, whatever the devices were', (where, title) => {
    const link = {
      client: 'open',
      upstream: undefined,
      isConfirmed: true,
      outage: { where, since: NOW },
    } as const;
    expect(verdict([suit()], NOW, link)).toMatchObject({ level: 'bad', title, reasons: [] });
  });

  test('a device that went is red for ten minutes, with the time since', () => {
    const { level, title, reasons } = verdict([suit(), glove({ goneSince: NOW - 42_000 })], NOW);
    expect([level, title]).toEqual(['bad', 'Not ready']);
    expect(reasons).toEqual([
      {
        level: 'bad',
        text: 'Left glove gone for 0:42',
        label: 'Open',
        action: { kind: 'open', deviceId: 2 },
      },
    ]);
    expect(verdict([suit(), glove({ goneSince: NOW - GONE_MS })], NOW)).toMatchObject({
      level: 'ok',
      summary: '1 of 1 device · all calibrated · EMF channel 3',
    });
  });

  test('a running update is red and says how far it is, and nothing else is said of its device', () => {
    const updating = suit({ bootloader: true, calibrated: undefined, job: job() });
    expect(verdict([updating], NOW).reasons).toEqual([
      {
        level: 'bad',
        text: 'Suit is being updated, 34 %',
        label: 'Show',
        action: { kind: 'open', deviceId: 1 },
      },
    ]);
  });

  test('a failed update is red for ten minutes, with its reason', () => {
    const failed = job({ state: 'failed', error: 'the cable is out', endedAt: NOW - MIN });
    expect(verdict([suit({ job: failed })], NOW).reasons).toMatchObject([
      { level: 'bad', text: 'The update of Suit failed: the cable is out', action: { kind: 'firmware' } },
    ]);
    expect(verdict([suit({ job: { ...failed, endedAt: NOW - 10 * MIN } })], NOW).level).toBe('ok');
  });

  test('a device in its bootloader without an update is red', () => {
    expect(verdict([suit({ bootloader: true })], NOW).reasons).toMatchObject([
      { level: 'bad', text: 'Suit is in its bootloader' },
    ]);
  });

  test('a failed calibration is red and offers to calibrate', () => {
    const failed = suit({ calibrated: { at: NOW - MIN, success: false } });
    expect(verdict([failed], NOW).reasons).toMatchObject([
      {
        level: 'bad',
        text: 'The calibration of Suit failed',
        label: 'Calibrate',
        action: { kind: 'calibrate', deviceIds: [1] },
      },
    ]);
  });

  test.each([
    [{ gyr: [NOW - 1000, NOW - 2000, NOW - 3000] }, 'Left glove: gyroscope saturated 3×'],
    [{ emf: [NOW - 1000] }, 'Left glove: EMF saturated'],
    [{ acc: [NOW - 1000], gyr: [NOW - 1000] }, 'Left glove: gyroscope 1× and accelerometer 1× saturated'],
  ])('saturation %j is amber for a minute', (times, text) => {
    expect(verdict([glove({ signals: signals(times) })], NOW)).toMatchObject({
      level: 'warn',
      title: 'Check first',
      reasons: [{ level: 'warn', text }],
    });
    expect(verdict([glove({ signals: signals(times) })], NOW + SIGNAL_MS).level).toBe('ok');
  });

  test('a flip, a coil that was seen and a mapping are no trouble', () => {
    const seen = glove({ signals: signals({ flip: [NOW - 1000], coil: [NOW - 1000], mapped: [NOW] }) });
    expect(verdict([seen], NOW).level).toBe('ok');
  });

  test('an error in the log is amber for a minute and leads to the log', () => {
    const error = { at: NOW - 1000, text: 'Serial read failed' };
    const noisy = glove({ signals: { times: {}, press: undefined, error } });
    expect(verdict([noisy], NOW).reasons).toEqual([
      {
        level: 'warn',
        text: 'Left glove reports an error: Serial read failed',
        label: 'Log',
        action: { kind: 'open', deviceId: 2, anchor: 'activity' },
      },
    ]);
    expect(verdict([noisy], NOW + SIGNAL_MS).level).toBe('ok');
  });

  test('devices that are not calibrated are named together, and only those that can be', () => {
    const open = { calibrated: undefined };
    expect(verdict([suit(open), glove(open), coil()], NOW).reasons).toEqual([
      {
        level: 'warn',
        text: 'Suit and Left glove are not calibrated',
        label: 'Calibrate all',
        action: { kind: 'calibrate', deviceIds: [1, 2] },
      },
    ]);
    expect(verdict([suit({ ...open, commands: undefined })], NOW).level).toBe('ok');
  });

  test('EMF channels that differ are amber and name the odd ones', () => {
    const third = glove({ id: 3, name: 'Right glove' });
    expect(verdict([suit(), glove({ emfChannel: 1 }), third], NOW).reasons).toMatchObject([
      { level: 'warn', text: 'EMF channels differ: Left glove on 1, the rest on 3', action: { deviceId: 2 } },
    ]);
    expect(verdict([glove({ emfChannel: 1 }), coil()], NOW).reasons).toMatchObject([
      { text: 'EMF channels differ: Coil on 3, Left glove on 1' },
    ]);
    expect(verdict([suit(), coil({ emfChannel: undefined })], NOW).level).toBe('ok');
  });

  test('mixed firmware of one type is amber; that of different types is not', () => {
    const other = glove({ id: 3, name: 'Right glove', firmware: '3.2.7.1' });
    expect(verdict([suit(), glove(), other], NOW).reasons).toMatchObject([
      { level: 'warn', text: 'Smartgloves devices run different firmware: 3.2.4.530 and 3.2.7.1' },
    ]);
  });

  test('what is red comes before what is amber', () => {
    const { level, reasons } = verdict(
      [suit({ signals: signals({ emf: [NOW] }) }), glove({ goneSince: NOW - 1000 })],
      NOW,
    );
    expect(level).toBe('bad');
    expect(reasons.map((each) => each.level)).toEqual(['bad', 'warn']);
  });

  test('a name that turns the direction of text does not turn the sentence', () => {
    const { reasons } = verdict([suit({ name: '\u202eABC', bootloader: true })], NOW);
    expect(reasons[0]?.text).toBe('ABC is in its bootloader');
  });
});

describe('statusOf', () => {
  test.each([
    [suit(), { level: 'ok', word: 'Ready', detail: 'Calibrated 4 min ago' }],
    [coil(), { level: 'ok', word: 'Ready', detail: 'EMF channel 3' }],
    [suit({ goneSince: NOW - 42_000 }), { level: 'bad', word: 'Gone for 0:42', detail: '' }],
    [suit({ goneSince: NOW - GONE_MS }), { level: 'todo', word: 'Gone for 10:00', detail: '' }],
    [suit({ job: job() }), { level: 'bad', word: 'Updating 34 %', detail: 'Leave it on and connected' }],
    [
      suit({ job: job({ percent: null }) }),
      { level: 'bad', word: 'Updating', detail: 'Leave it on and connected' },
    ],
    [
      suit({ calibrated: undefined }),
      { level: 'todo', word: 'Not calibrated', detail: 'Not since it connected 1 h ago' },
    ],
    [
      glove({ signals: signals({ gyr: [NOW - 1, NOW - 2] }) }),
      { level: 'warn', word: 'Gyroscope saturated 2×', detail: 'In the last minute' },
    ],
    [
      suit({ signals: signals({ mapped: [NOW] }) }),
      { level: 'ok', word: 'Ready', detail: 'Mapped · Calibrated 4 min ago' },
    ],
    [
      glove({ signals: signals({ emf: [NOW], flip: [NOW - 1000], coil: [NOW] }) }),
      { level: 'warn', word: 'EMF saturated', detail: 'Flip decided, coil detected · In the last minute' },
    ],
    [
      suit({ calibrated: undefined, connectedAt: undefined, signals: signals({ coil: [NOW] }) }),
      { level: 'todo', word: 'Not calibrated', detail: 'Coil detected' },
    ],
    [
      suit({ goneSince: NOW - 42_000, signals: signals({ flip: [NOW - 50_000] }) }),
      { level: 'bad', word: 'Gone for 0:42', detail: '' },
    ],
    [
      suit({ signals: signals({ flip: [NOW - SIGNAL_MS] }) }),
      { level: 'ok', word: 'Ready', detail: 'Calibrated 4 min ago' },
    ],
  ])('case %#', (device, status) => {
    expect(statusOf(device, NOW)).toEqual(status);
  });
});

test('devices in trouble are sorted first, the rest by number', () => {
  const sorted = byTrouble(
    [suit(), glove(), glove({ id: 3, signals: signals({ acc: [NOW] }) }), coil({ goneSince: NOW })],
    NOW,
  );
  expect(sorted.map(({ id }) => id)).toEqual([4, 3, 1, 2]);
  expect(byTrouble(sorted, NOW, true).map(({ id }) => id)).toEqual([4, 1, 2, 3]);
});
