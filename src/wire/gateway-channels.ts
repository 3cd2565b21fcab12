import { splitStudio } from './channel-pattern.js';

const UPSTREAM = '$gateway/upstream';
const RELAY = '$gateway/relay';
const LEASE = '$gateway/lease';
const JOBS = '$gateway/jobs';
const CHANGES = '$gateway/changes';
const AUDIT = '$gateway/audit';

/** The gateway's own channels. */
export const GATEWAY_CHANNELS = {
  /** The state of the connection to the studio. */
  upstream: UPSTREAM,
  /** The state of the line to the relay, where the gateway has one. */
  relay: RELAY,
  /** Who holds the control lease. */
  lease: LEASE,
  /** Firmware updates, runs of light arrays. */
  jobs: JOBS,
  /** Every write that the studio took, without its arguments. */
  changes: CHANGES,
  /** A line for every write; scope `admin`. */
  audit: AUDIT,
} as const;

/** Those that tell of one studio: below `studios/<name>/`, or of the studio that a name without a prefix means. */
export const STUDIO_CHANNELS: readonly string[] = [UPSTREAM];

/** Those that tell of every studio; below `studios/<name>/` of that one alone. */
export const JOINT_CHANNELS: readonly string[] = [LEASE, JOBS, CHANGES, AUDIT];

/** A channel without its studio. */
export function withoutStudio(channel: string): string {
  return splitStudio(channel)?.rest ?? channel;
}

/**
 * The studio that a channel or pattern tells of, where one without a prefix is of `own`; undefined for those of several
 * studios, and of none.
 */
export function studioOf(channel: string, own: string): string | undefined {
  const prefixed = splitStudio(channel);
  if (prefixed !== undefined) return prefixed.studio === '*' ? undefined : prefixed.studio;
  if (channel.startsWith('$')) return STUDIO_CHANNELS.includes(channel) ? own : undefined;
  return channel.startsWith('lights/') ? undefined : own;
}

/** State channels send their current event to each new subscriber; their cursors do not matter. */
export function isStateChannel(channel: string): boolean {
  return /^(studios\/[^/]+\/)?\$gateway\/(upstream|relay|lease)$/.test(channel);
}
