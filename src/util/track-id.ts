import { randomBytes } from 'node:crypto';

/**
 * Names for commands, unique across restarts and gateways: a random prefix for the process, then a count.
 * Short, because every command and answer carries one.
 */
export function createTrackIds(): () => string {
  const prefix = randomBytes(4).toString('hex');
  let count = 0;
  return () => `${prefix}-${(count += 1).toString(36)}`;
}
