/** The control lease over NATS: asked for like a command, under a name that no studio has. */
import { z } from 'zod';
import { assertScope } from '../../access/scope.js';
import type { Caller } from '../../access/scope.js';
import { GatewayError } from '../../errors/errors.js';

export const LEASE_COMMAND = '$lease';

export const leaseState = z.object({ holder: z.string().nullable(), expiresAt: z.number().nullable() });
export type LeaseState = z.output<typeof leaseState>;

/** What an origin's lease does. */
export interface LeaseOfOrigin {
  take(client: Omit<Caller, 'via'>, isTakeover: boolean): LeaseState;
  release(client: Omit<Caller, 'via'>): void;
}

const request = z.strictObject({
  action: z.enum(['take', 'release']),
  takeover: z.boolean().optional(),
});

/** The state after it; undefined after a release. @throws GatewayError as the lease does, `Not found`, `Forbidden` */
export function answerLease(
  lease: LeaseOfOrigin | undefined,
  caller: Caller,
  args: Readonly<Record<string, unknown>>,
): LeaseState | undefined {
  const parsed = request.safeParse(args);
  if (!parsed.success)
    throw new GatewayError('Invalid request', '$lease takes an action, take or release, and takeover.', {
      outcome: 'not-sent',
    });
  assertScope(caller.principal, 'control', 'The control lease');
  if (lease === undefined)
    throw new GatewayError('Not found', 'The origin has no control lease: everybody may send.');
  if (parsed.data.action === 'take') return lease.take(caller, parsed.data.takeover === true);
  lease.release(caller);
  return undefined;
}
