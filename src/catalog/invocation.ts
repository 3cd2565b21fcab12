import { GatewayError } from '../errors/errors.js';
import type { ArgumentsSchema } from './define.js';
import type { CommandInvocation } from './execute.js';
import { commandByName } from './index.js';
import { explain } from './route-schema.js';

/** A command as a caller names it. */
export type NamedCommand = Pick<CommandInvocation, 'name' | 'arguments' | 'written' | 'version'>;

/** What the connected server says of commands outside the catalog. */
export interface CommandDescriber {
  describe(name: string, deviceId?: unknown): { readonly arguments: ArgumentsSchema } | undefined;
}

/**
 * A command asked for by its name, checked: one of the catalog against it, any other against what the server says
 * of its arguments. What nobody describes is taken as it is. `at` is where the arguments stand, for the errors.
 *
 * @throws GatewayError `Invalid request`
 */
export function checkedInvocation(
  named: NamedCommand,
  describer: CommandDescriber,
  at: string,
): Omit<CommandInvocation, 'trackId'> {
  const { name, arguments: args, written, version } = named;
  const command = commandByName.get(name);
  const described = command ?? describer.describe(name, args['DeviceId']);
  if (described === undefined) return { name, command, arguments: args, written, version };
  const parsed = described.arguments.safeParse(args);
  if (parsed.success) return { name, command, arguments: parsed.data, written, version };
  const { errors, detail } = explain(parsed.error, at);
  throw new GatewayError('Invalid request', detail, { outcome: 'not-sent', errors });
}
