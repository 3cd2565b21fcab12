/**
 * Names of channels. `Publisher/Topic`, or `devices/<DeviceId>/Publisher/Topic` for what belongs to a device.
 * A pattern is a name in which `*` may stand for one whole level. Names whose first level starts with `$` are
 * the gateway's own and are matched by no wildcard in that place.
 */
import type { EventStream } from '../upstreams/source.js';

const DEVICES = 'devices';
/** Characters; longer names are nobody's. */
export const MAX_NAME_LENGTH = 512;

/** Channels of the gateway's own that tell how something stands now: nobody comes back to a place in them. */
const STATES: ReadonlySet<string> = new Set(['$gateway/upstream', '$gateway/lease']);

export function tellsState(channel: string): boolean {
  return STATES.has(channel);
}

/** A pattern that has been understood. Equal texts are equal patterns. */
export interface ChannelPattern {
  readonly text: string;
  readonly levels: readonly string[];
  readonly isWildcard: boolean;
}

/** undefined when the text is no name and no pattern. */
export function parsePattern(text: string): ChannelPattern | undefined {
  if (text.length > MAX_NAME_LENGTH) return undefined;
  const levels = text.split('/');
  if (levels.some((level) => level === '')) return undefined;
  const isDevice = levels.length === 4 && isOneOf(levels[0], DEVICES) && isDeviceLevel(levels[1]);
  if (levels.length !== 2 && !isDevice) return undefined;
  if (!levels.every(isSpelled)) return undefined;
  return { text, levels, isWildcard: levels.includes('*') };
}

export function matches({ levels }: ChannelPattern, channel: string): boolean {
  const names = channel.split('/');
  if (names.length !== levels.length) return false;
  return levels.every((level, i) => {
    const name = names[i] ?? '';
    return level === name || (level === '*' && !(i === 0 && name.startsWith('$')));
  });
}

export function channelOf({ publisher, topic, deviceId }: EventStream): string {
  const name = `${escape(publisher)}/${escape(topic)}`;
  return deviceId === undefined ? name : `${DEVICES}/${deviceId}/${name}`;
}

/** The stream behind a channel's name; undefined for patterns and for the gateway's own channels. */
export function streamOf({ levels, isWildcard }: ChannelPattern): EventStream | undefined {
  if (isWildcard || levels[0]?.startsWith('$')) return undefined;
  const [topic = '', publisher = ''] = levels.toReversed().map((level) => unescape(level));
  return levels.length === 4 ? { publisher, topic, deviceId: Number(levels[1]) } : { publisher, topic };
}

function isOneOf(level: string | undefined, name: string): boolean {
  return level === name || level === '*';
}

/** As the studio would write the number: `01` and `1` must not be two channels. */
function isDeviceLevel(level: string | undefined): boolean {
  return level === '*' || (level !== undefined && String(Number(level)) === level && /^\d+$/.test(level));
}

/** One stream must not have two names, of which events would reach only one: `A%2fB` is `A%2FB`, `%` is `%25`. */
function isSpelled(level: string, i: number): boolean {
  return level === '*' || (i === 0 && level.startsWith('$')) || escape(unescape(level)) === level;
}

/** What would be read as a level's end, a wildcard or the gateway's own, in the names that a studio gives. */
function escape(name: string): string {
  return name.replaceAll(/[%/*]|^\$/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function unescape(level: string): string {
  return level.replaceAll(/%(24|25|2F|2A)/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
