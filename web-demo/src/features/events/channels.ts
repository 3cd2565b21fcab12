/** What there is to listen to, as patterns of channels. */
import {
  channelName,
  escapeLevel,
  matches,
  parsePattern,
  PATTERN_HELP,
} from '../../../../src/wire/channel-pattern.js';
import { GATEWAY_CHANNELS as CHANNELS } from '../../../../src/wire/gateway-channels.js';
import { keepJson, recallJson } from '../../lib/kept.js';
import { studioKey } from '../../lib/studio-path.js';

export interface Publisher {
  readonly Publisher: string;
  readonly Topics: readonly string[];
}

export const EVERYTHING: readonly { readonly pattern: string; readonly label: string }[] = [
  { pattern: '*/*', label: 'Everything from the studio' },
  { pattern: 'devices/*/*/*', label: 'Everything from every device' },
  { pattern: 'lights/*/Pycom/*', label: 'Everything from every light array' },
];

export const GATEWAY_CHANNELS: readonly { readonly pattern: string; readonly label: string }[] = [
  { pattern: CHANNELS.upstream, label: 'Connection to the studio' },
  { pattern: CHANNELS.jobs, label: 'Firmware updates' },
  { pattern: CHANNELS.changes, label: 'Changes that somebody made' },
];

const STORAGE_KEY = 'events-channels';
const DEFAULT = ['Logs/*', 'DeviceEvents/*'];

/** As it was left in this tab. */
export function storedSelection(): readonly string[] {
  const kept = recallJson('tab', studioKey(STORAGE_KEY));
  return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : DEFAULT;
}

export function storeSelection(patterns: readonly string[]): void {
  keepJson('tab', studioKey(STORAGE_KEY), patterns);
}

/** `prefix`: empty, or `devices/<DeviceId or *>/`. */
export function patternOf(prefix: string, publisher: string, topic: string | undefined): string {
  return topic === undefined ? `${prefix}${escapeLevel(publisher)}/*` : channelName(publisher, topic, prefix);
}

/** Whether one of the patterns stands for everything that this one stands for. */
export function isCovered(pattern: string, by: readonly string[]): boolean {
  return by.some((each) => each !== pattern && matches(each, pattern));
}

export function isOneOf(channel: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(pattern, channel));
}

/** Without those that others stand for already. */
export function reduced(patterns: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => !isCovered(pattern, patterns));
}

/** The publishers of several devices as one list. */
export function union(lists: readonly (readonly Publisher[])[]): readonly Publisher[] {
  const topics = new Map<string, Set<string>>();
  for (const { Publisher: name, Topics } of lists.flat()) {
    const known = topics.get(name) ?? new Set();
    topics.set(name, known);
    for (const topic of Topics) known.add(topic);
  }
  return [...topics].map(([name, set]) => ({ Publisher: name, Topics: [...set] }));
}

/** Why a text is no pattern; undefined when it is one. */
export function faultOf(pattern: string): string | undefined {
  return parsePattern(pattern) === undefined ? `Write ${PATTERN_HELP}.` : undefined;
}
