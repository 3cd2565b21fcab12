import { GatewayError } from '../errors/errors.js';
import type { Discovery } from '../upstreams/rcsp/discovery.js';
import type { Invocation } from './execute.js';
import { commandByName } from './index.js';
import { explain } from './route-schema.js';

export type Wanted = Pick<Invocation, 'name' | 'arguments' | 'version'>;

/**
 * A command asked for by its name, checked: one of the catalog against it, any other against what the server says
 * of its arguments. What nobody describes is taken as it is. `at` is where the arguments stand, for the errors.
 *
 * @throws GatewayError `Invalid request`
 */
export function checkedInvocation(
  wanted: Wanted,
  discovery: Pick<Discovery, 'describe'>,
  at: string,
): Omit<Invocation, 'trackId'> {
  const { name, arguments: args, version } = wanted;
  const command = commandByName.get(name);
  const described = command ?? discovery.describe(name, args['DeviceId']);
  if (described === undefined) return { name, command, arguments: args, version };
  const parsed = described.arguments.safeParse(args);
  if (parsed.success) return { name, command, arguments: parsed.data, version };
  const { errors, detail } = explain(parsed.error, at);
  throw new GatewayError('Invalid request', detail, { outcome: 'not-sent', errors });
}
