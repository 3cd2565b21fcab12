/** Channel names ↔ NATS subjects. Pure. */
import { channelName, devicePrefix, isStudioName, splitChannel } from '../../wire/channel-pattern.js';

const ROOT = 'rcsp.v1';

/** The server refuses a line of more than 4,096 bytes, which holds an inbox and lengths beside the subject. */
const MAX_SUBJECT_LENGTH = 3500;

/** What the stream holds: everything but commands. */
export const STORED_SUBJECTS = ['ev.>', 'dev.>', 'gw.>', 'meta'].map((rest) => `${ROOT}.*.${rest}`);

/** What a subject of the stream carries. */
export type StoredSubject =
  | { readonly studio: string; readonly channel: string }
  | { readonly studio: string; readonly channel: undefined };

/** Bytes outside `[A-Za-z0-9_-]` as `%XX`; the empty text is `%`. */
export function encodeToken(text: string): string {
  if (text === '') return '%';
  return text.replace(/[^A-Za-z0-9_-]+/g, (others) =>
    Array.from(Buffer.from(others), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(
      '',
    ),
  );
}

/** Undefined for what `encodeToken` does not write: one name must not have two subjects. */
export function decodeToken(token: string): string | undefined {
  if (token === '%') return '';
  if (!/^(?:[A-Za-z0-9_-]|%[0-9A-F]{2})+$/.test(token)) return undefined;
  const bytes = token.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const text = Buffer.from(bytes, 'latin1').toString();
  return encodeToken(text) === token ? text : undefined;
}

/** The subject of a studio's channel, without the studio in its name; undefined for one that has none. */
export function subjectOf(studio: string, channel: string): string | undefined {
  const rest = channel.startsWith('$gateway/')
    ? `gw.${encodeToken(channel.slice('$gateway/'.length))}`
    : streamSubject(channel);
  const subject = rest === undefined ? undefined : `${ROOT}.${studio}.${rest}`;
  return subject === undefined || subject.length > MAX_SUBJECT_LENGTH ? undefined : subject;
}

function streamSubject(channel: string): string | undefined {
  const stream = splitChannel(channel);
  if (stream === undefined) return undefined;
  const tail = `${encodeToken(stream.publisher)}.${encodeToken(stream.topic)}`;
  return stream.deviceId === undefined ? `ev.${tail}` : `dev.${stream.deviceId}.${tail}`;
}

/** Undefined for a subject that no origin publishes to. */
export function parseStored(subject: string): StoredSubject | undefined {
  const [, studio = '', kind, rest = ''] = /^rcsp\.v1\.([^.]+)\.([a-z]+)(?:\.(.+))?$/.exec(subject) ?? [];
  if (!isStudioName(studio)) return undefined;
  if (kind === 'meta') return rest === '' ? { studio, channel: undefined } : undefined;
  const channel = channelOf(kind, rest.split('.').map(decodeToken));
  return channel === undefined ? undefined : { studio, channel };
}

function channelOf(kind: string | undefined, tokens: readonly (string | undefined)[]): string | undefined {
  if (tokens.includes(undefined)) return undefined;
  const [first = '', second = '', third = ''] = tokens.flatMap((token) => token ?? []);
  if (kind === 'gw' && tokens.length === 1) return `$gateway/${first}`;
  if (kind === 'ev' && tokens.length === 2) return channelName(first, second);
  if (kind === 'dev' && tokens.length === 3 && /^(?:0|[1-9]\d{0,15})$/.test(first))
    return channelName(second, third, devicePrefix(first));
  return undefined;
}

export function metaSubject(studio: string): string {
  return `${ROOT}.${studio}.meta`;
}

/** Answered by the studio's origin with where it is. */
export function ownerSubject(studio: string): string {
  return `${ROOT}.${studio}.meta.owner`;
}

export function commandSubject(studio: string, command: string): string {
  return `${ROOT}.${studio}.cmd.${encodeToken(command)}`;
}

/** Of every command. */
export function commandSubjects(studio: string): string {
  return `${ROOT}.${studio}.cmd.*`;
}

/** The command of a subject that `commandSubject` made; a message of the stream may come to who listens to them. */
export function commandOf(subject: string): string | undefined {
  const [, token] = /^rcsp\.v1\.[^.]+\.cmd\.([^.]+)$/.exec(subject) ?? [];
  return token === undefined ? undefined : decodeToken(token);
}

/** `Nats-Msg-Id`: `<studio>/<channel>@<cursor>`. A header is one line. */
export function messageId(studio: string, channel: string, cursor: string): string {
  const line = channel.replace(/[\x00-\x1f\x7f]/g, (char) => encodeToken(char));
  return `${studio}/${line}@${cursor}`;
}
