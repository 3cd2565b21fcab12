import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { ANYBODY, mayUse } from '../src/access/scope.js';

/** The gateway's measurements for Prometheus. */
export function metricsRoute(app: FastifyInstance): void {
  const { register } = app.metrics;
  app.get(
    '/metrics',
    {
      config: { quiet: true },
      schema: {
        operationId: 'GetMetrics',
        tags: ['Gateway'],
        summary: 'Measurements for Prometheus',
        description:
          'Commands by name and outcome, how long they took, how many wait; connections, reconnects, breaches of the protocol; events.',
        response: {
          200: {
            description: 'Text in the exposition format of Prometheus.',
            content: { 'text/plain': { schema: z.string() } },
          },
        },
      },
    },
    async ({ principal = ANYBODY }, reply) => {
      const text = await app.metrics.text((studio) => mayUse(principal, studio));
      return reply.header('content-type', register.contentType).send(text);
    },
  );
}
