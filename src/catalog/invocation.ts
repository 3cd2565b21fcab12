import { GatewayError } from '../errors/errors.js';
import type { ArgumentsSchema, CommandDefinition } from './define.js';
import type { CommandInvocation } from './execute.js';
import { commandByName } from './index.js';
import { explain } from './route-schema.js';

/** A command as a caller names it. */
export type NamedCommand = Omit<CommandInvocation, 'command' | 'asker'>;

/** The connected server's descriptions of commands outside the catalog. */
export interface CommandDescriber {
  describe(name: string, deviceId?: unknown): { readonly arguments: ArgumentsSchema } | undefined;
}

/**
 * Checks a command requested by name: against the catalog, or else against the server's description of its arguments.
 * Arguments without a description pass unchecked. `at` is the path of the arguments in errors.
 *
 * @throws GatewayError `Invalid request`
 */
export function checkedInvocation(
  named: NamedCommand,
  describer: CommandDescriber,
  at: string,
): CommandInvocation {
  const { name, arguments: args } = named;
  const command = commandByName.get(name);
  const described = command ?? describer.describe(name, args['DeviceId']);
  if (described === undefined) return invocationOf(named, command, args);
  const parsed = described.arguments.safeParse(args);
  if (parsed.success) return invocationOf(named, command, parsed.data);
  const { errors, detail } = explain(parsed.error, at);
  throw new GatewayError('Invalid request', detail, { outcome: 'not-sent', errors });
}

function invocationOf(
  { name, written, version, timeoutMs, trackId }: NamedCommand,
  command: CommandDefinition | undefined,
  args: CommandInvocation['arguments'],
): CommandInvocation {
  return { name, command, arguments: args, written, version, timeoutMs, trackId };
}
