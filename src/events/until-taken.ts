import { GatewayError } from '../errors/errors.js';
import { within } from '../util/within.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import type { Channel } from './channel.js';

/**
 * Waits for the sources' acknowledgement: what a client does next must not be missed. Only a channel that it named
 * can be refused. A source that is away is not waited for.
 *
 * @throws RejectedError when a source refuses a channel that is named in full; GatewayError `Timeout`
 */
export async function untilTaken(
  channels: readonly (readonly [name: string, channel: Channel])[],
  patterns: readonly ChannelPattern[],
  readyTimeoutMs: number,
): Promise<void> {
  const texts = new Set(patterns.map(({ text }) => text));
  const asked = channels.filter(([, { source }]) => source?.connected === true);
  const named = asked.filter(([name]) => texts.has(name)).map(([, { ready }]) => ready);
  const others = asked.filter(([name]) => !texts.has(name)).map(([, { ready }]) => ready);
  await Promise.all([
    within(Promise.all(named), readyTimeoutMs, timeout),
    within(Promise.allSettled(others), readyTimeoutMs, timeout).catch(() => undefined),
  ]);
}

function timeout(): GatewayError {
  return new GatewayError('Timeout', 'The studio did not take the subscription in time.', {
    outcome: 'no-answer',
  });
}
