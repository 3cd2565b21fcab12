/** "Can we roll?": what keeps a take from being good, and what to do about it. Pure: the same facts, the same answer. */
import type { DeviceCard } from './device-store.js';
import { deviceTitle } from './device-title.js';
import type { Job } from './job.js';
import type { Link, Outage } from './link-store.js';
import { isLive } from './link-store.js';
import type { SignalKind, Signals } from './signal-store.js';
import { agoText, counterText } from './times.js';

/** From "nothing to see" to "stop". `none`: not known yet. `todo`: works, and something should be done first. */
export type Level = 'none' | 'ok' | 'todo' | 'warn' | 'bad';

/** A device, its signals, and its newest update. */
export interface DeviceFacts extends DeviceCard {
  readonly signals: Signals | undefined;
  readonly job: Job | undefined;
}

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

/** What a card says. */
export interface DeviceStatus {
  readonly level: Level;
  readonly word: string;
  readonly detail: string;
}

/** A device that has been gone longer is no longer expected. */
export const GONE_MS = 10 * 60_000;
/** How long a saturation, an error or a flip counts. */
export const SIGNAL_MS = 60_000;
/** How long a failed update counts. */
const FAILED_MS = 10 * 60_000;

const SATURATIONS: readonly (readonly [SignalKind, string])[] = [
  ['emf', 'EMF'],
  ['gyr', 'gyroscope'],
  ['acc', 'accelerometer'],
];

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

/** What the card of a device says: the worst that there is to say. */
export function statusOf(device: DeviceFacts, now: number): DeviceStatus {
  const { goneSince, job, bootloader, calibrated, connectedAt } = device;
  if (job?.state === 'running') {
    const percent = job.percent === null ? '' : ` ${Math.round(job.percent)} %`;
    return { level: 'bad', word: `Updating${percent}`, detail: 'Leave it on and connected' };
  }
  if (goneSince !== undefined) {
    const level = isForgotten(device, now) ? 'todo' : 'bad';
    return { level, word: `Gone for ${counterText(now - goneSince)}`, detail: '' };
  }
  if (hasFailedOf(job, now)) return { level: 'bad', word: 'Update failed', detail: job.error ?? '' };
  if (bootloader) return { level: 'bad', word: 'In bootloader', detail: 'It does not stream' };
  if (calibrated?.success === false) {
    return { level: 'bad', word: 'Calibration failed', detail: agoText(now - calibrated.at) };
  }
  const saturated = saturationText(device, now);
  if (saturated !== undefined) {
    return {
      level: 'warn',
      word: `${saturated[0]?.toUpperCase()}${saturated.slice(1)}`,
      detail: 'In the last minute',
    };
  }
  const error = recentError(device, now);
  if (error !== undefined) return { level: 'warn', word: 'Error in its log', detail: error };
  if (isUnread(device)) return { level: 'none', word: 'Reading…', detail: '' };
  if (needsCalibration(device)) {
    const detail = connectedAt === undefined ? '' : `Not since it connected ${agoText(now - connectedAt)}`;
    return { level: 'todo', word: 'Not calibrated', detail };
  }
  return { level: 'ok', word: 'Ready', detail: readyDetail(device, now) };
}

const RANKS: Readonly<Record<Level, number>> = { bad: 0, warn: 1, todo: 2, none: 3, ok: 3 };

/** Those in trouble first, then by number. `isCalm`: only what is red moves; what passes by itself stays in place. */
export function byTrouble(devices: readonly DeviceFacts[], now: number, isCalm = false): DeviceFacts[] {
  const rank = (device: DeviceFacts): number => {
    const { level } = statusOf(device, now);
    return isCalm && level !== 'bad' ? RANKS.ok : RANKS[level];
  };
  return [...devices].sort((a, b) => rank(a) - rank(b) || a.id - b.id);
}

/** How often each kind was reported in the last minute; kinds that were not are left out. */
export function recentSignals({ signals }: DeviceFacts, now: number): ReadonlyMap<SignalKind, number> {
  const counts = Object.entries(signals?.times ?? {}).map(
    ([kind, times]) => [kind, times.filter((at) => now - at < SIGNAL_MS).length] as const,
  );
  const isKind = (entry: readonly [string, number]): entry is readonly [SignalKind, number] => entry[1] > 0;
  return new Map(counts.filter(isKind));
}

export function isThere({ goneSince, bootloader }: DeviceCard): boolean {
  return goneSince === undefined && !bootloader;
}

function isUnread(device: DeviceCard): boolean {
  return !device.isDescribed && isThere(device);
}

/** Gone so long that nobody waits for it. */
function isForgotten({ goneSince }: DeviceCard, now: number): boolean {
  return goneSince !== undefined && now - goneSince >= GONE_MS;
}

function needsCalibration(device: DeviceFacts): boolean {
  const { calibrated, commands, job } = device;
  const canCalibrate = commands?.has('CalibrateStaticPose') === true;
  return canCalibrate && isThere(device) && job?.state !== 'running' && calibrated === undefined;
}

function hasFailedOf(job: Job | undefined, now: number): job is Job {
  return job?.state === 'failed' && now - (job.endedAt ?? job.startedAt) < FAILED_MS;
}

/** `gyroscope saturated 3×` */
function saturationText(device: DeviceFacts, now: number): string | undefined {
  const counts = recentSignals(device, now);
  const found = SATURATIONS.filter(([kind]) => counts.has(kind));
  if (found.length === 0) return undefined;
  const total = found.reduce((sum, [kind]) => sum + (counts.get(kind) ?? 0), 0);
  return `${listText(found.map(([, name]) => name))} saturated${total > 1 ? ` ${total}×` : ''}`;
}

function recentError({ signals }: DeviceFacts, now: number): string | undefined {
  const error = signals?.error;
  return error !== undefined && now - error.at < SIGNAL_MS ? error.text : undefined;
}

function readyDetail(device: DeviceFacts, now: number): string {
  const { calibrated, emfChannel } = device;
  const counts = recentSignals(device, now);
  if (counts.has('flip')) return 'Flip decided';
  if (counts.has('coil')) return 'Coil detected';
  if (calibrated !== undefined) return `Calibrated ${agoText(now - calibrated.at)}`;
  return emfChannel === undefined ? '' : `EMF channel ${emfChannel}`;
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

/** Bound of the names in a sentence. */
const MAX_NAMED = 4;

function listText(all: readonly string[]): string {
  const rest = all.length - MAX_NAMED;
  if (rest > 0) return `${all.slice(0, MAX_NAMED).join(', ')} and ${rest} more`;
  const [last, ...before] = [...all].reverse();
  return before.length === 0 ? (last ?? '') : `${before.reverse().join(', ')} and ${last}`;
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
