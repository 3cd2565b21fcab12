import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { checkedInvocation } from '../src/catalog/invocation.js';
import { commandCall } from '../src/catalog/route-schema.js';
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
      const wanted = { name, arguments: Arguments ?? {}, version: Version ?? undefined };
      const make = (): ReturnType<typeof checkedInvocation> =>
        checkedInvocation(wanted, app.studio.discovery, 'body.Arguments');
      return runCommand(app, { name, deviceId: wanted.arguments['DeviceId'], make }, request, reply);
    },
  );
}
