/** "Can we roll?": what keeps a take from being good, and what to do about it. Pure: the same facts, the same answer. */
import {
  hasFailedOf,
  isForgotten,
  isThere,
  isUnread,
  listText,
  needsCalibration,
  recentError,
  saturationText,
} from './device-status.js';
import type { DeviceFacts } from './device-status.js';
import { deviceTitle } from './device-title.js';
import type { Job } from './job.js';
import type { Link, Outage } from './link-store.js';
import { isLive } from './link-store.js';
import { counterText } from './times.js';

export type Action =
  | { readonly kind: 'open'; readonly deviceId: number; readonly anchor?: string }
  | { readonly kind: 'calibrate'; readonly deviceIds: readonly number[] }
  | { readonly kind: 'firmware' };

export interface Reason {
  readonly level: 'warn' | 'bad';
  readonly text: string;
  /** Label of the button, and what it does. */
  readonly label: string;
  readonly action: Action;
}

export interface Verdict {
  readonly level: 'ok' | 'warn' | 'bad' | 'none';
  readonly title: string;
  /** What is well, when nothing else is to be said. */
  readonly summary: string;
  /** The worst first. */
  readonly reasons: readonly Reason[];
}

type LinkState = Pick<Link, 'client' | 'upstream' | 'isConfirmed' | 'outage'>;

/** `devices`: undefined until the studio has listed them. */
export function verdict(devices: readonly DeviceFacts[] | undefined, now: number, link?: LinkState): Verdict {
  if (link !== undefined && !isLive(link)) return offlineVerdict(link.outage);
  if (devices === undefined) return { level: 'none', title: 'Asking the studio…', summary: '', reasons: [] };
  const expected = devices.filter((device) => !isForgotten(device, now));
  if (expected.length === 0) return NO_DEVICES;
  const reasons = [
    ...expected.flatMap((device) => deviceReasons(device, now)),
    ...calibrationReasons(expected),
    ...channelReasons(expected),
    ...firmwareReasons(expected),
  ];
  const bad = reasons.filter(({ level }) => level === 'bad');
  const warnings = reasons.filter(({ level }) => level === 'warn');
  const summary = summaryOf(expected);
  if (bad.length > 0) return { level: 'bad', title: 'Not ready', summary, reasons: [...bad, ...warnings] };
  // Nothing is called ready before every device was asked.
  if (expected.some(isUnread)) return READING;
  if (warnings.length > 0) return { level: 'warn', title: 'Check first', summary, reasons: warnings };
  return { level: 'ok', title: 'Ready to roll', summary, reasons: [] };
}

const NO_DEVICES: Verdict = {
  level: 'none',
  title: 'No devices',
  summary: 'No device is connected. One that connects to the studio appears here by itself.',
  reasons: [],
};

/** As the top bar names them. */
export const OUTAGES: Readonly<Record<Outage['where'], string>> = {
  page: 'The page was asleep',
  gateway: 'No connection to the gateway',
  studio: 'Studio offline',
};

const READING: Verdict = { level: 'none', title: 'Reading the devices…', summary: '', reasons: [] };

function offlineVerdict(outage: Outage | undefined): Verdict {
  if (outage === undefined) return { level: 'none', title: 'Connecting…', summary: '', reasons: [] };
  const title = OUTAGES[outage.where];
  return { level: 'bad', title, summary: 'What you see is how things stood before.', reasons: [] };
}

