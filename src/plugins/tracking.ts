import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';

/** Every answer names its request, and every request leaves one line in the log. */
export const tracking = fp(
  (app: FastifyInstance) => {
    const isVerbose = app.log.level === 'debug' || app.log.level === 'trace';
    app.addHook('onRequest', (request, reply, done) => {
      // A route that asks the studio overwrites the time.
      reply.headers({ 'x-track-id': request.id, 'server-timing': 'rcsp;dur=0' });
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const { command, quiet = request.method === 'GET' } = request.routeOptions.config;
      const level =
        reply.statusCode >= 500 && reply.problemCode !== undefined ? 'warn' : quiet ? 'debug' : 'info';
      if (level === 'debug' && !isVerbose) return done();
      request.log[level](
        {
          method: request.method,
          // Not the query: it may hold what must not be in a log.
          path: request.url.split('?', 1)[0],
          status: reply.statusCode,
          command,
          code: reply.problemCode,
          durationMs: Math.round(reply.elapsedTime * 100) / 100,
          from: request.ip,
        },
        'request',
      );
      done();
    });
  },
  { name: 'tracking', dependencies: ['problems'] },
);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requested so often that its requests are logged at `debug`, as all reads are. */
    quiet?: boolean;
  }
}
