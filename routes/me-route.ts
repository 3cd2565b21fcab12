import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { clientName, mayUse, SCOPES } from '../src/access/scope.js';

const answer = z
  .object({
    name: z.string().nullable().describe("The token's name; null without a token where none is needed."),
    scope: z.enum(SCOPES).describe('What the caller may do.'),
    studios: z.array(z.string()).describe('The studios that the caller may use.'),
    address: z.string().describe('Where the caller comes from, as far as proxies are believed.'),
    lease: z
      .object({
        mine: z.boolean().describe('Whether the caller holds the control lease.'),
        holder: z.string().nullable().describe('Who holds it; null while nobody does.'),
      })
      .nullable()
      .describe('null where the gateway has no control lease.'),
  })
  .meta({ id: 'Me', description: 'The caller, as the gateway knows it.' });

/** Who is asking: name, scope, studios, lease. */
export function meRoute(app: FastifyInstance): void {
  app.get(
    '/v1/me',
    {
      schema: {
        operationId: 'GetMe',
        tags: ['Gateway'],
        summary: 'Who am I',
        description: 'So that a page knows what its user may do before it starts.',
        response: {
          200: { description: 'The caller.', content: { 'application/json': { schema: answer } } },
        },
      },
    },
    (request): z.output<typeof answer> => {
      const caller = request.caller();
      const { name, scope, key } = caller.principal;
      const { studios } = app;
      const studio = studios.ofCaller(caller);
      const lease = mayUse(caller.principal, studio.name) ? studio.lease : undefined;
      const holder = lease?.state.holder ?? null;
      return {
        name: key === null ? null : name,
        scope,
        studios: studios.visibleTo(caller.principal).map((each) => each.name),
        address: caller.address,
        lease: lease === undefined ? null : { mine: holder === clientName(caller), holder },
      };
    },
  );
}