/** What is wrong with one device. */
function deviceReasons(device: DeviceFacts, now: number): Reason[] {
  const { id, goneSince, job, bootloader, calibrated } = device;
  const name = deviceTitle(device);
  const open = { label: 'Open', action: { kind: 'open', deviceId: id } } as const;
  if (job?.state === 'running') {
    const text = `${name} is being updated${percentText(job)}`;
    return [{ level: 'bad', text, label: 'Show', action: { kind: 'open', deviceId: id } }];
  }
  if (goneSince !== undefined) {
    return [{ level: 'bad', text: `${name} gone for ${counterText(now - goneSince)}`, ...open }];
  }
  const reasons: Reason[] = [];
  if (hasFailedOf(job, now)) {
    const text = `The update of ${name} failed: ${job.error ?? 'no reason was told'}`;
    reasons.push({ level: 'bad', text, label: 'Firmware', action: { kind: 'firmware' } });
  }
  if (bootloader) reasons.push({ level: 'bad', text: `${name} is in its bootloader`, ...open });
  if (calibrated?.success === false) {
    const action = { kind: 'calibrate', deviceIds: [id] } as const;
    reasons.push({ level: 'bad', text: `The calibration of ${name} failed`, label: 'Calibrate', action });
  }
  const saturated = saturationText(device, now);
  if (saturated !== undefined) reasons.push({ level: 'warn', text: `${name}: ${saturated}`, ...open });
  const error = recentError(device, now);
  if (error !== undefined) {
    const action = { kind: 'open', deviceId: id, anchor: 'activity' } as const;
    reasons.push({ level: 'warn', text: `${name} reports an error: ${error}`, label: 'Log', action });
  }
  return reasons;
}

/** Of all devices that can be calibrated and were not, in one sentence. */
function calibrationReasons(devices: readonly DeviceFacts[]): Reason[] {
  const open = devices.filter(needsCalibration);
  if (open.length === 0) return [];
  const names = listText(open.map(deviceTitle));
  const verb = open.length === 1 ? 'is' : 'are';
  return [
    {
      level: 'warn',
      text: `${names} ${verb} not calibrated`,
      label: open.length === 1 ? 'Calibrate' : 'Calibrate all',
      action: { kind: 'calibrate', deviceIds: open.map(({ id }) => id) },
    },
  ];
}

/** Devices that work together use one EMF channel. */
function channelReasons(devices: readonly DeviceFacts[]): Reason[] {
  const channels = grouped(devices.filter(isThere), ({ emfChannel }) => emfChannel);
  if (channels.size < 2) return [];
  const usual = [...channels.values()].reduce((most, each) => (each.length > most.length ? each : most));
  const others = [...channels].filter(([, each]) => each !== usual);
  const [first] = others.flatMap(([, each]) => each);
  const rest = usual.length > 1 ? 'the rest' : listText(usual.map(deviceTitle));
  const parts = others.map(([channel, each]) => `${listText(each.map(deviceTitle))} on ${channel}`);
  const text = `EMF channels differ: ${parts.join(', ')}, ${rest} on ${usual[0]?.emfChannel ?? '–'}`;
  const action = { kind: 'open', deviceId: first?.id ?? 0, anchor: 'setup' } as const;
  return [{ level: 'warn', text, label: 'Open', action }];
}

/** Devices of one type that run different firmware. */
function firmwareReasons(devices: readonly DeviceFacts[]): Reason[] {
  return [...grouped(devices.filter(isThere), ({ type }) => type)].flatMap(([type, each]): Reason[] => {
    const versions = [...grouped(each, ({ firmware }) => firmware).keys()].sort();
    if (versions.length < 2) return [];
    const text = `${type} devices run different firmware: ${listText(versions)}`;
    return [{ level: 'warn', text, label: 'Firmware', action: { kind: 'firmware' } }];
  });
}

function summaryOf(devices: readonly DeviceFacts[]): string {
  const there = devices.filter(isThere);
  const count = `${there.length} of ${devices.length} ${devices.length === 1 ? 'device' : 'devices'}`;
  const able = there.filter(({ commands }) => commands?.has('CalibrateStaticPose') === true);
  const isCalibrated = able.length > 0 && able.every(({ calibrated }) => calibrated?.success === true);
  const channels = new Set(there.flatMap(({ emfChannel }) => emfChannel ?? []));
  const [channel] = channels;
  return [
    count,
    ...(isCalibrated ? ['all calibrated'] : []),
    ...(channels.size === 1 ? [`EMF channel ${channel}`] : []),
  ].join(' · ');
}

function percentText({ percent }: Job): string {
  return percent === null ? '' : `, ${Math.round(percent)} %`;
}

/** Items whose key is undefined are left out. */
function grouped<T, K>(items: readonly T[], keyOf: (item: T) => K | undefined): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
}
