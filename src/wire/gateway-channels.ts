/** The gateway's own channels. */
export const GATEWAY_CHANNELS = {
  /** The state of the connection to the studio. */
  upstream: '$gateway/upstream',
  /** The state of the line to the relay, where the gateway has one. */
  relay: '$gateway/relay',
  /** Who holds the control lease. */
  lease: '$gateway/lease',
  /** Firmware updates, runs of light arrays. */
  jobs: '$gateway/jobs',
  /** Every write that the studio took, without its arguments. */
  changes: '$gateway/changes',
  /** A line for every write; scope `admin`. */
  audit: '$gateway/audit',
} as const;

const STATES: readonly string[] = [GATEWAY_CHANNELS.upstream, GATEWAY_CHANNELS.relay, GATEWAY_CHANNELS.lease];

/** State channels send their current event to each new subscriber; their cursors do not matter. */
export function isStateChannel(channel: string): boolean {
  return STATES.includes(channel);
}
