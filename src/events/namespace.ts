/** What the channel names of one client mean, and whose channels it may have. Pure. */
import { studioPrefix } from '../wire/channel-pattern.js';
import { JOINT_CHANNELS, STUDIO_CHANNELS } from '../wire/gateway-channels.js';

export interface Namespace {
  /** The studio of names without a prefix. */
  readonly studio: string;
  /** The client came by that studio's path: channels that tell of every studio tell it of that one. */
  readonly isOfStudio: boolean;
  /** The studios that it may hear; undefined for all, also those to come. */
  readonly studios: readonly string[] | undefined;
}

/** Of a hub without studios. */
export const NO_STUDIO: Namespace = { studio: '', isOfStudio: false, studios: undefined };

/** The studios that a joint channel tells of; undefined for all. */
export type Audience = readonly string[] | undefined;

/** The gateway's own channel that a name of the form `$gateway/…` means, by its full name. */
export function ownChannel(name: string, { studio, isOfStudio, studios }: Namespace): string {
  if (studio === '') return name;
  if (STUDIO_CHANNELS.includes(name)) return `${studioPrefix(studio)}${name}`;
  if (!JOINT_CHANNELS.includes(name)) return name;
  return jointChannel(name, isOfStudio ? [studio] : studios);
}

/** Each audience has a channel of its own, so that its numbers have no holes. */
export function jointChannel(name: string, audience: Audience): string {
  if (audience === undefined) return name;
  const [only] = audience;
  if (audience.length === 1 && only !== undefined) return `${studioPrefix(only)}${name}`;
  return `${name} ${audience.toSorted().join(' ')}`;
}

/** Of a full name that `jointChannel` made. */
export function audienceOf(channel: string): Audience {
  const [, ...studios] = channel.split(' ');
  return studios.length === 0 ? undefined : studios;
}

export function mayHear({ studios }: Namespace, studio: string): boolean {
  return studios === undefined || studios.includes(studio);
}
