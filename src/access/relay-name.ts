/** Names of gateways at a relay. Each is the first part of a path there, so what the relay serves itself is no name. */
import { z } from 'zod';

const RESERVED: ReadonlySet<string> = new Set(['v1', 'rtc', 'live', 'ready', 'metrics', 'docs', 'studios']);
const NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

export function isRelayName(text: string): boolean {
  return NAME.test(text) && !RESERVED.has(text);
}

export const RELAY_NAME_REASON = `must be 1 to 32 small letters, digits or "-", a letter or digit first, and none of ${[...RESERVED].join(', ')}`;

export const relayName = z
  .string({ error: RELAY_NAME_REASON })
  .refine((text) => isRelayName(text), RELAY_NAME_REASON);
