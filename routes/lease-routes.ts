import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { ControlLease } from '../src/commands/lease.js';
import type { Studio } from '../src/studios/studio.js';
import { GatewayError } from '../src/errors/errors.js';

const lease = z
  .object({
    holder: z.string().nullable().describe('Who has it; null while nobody does.'),
    expiresAt: z.number().nullable().describe('When it ends unless renewed, in milliseconds since 1970.'),
  })
  .meta({ id: 'Lease', description: 'The right to change things, which one client has at a time.' });

const standing = lease
  .extend({ required: z.boolean().describe('False where the gateway has no lease: everybody may send.') })
  .meta({ id: 'LeaseStanding', description: 'Whether there is a control lease, and who has it.' });

const query = z.object({
  takeover: z.enum(['true', 'false']).optional().describe('`true`: take it from whoever has it.'),
});

const OFF = 'A gateway without one (`--control-lease`) answers 404.';
const tags = ['Gateway'];
const found = {
  200: { description: 'How it stands.', content: { 'application/json': { schema: lease } } },
};
const SCHEMAS = {
  get: {
    operationId: 'GetLease',
    tags,
    summary: 'Who has the control lease',
    description: 'Also of a gateway that has none, where everybody may send.',
    response: {
      200: { description: 'How it stands.', content: { 'application/json': { schema: standing } } },
    },
  },
  take: {
    operationId: 'TakeLease',
    tags,
    summary: 'Take or renew the control lease',
    description:
      'Where a gateway has one, only its holder may send commands of the scopes control and admin. It ends by DELETE, ' +
      "when it is not renewed in time, and 10 s after the holder's last WebSocket; the channel `$gateway/lease` tells every " +
      `change. One client is one token; without tokens, one address. ${OFF}`,
    querystring: query,
    response: found,
  },
  release: {
    operationId: 'ReleaseLease',
    tags,
    summary: 'Give the control lease back',
    description: `Nothing happens when nobody has it. ${OFF}`,
    response: { 204: { description: 'Nobody has it.' } },
  },
};

/** The control lease: who may change things now. */
export function leaseRoutes(app: FastifyInstance): void {
  const config = { access: 'control' } as const;
  app.get('/v1/lease', { schema: SCHEMAS.get }, ({ studio: { lease: own } }) => ({
    required: own !== undefined,
    ...(own?.state ?? { holder: null, expiresAt: null }),
  }));
  app.post<{ Querystring: z.output<typeof query> }>(
    '/v1/lease',
    { config, schema: SCHEMAS.take },
    (request) => leaseOf(request.studio).take(request.caller(), request.query.takeover === 'true'),
  );
  app.delete('/v1/lease', { config, schema: SCHEMAS.release }, (request, reply) => {
    leaseOf(request.studio).release(request.caller());
    return reply.code(204).send();
  });
}

function leaseOf({ lease: own }: Studio): ControlLease {
  if (own === undefined) {
    throw new GatewayError(
      'Not found',
      'This gateway has no control lease: everybody may send. See --control-lease.',
    );
  }
  return own;
}
