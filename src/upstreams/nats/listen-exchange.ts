/** A channel that an edge's clients name and that the studio does not list: asked for like a command. */
import { z } from 'zod';
import { GatewayError } from '../../errors/errors.js';
import { parsePattern, splitChannel } from '../../wire/channel-pattern.js';
import type { ChannelPattern } from '../../wire/channel-pattern.js';

export const LISTEN_COMMAND = '$listen';

const request = z.strictObject({ channel: z.string() });

/** @throws GatewayError `Invalid request` for what is no single channel of a studio */
export function channelToListen(args: Readonly<Record<string, unknown>>): ChannelPattern {
  const channel = request.safeParse(args).data?.channel;
  const pattern = channel === undefined ? undefined : parsePattern(channel);
  if (pattern === undefined || splitChannel(pattern.text) === undefined)
    throw new GatewayError('Invalid request', '$listen takes one channel of a studio.', {
      outcome: 'not-sent',
    });
  return pattern;
}
