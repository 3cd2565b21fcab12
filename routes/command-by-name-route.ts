import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { commandCall } from '../src/catalog/route-schema.js';
import { runCommand } from './run-command.js';

const { params, body } = commandCall;

/** Any command by its name, also those that no table knows. */
export function commandByNameRoute(app: FastifyInstance): void {
  app.post<{ Params: z.output<typeof params>; Body: z.output<typeof body> }>(
    '/v1/commands/:Command',
    // The document has it from these schemas.
    { schema: { hide: true, params, body }, config: { writesHead: true } },
    (request, reply) => {
      const { Command: name } = request.params;
      const { Arguments, Version } = request.body ?? {};
      const named = { name, arguments: Arguments ?? {}, version: Version ?? undefined };
      runCommand(app, request, reply, (options, listener) =>
        app.dispatcher.dispatchNamed(request.caller(), { ...named, ...options }, 'body.Arguments', listener),
      );
    },
  );
}
