import type { FastifyInstance } from 'fastify';
import { COMMANDS } from '../src/catalog/index.js';
import type { CommandDefinition, HttpRoute } from '../src/catalog/index.js';
import { pathParameters, routerPath, routeSchema } from '../src/catalog/route-schema.js';
import { GatewayError } from '../src/errors/errors.js';
import { oddMembers } from '../src/util/written-json.js';
import type { WrittenMembers } from '../src/util/written-json.js';
import { runCommand } from './run-command.js';
import { nameUnknownArguments } from './unknown-arguments.js';

/** One route for every command of the catalog. */
export function commandRoutes(app: FastifyInstance): void {
  for (const command of COMMANDS as readonly CommandDefinition[]) {
    for (const route of command.routes) addRoute(app, command, route);
  }
}

function addRoute(app: FastifyInstance, command: CommandDefinition, route: HttpRoute): void {
  const { params, querystring, body } = routeSchema(command, route);
  const inPath = pathParameters(route.path);
  app.route({
    method: route.method,
    url: routerPath(route.path),
    // The document has these from the catalog itself.
    schema: {
      hide: true,
      ...(params && { params }),
      ...(querystring && { querystring }),
      ...(body && { body }),
    },
    config: { command: command.name, access: command.policy.scope, writesHead: true },
    handler: (request, reply) => {
      const rest = body ? request.body : querystring ? request.query : undefined;
      const args = argumentsOf(request.params, rest, inPath);
      const written = body && writtenArguments(request.writtenBody, inPath);
      nameUnknownArguments(request.studio, reply, command.name, args);
      runCommand(app, request, reply, ({ timeoutMs, trackId }, listener) =>
        request.studio.dispatcher.dispatch(
          request.caller(),
          { name: command.name, command, arguments: args, written, timeoutMs, trackId },
          listener,
        ),
      );
    },
  });
}

/** Those arguments of a body that must be sent as they are written; those in the path are taken from there. */
function writtenArguments(text: string | undefined, inPath: readonly string[]): WrittenMembers | undefined {
  const written = oddMembers(text);
  return written && new Map([...written].filter(([name]) => !inPath.includes(name)));
}

/** `params` and `rest` have passed the route's schemas. */
function argumentsOf(params: unknown, rest: unknown, inPath: readonly string[]): Record<string, unknown> {
  const path = params as Record<string, unknown>;
  const others = (rest ?? {}) as Record<string, unknown>;
  for (const name of inPath) {
    if (!(name in others) || others[name] === path[name]) continue;
    const errors = [{ path: `body.${name}`, reason: 'is not what the path says; leave it out of the body' }];
    throw new GatewayError('Invalid request', `${name} in the body is not the ${name} in the path.`, {
      outcome: 'not-sent',
      errors,
    });
  }
  return { ...others, ...path };
}
