import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { TICKET_SECONDS } from '../src/access/tickets.js';

const ticket = z.object({
  ticket: z.string().describe('For `?ticket=` of a WebSocket or of server-sent events; good for one use.'),
  expiresIn: z.int().describe('Seconds that it can be used.'),
});

/** Browsers can set no header on a WebSocket: they show a ticket. */
export function ticketsRoute(app: FastifyInstance): void {
  app.post(
    '/v1/tickets',
    {
      schema: {
        operationId: 'CreateTicket',
        tags: ['Gateway'],
        summary: 'Get a ticket for a WebSocket or an event stream',
        description:
          'A browser can send no `Authorization` with a WebSocket or an `EventSource`. A ticket, shown as `?ticket=`, ' +
          'stands for the token once, and may do what the token may.',
        response: {
          200: { description: 'A ticket.', content: { 'application/json': { schema: ticket } } },
        },
      },
    },
    (request, reply) =>
      reply.send({
        ticket: app.access.tickets.issue(request.caller().principal, performance.now()),
        expiresIn: TICKET_SECONDS,
      }),
  );
}
