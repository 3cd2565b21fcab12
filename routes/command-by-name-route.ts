import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';
import { commandCall } from '../src/catalog/route-schema.js';
import { oddMembers, writtenMembers } from '../src/util/written-json.js';
import { runCommand } from './run-command.js';
import { nameUnknownArguments } from './unknown-arguments.js';

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
      const written = request.writtenBody && writtenMembers(request.writtenBody).get('Arguments');
      const named = {
        name,
        arguments: Arguments ?? {},
        written: oddMembers(written),
        version: Version ?? undefined,
      };
      nameUnknownArguments(request.studio, reply, name, named.arguments);
      runCommand(app, request, reply, (options, listener) =>
        request.studio.dispatcher.dispatchNamed(
          request.caller(),
          { ...named, ...options },
          'body.Arguments',
          listener,
        ),
      );
    },
  );
}
