/**
 * Channel names. A channel is `Publisher/Topic`, or `devices/<DeviceId>/Publisher/Topic` for what belongs to a device,
 * or `lights/<node>/Publisher/Topic` for a light array. `studios/<name>/` in front names the studio; without it, a
 * channel is the default studio's, or that of the connection's path.
 * A pattern is a name in which `*` may stand for one whole level. Names whose first level starts with `$` are the
 * gateway's own; a wildcard in the first level does not match them.
 */

const DEVICES = 'devices';
const LIGHTS = 'lights';
const STUDIOS = 'studios';

/** A studio's name. */
const STUDIO_NAME = '[a-z0-9][a-z0-9-]{0,31}';
const IS_STUDIO = new RegExp(`^${STUDIO_NAME}$`);

/** Characters; a longer name is not accepted. */
export const MAX_NAME_LENGTH = 512;

/** How to write a pattern, for people. */
export const PATTERN_HELP =
  'Publisher/Topic, devices/<DeviceId>/Publisher/Topic or lights/<node>/Publisher/Topic, studios/<name>/ in front ' +
  'for another studio, * for a whole level, %2F for a slash in a name';

const LEVEL = '(?:[*]|(?:%2[45AF]|[^$%*/])(?:%2[5AF]|[^%*/])*)';

/** What `parsePattern` takes, as a regular expression for documents; of device numbers, those below 10^15. */
export const PATTERN_SOURCE = `^(?:(?:${STUDIOS}/(?:[*]|${STUDIO_NAME})/)?(?:(?:[$][^/]*|${LEVEL})/${LEVEL}|(?:devices|[*])/(?:[*]|0|[1-9][0-9]{0,14})/${LEVEL}/${LEVEL})|${LIGHTS}/${LEVEL}/${LEVEL}/${LEVEL})$`;

/** A parsed pattern. Equal texts are equal patterns. */
export interface ChannelPattern {
  readonly text: string;
  readonly levels: readonly string[];
  readonly isWildcard: boolean;
}

/** Returns undefined when the text is neither a name nor a pattern. */
export function parsePattern(text: string): ChannelPattern | undefined {
  if (text.length > MAX_NAME_LENGTH) return undefined;
  const levels = text.split('/');
  if (levels.some((level) => level === '')) return undefined;
  const studio = splitStudio(text);
  const own = studio === undefined ? levels : levels.slice(2);
  const isDevice = isOneOf(own[0], DEVICES) && isDeviceLevel(own[1]);
  const isOwned = own.length === 4 && (isDevice || (studio === undefined && own[0] === LIGHTS));
  if (own.length !== 2 && !isOwned) return undefined;
  if (!own.every(isCanonical)) return undefined;
  return { text, levels, isWildcard: levels.includes('*') };
}

/** Whether it can be the name of a studio. */
export function isStudioName(text: string): boolean {
  return IS_STUDIO.test(text);
}

/** The prefix of a studio's channels. */
export function studioPrefix(studio: string): string {
  return `${STUDIOS}/${studio}/`;
}

/** The studio that a channel or pattern names (`*` for all) and its name there; undefined where it names none. */
export function splitStudio(text: string): { readonly studio: string; readonly rest: string } | undefined {
  const [, studio, rest] = /^studios\/([^/]*)\/(.*\/.*)$/.exec(text) ?? [];
  if (studio === undefined || rest === undefined) return undefined;
  return studio === '*' || isStudioName(studio) ? { studio, rest } : undefined;
}

/** Whether `channel` is one of those that `pattern` stands for. */
export function matches(pattern: string, channel: string): boolean {
  return pattern === channel || matchesLevels(pattern.split('/'), channel);
}

/** The same for a pattern that is split already. */
export function matchesLevels(levels: readonly string[], channel: string): boolean {
  const names = channel.split('/');
  return (
    names.length === levels.length &&
    levels.every((level, i) => level === names[i] || (level === '*' && isWild(names, i)))
  );
}

/** Neither the gateway's own names, nor other studios', unless they are named. */
function isWild(names: readonly string[], i: number): boolean {
  const own = names[0] === STUDIOS && names.length > 2 ? 2 : 0;
  return i === own ? names[i]?.startsWith('$') !== true : i > 0;
}

/** `Publisher/Topic`, below `prefix` (`devices/<DeviceId>/`, or nothing). */
export function channelName(publisher: string, topic: string, prefix = ''): string {
  return `${prefix}${escapeLevel(publisher)}/${escapeLevel(topic)}`;
}

/** The prefix of a device's channels; `*` for every device's. */
export function devicePrefix(deviceId: number | string): string {
  return `${DEVICES}/${deviceId}/`;
}

/** Publisher, topic and device of a studio's channel; undefined for patterns and for all other channels. */
export function splitChannel(
  text: string,
): { publisher: string; topic: string; deviceId: number | undefined } | undefined {
  const pattern = parsePattern(text);
  if (pattern === undefined || pattern.isWildcard || text.startsWith('$')) return undefined;
  if (pattern.levels.length > 2 && pattern.levels[0] !== DEVICES) return undefined;
  const [publisher = '', topic = ''] = pattern.levels.slice(-2);
  const deviceId = pattern.levels.length === 4 ? pattern.levels[1] : undefined;
  return {
    publisher: unescapeLevel(publisher),
    topic: unescapeLevel(topic),
    deviceId: deviceId === undefined ? undefined : Number(deviceId),
  };
}

/** Escapes what would be read as the end of a level, a wildcard or the gateway's own. */
export function escapeLevel(name: string): string {
  return name.replace(/[%/*]|^\$/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export function unescapeLevel(level: string): string {
  return level.replace(/%(24|25|2F|2A)/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

function isOneOf(level: string | undefined, name: string): boolean {
  return level === name || level === '*';
}

/** As the studio writes the number: `01` and `1` must not be two channels. */
function isDeviceLevel(level: string | undefined): boolean {
  return level === '*' || (level !== undefined && String(Number(level)) === level && /^\d+$/.test(level));
}

/** One stream must not have two names, of which events would reach only one: `A%2fB` is `A%2FB`, `%` is `%25`. */
function isCanonical(level: string, i: number): boolean {
  return level === '*' || (i === 0 && level.startsWith('$')) || escapeLevel(unescapeLevel(level)) === level;
}
