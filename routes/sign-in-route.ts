import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SCOPES } from '../src/access/scope.js';
import type { Principal } from '../src/access/scope.js';
import type { SignIns } from '../src/access/sign-in.js';
import { auditEntry } from '../src/commands/audit.js';
import { GatewayError } from '../src/errors/errors.js';
import { GATEWAY_CHANNELS } from '../src/wire/gateway-channels.js';

const body = z.object({
  code: z.string().min(1).max(200).describe('What stands in the link, behind `#sign-in=`.'),
});

const session = z.object({
  token: z.string().describe('For `Authorization: Bearer`, as a token is.'),
  scope: z.enum(SCOPES).describe('What it may do: what the token that the link was made for may do.'),
  expiresAt: z.number().describe('When it ends, in milliseconds since 1970.'),
});

/** Exchanges the code of a sign-in link, which `rcsp-gateway token link` prints, for a session. */
export function signInRoute(app: FastifyInstance): void {
  app.post<{ Body: z.output<typeof body> }>(
    '/v1/sign-in',
    {
      config: { access: 'public' },
      schema: {
        operationId: 'SignIn',
        tags: ['Gateway'],
        summary: 'Sign in with the code of a link',
        description:
          '`rcsp-gateway token link NAME` prints a URL with a code in its fragment. The code works once, within ' +
          '10 minutes. The session lasts for 12 hours, ends with its token, and is listed and revoked like one.',
        body,
        response: {
          200: { description: 'The session.', content: { 'application/json': { schema: session } } },
        },
      },
    },
    async (request, reply): Promise<z.output<typeof session>> => {
      const { signIns } = app.access;
      if (signIns === undefined)
        throw new GatewayError(
          'Not found',
          'This gateway asks nobody for a token: there is nothing to sign in to.',
        );
      try {
        const { token, principal, expiresAt } = await signIns.redeem(request.body.code, request.ip);
        audit(request, principal, undefined);
        const { scope } = app.access.limited(principal, request);
        return { token, scope, expiresAt };
      } catch (error) {
        if (error instanceof GatewayError && error.code === 'Unauthorized')
          reply.header('www-authenticate', 'Bearer realm="rcsp-gateway"');
        auditRefusal(signIns, request, error);
        throw error;
      }
    },
  );
}

/** An unknown code has no owner, and leaves no line, as a wrong token does. */
function auditRefusal(
  signIns: SignIns,
  request: FastifyRequest<{ Body: z.output<typeof body> }>,
  error: unknown,
): void {
  const owner = signIns.ownerOf(request.body.code);
  if (owner !== undefined) audit(request, owner, error);
}

function audit({ server, ip, id }: FastifyRequest, principal: Principal, error: unknown): void {
  const entry = auditEntry(
    { principal, address: ip, via: 'http' },
    { name: 'SignIn', deviceId: null, trackId: id },
    error === undefined ? undefined : { error, wasSent: false },
  );
  server.log.info({ audit: entry, trackId: id }, 'audit');
  // Who signs in does so for every studio of the token; the line goes where those of light arrays go.
  server.hub.publishOwn(GATEWAY_CHANNELS.audit, entry, server.studios.default.name);
}
