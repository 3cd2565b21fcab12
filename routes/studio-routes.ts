import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { includes } from '../src/access/scope.js';
import type { Studio } from '../src/studios/studio.js';
import { formatAddress } from '../src/util/address.js';

const studio = z
  .object({
    name: z.string().describe('Its name in `/studios/{studio}/v1/…` and in channels.'),
    default: z.boolean().describe('Whether names and routes without a studio mean it.'),
    kind: z.enum(['rcsp', 'nats']).describe('`rcsp`: an RCSP server; `nats`: reached over NATS.'),
    state: z.enum(['connected', 'connecting', 'disconnected', 'stale']).describe('Whether it is there.'),
    since: z.number().describe('Since when the state is so, in milliseconds since 1970.'),
    address: z.string().optional().describe('Where it is, host:port; told to the scope admin.'),
    version: z.string().nullable().describe("The server's version, as it last told."),
    devices: z.int().describe('Devices that it lists; 0 while it is away.'),
    simulated: z.boolean().describe('True for a built-in simulator.'),
  })
  .meta({ id: 'Studio', description: 'A studio behind this gateway.' });

const studios = z.object({ studios: z.array(studio).describe('Those that the caller may see.') });
const params = z.object({ studio: z.string().max(100).describe('The name of a studio.') });

const tags = ['Gateway'];
const json = (description: string, schema: z.ZodType): object => ({
  200: { description, content: { 'application/json': { schema } } },
});

/** Which studios there are, and how they are. */
export function studioRoutes(app: FastifyInstance): void {
  app.get(
    '/v1/studios',
    {
      schema: {
        operationId: 'ListStudios',
        tags,
        summary: 'List the studios',
        description:
          'The routes of a studio stand below `/studios/{studio}`; without that they mean the default studio.',
        response: json('Studios.', studios),
      },
    },
    (request) => ({
      studios: app.studios.visibleTo(request.caller().principal).map((each) => describe(app, each, request)),
    }),
  );
  app.get<{ Params: z.output<typeof params> }>(
    '/v1/studios/:studio',
    {
      schema: {
        operationId: 'GetStudio',
        tags,
        summary: 'How a studio is',
        description: 'Its state, and what is known of it.',
        params,
        response: json('The studio.', studio),
      },
    },
    (request) => {
      const { principal } = request.caller();
      return describe(app, app.studios.find(request.params.studio, principal), request);
    },
  );
  // Links on the page are relative to its folder.
  app.get<{ Params: z.output<typeof params> }>(
    '/studios/:studio',
    { schema: { hide: true, params } },
    (request, reply) => reply.redirect(`${request.params.studio}/`, 302),
  );
}

function describe(
  { studios: all }: FastifyInstance,
  { name, upstream, since }: Studio,
  request: FastifyRequest,
): z.output<typeof studio> {
  const { state, simulated, address, discovery } = upstream;
  const { scope } = request.caller().principal;
  return {
    name,
    default: all.default.name === name,
    kind: upstream.kind,
    state,
    since,
    ...(includes(scope, 'admin') && { address: formatAddress(address) }),
    version: discovery.info?.version ?? null,
    devices: state === 'connected' ? discovery.deviceIds.length : 0,
    simulated,
  };
}
