/** How a device is, in a word: what its card says. Pure: the same facts, the same answer. */
import type { DeviceCard } from './device-store.js';
import type { Job } from './job.js';
import type { SignalKind, Signals } from './signal-store.js';
import { agoText, counterText } from './times.js';

/** From "nothing to see" to "stop". `none`: not known yet. `todo`: works, and something should be done first. */
export type Level = 'none' | 'ok' | 'todo' | 'warn' | 'bad';

/** A device, its signals, and its newest update. */
export interface DeviceFacts extends DeviceCard {
  readonly signals: Signals | undefined;
  readonly job: Job | undefined;
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

/** Passing news that is neither good nor bad. */
const NEWS: readonly (readonly [SignalKind, string])[] = [
  ['flip', 'flip decided'],
  ['coil', 'coil detected'],
  ['mapped', 'mapped'],
];

/** What the card of a device says: the worst that there is to say, and below it what the device told of late. */
export function statusOf(device: DeviceFacts, now: number): DeviceStatus {
  const status = worstOf(device, now);
  const counts = isThere(device) ? recentSignals(device, now) : new Map<SignalKind, number>();
  const news = NEWS.filter(([kind]) => counts.has(kind)).map(([, phrase]) => phrase);
  if (news.length === 0) return status;
  const detail = [sentence(news.join(', ')), status.detail].filter((part) => part !== '').join(' · ');
  return { ...status, detail };
}

function worstOf(device: DeviceFacts, now: number): DeviceStatus {
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
    return { level: 'warn', word: sentence(saturated), detail: 'In the last minute' };
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

export function isUnread(device: DeviceCard): boolean {
  return !device.isDescribed && isThere(device);
}

/** Gone so long that nobody waits for it. */
export function isForgotten({ goneSince }: DeviceCard, now: number): boolean {
  return goneSince !== undefined && now - goneSince >= GONE_MS;
}

export function needsCalibration(device: DeviceFacts): boolean {
  const { calibrated, commands, job } = device;
  const canCalibrate = commands?.has('CalibrateStaticPose') === true;
  return canCalibrate && isThere(device) && job?.state !== 'running' && calibrated === undefined;
}

export function hasFailedOf(job: Job | undefined, now: number): job is Job {
  return job?.state === 'failed' && now - (job.endedAt ?? job.startedAt) < FAILED_MS;
}

/** `gyroscope saturated 3×`, `EMF 2× and gyroscope 1× saturated` */
export function saturationText(device: DeviceFacts, now: number): string | undefined {
  const counts = recentSignals(device, now);
  const found = SATURATIONS.flatMap(([kind, name]) => {
    const count = counts.get(kind);
    return count === undefined ? [] : [{ name, count }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  if (found.length === 1) return `${first.name} saturated${first.count > 1 ? ` ${first.count}×` : ''}`;
  return `${listText(found.map(({ name, count }) => `${name} ${count}×`))} saturated`;
}

export function recentError({ signals }: DeviceFacts, now: number): string | undefined {
  const error = signals?.error;
  return error !== undefined && now - error.at < SIGNAL_MS ? error.text : undefined;
}

function readyDetail({ calibrated, emfChannel }: DeviceFacts, now: number): string {
  if (calibrated !== undefined) return `Calibrated ${agoText(now - calibrated.at)}`;
  return emfChannel === undefined ? '' : `EMF channel ${emfChannel}`;
}

function sentence(text: string): string {
  return `${text[0]?.toUpperCase()}${text.slice(1)}`;
}

/** Bound of the names in a sentence. */
const MAX_NAMED = 4;

export function listText(all: readonly string[]): string {
  const rest = all.length - MAX_NAMED;
  if (rest > 0) return `${all.slice(0, MAX_NAMED).join(', ')} and ${rest} more`;
  const [last, ...before] = [...all].reverse();
  return before.length === 0 ? (last ?? '') : `${before.reverse().join(', ')} and ${last}`;
}
