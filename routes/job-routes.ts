import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../src/errors/errors.js';
import { job } from '../src/jobs/job.js';

const jobs = z.object({
  jobs: z.array(job).describe('Those that run, and those of the last hour; oldest first.'),
});
const params = z.object({ JobId: z.string().max(100).describe('The `id` of a job.') });

/** Firmware updates and runs of light arrays, what they are doing and how they ended. */
export function jobRoutes(app: FastifyInstance): void {
  const tags = ['Firmware'];
  app.get(
    '/v1/jobs',
    {
      schema: {
        operationId: 'ListJobs',
        tags,
        summary: 'List firmware updates and runs of light arrays',
        description: 'Also those that were not asked for with `Prefer: respond-async`.',
        response: { 200: { description: 'Jobs.', content: { 'application/json': { schema: jobs } } } },
      },
    },
    (request) => ({ jobs: request.studio.jobs.all }),
  );
  app.get<{ Params: z.output<typeof params> }>(
    '/v1/jobs/:JobId',
    {
      schema: {
        operationId: 'GetJob',
        tags,
        summary: 'Follow a firmware update or a run',
        description: 'The channel `$gateway/jobs` tells every change of every job.',
        params,
        response: { 200: { description: 'The job.', content: { 'application/json': { schema: job } } } },
      },
    },
    (request) => {
      const { JobId } = request.params;
      const found = request.studio.jobs.get(JobId);
      if (found === undefined)
        throw new GatewayError('Not found', 'There is no such job; they are kept for an hour.');
      return found;
    },
  );
}
