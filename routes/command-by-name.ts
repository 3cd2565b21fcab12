import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { commandByName } from '../src/catalog/index.js';
import { commandCall, faultsOf } from '../src/catalog/route-schema.js';
import { GatewayError } from '../src/errors.js';
import { runCommand } from './run-command.js';

const { params, body } = commandCall;

/** Any command by its name, also those that no table knows. */
export function commandByNameRoute(app: FastifyInstance): void {
  app.post<{ Params: z.output<typeof params>; Body: z.output<typeof body> }>(
    '/v1/commands/:Command',
    // The document has it from these schemas.
    { schema: { hide: true, params, body } },
    (request, reply) => {
      const { Command: name } = request.params;
      const { Arguments, Version } = request.body ?? {};
      const invocation = {
        name,
        command: commandByName.get(name),
        arguments: checkedArguments(app, name, Arguments ?? {}),
        version: Version ?? undefined,
      };
      return runCommand(app.studio.executor, invocation, request, reply);
    },
  );
}

function checkedArguments(
  app: FastifyInstance,
  name: string,
  args: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const described = commandByName.get(name) ?? app.studio.discovery.describe(name, args['DeviceId']);
  if (described === undefined) return args;
  const parsed = described.arguments.safeParse(args);
  if (parsed.success) return parsed.data;
  const errors = faultsOf(parsed.error, 'body.Arguments');
  const detail = errors.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  throw new GatewayError('Invalid request', detail, { outcome: 'not-sent', errors });
}
