import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onResponseHookHandler,
  RouteOptions,
} from 'fastify';
import fp from 'fastify-plugin';

/** Every request leaves one line in the log, but for reads that went well, which leave it at `debug`. */
export const tracking = fp(
  (app: FastifyInstance) => {
    const isVerbose = app.log.level === 'debug' || app.log.level === 'trace';
    app.decorate('logRequest', (request, reply, isQuiet) => {
      const isFailure = reply.statusCode >= 500 && reply.problemCode !== undefined;
      const level = isFailure ? 'warn' : isQuiet ? 'debug' : 'info';
      app.log[level]({ trackId: request.id, ...lineOf(request, reply) }, 'request');
    });
    app.addHook('onRoute', (route) => {
      const { quiet = isRead(route) } = route.config ?? {};
      if (quiet && !isVerbose) return;
      const log: onResponseHookHandler = (request, reply, done) => {
        app.logRequest(request, reply, quiet);
        done();
      };
      route.config = { ...route.config, isLogged: true };
      route.onResponse = [log, ...[route.onResponse ?? []].flat()];
    });
  },
  { name: 'tracking', dependencies: ['problems'] },
);

function isRead({ method }: RouteOptions): boolean {
  return [method].flat().every((each) => each === 'GET' || each === 'HEAD');
}

function lineOf(request: FastifyRequest, reply: FastifyReply): Record<string, unknown> {
  return {
    method: request.method,
    // Not the query: it may hold what must not be in a log.
    path: request.originalUrl.split('?', 1)[0],
    status: reply.statusCode,
    command: request.routeOptions.config.command,
    code: reply.problemCode,
    durationMs: Math.round(reply.elapsedTime * 100) / 100,
    from: request.ip,
  };
}

declare module 'fastify' {
  interface FastifyInstance {
    logRequest: (request: FastifyRequest, reply: FastifyReply, isQuiet: boolean) => void;
  }

  interface FastifyContextConfig {
    /** A hook logs its requests when they have been answered. */
    isLogged?: boolean;
    /** Requested so often that its requests are logged at `debug`, as all reads are. */
    quiet?: boolean;
  }
}
