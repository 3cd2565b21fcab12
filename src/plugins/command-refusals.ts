import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { commandOf, translated } from './problems.js';

/** Leaves the audit line of commands that were refused before they came to the gate. */
export const refusals = fp(
  (app: FastifyInstance) => {
    app.addHook('onError', (request, _reply, error, done) => {
      auditRefusal(request, translated(error));
      done();
    });
  },
  { name: 'refusals', dependencies: ['studios'] },
);

/** Its scope or its form was refused. The handler's own errors are its permit's. */
function auditRefusal(request: FastifyRequest, error: unknown): void {
  const params: Readonly<Record<string, unknown>> = { ...(request.params as object) };
  const name = commandOf(request);
  if (name === undefined || request.principal === undefined) return;
  const deviceId = params['DeviceId'] === undefined ? undefined : Number(params['DeviceId']);
  const node = typeof params['node'] === 'string' ? params['node'] : undefined;
  const caller = request.caller();
  request.server.studios
    .ofCaller(caller)
    .gate.refuse(caller, { name, deviceId, node, trackId: request.id }, error);
}
