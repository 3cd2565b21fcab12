import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { AuditEntry } from '../commands/audit.js';
import type { CommandEnd, CommandInvocation } from '../catalog/execute.js';
import { Dispatcher } from '../commands/dispatcher.js';
import { FairShare } from '../commands/fair-share.js';
import { Gate } from '../commands/gate.js';
import { ControlLease } from '../commands/lease.js';
import { RateLimit } from '../commands/rate-limit.js';
import type { Config } from '../config/config.js';
import { GATEWAY_CHANNELS } from '../wire/gateway-channels.js';
import { Jobs } from '../jobs/jobs.js';
import { commandOf, translated } from './problems.js';

/** The way of users' commands to the studio: gate, dispatcher, jobs and lease. */
export const gate = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const { hub, studio } = app;
    const jobs = new Jobs({
      listen: () => studio.listenForUpdates(),
      onChange: (job) => hub.publishOwn(GATEWAY_CHANNELS.jobs, job),
    });
    app.watchUpdates((event) => jobs.onEvent(event));
    const lease = config.controlLease ? createLease(app, config.leaseTime * 1000) : undefined;
    for (const channel of [GATEWAY_CHANNELS.audit, GATEWAY_CHANNELS.changes, GATEWAY_CHANNELS.jobs])
      hub.addOwn(channel);
    const gate = new Gate({
      isStillAuthorized: (principal) => app.access.isStillAuthorized(principal),
      rate: new RateLimit(config.commandRate, 1, `More than ${config.commandRate} commands in a second.`),
      lease,
      audit: (entry) => audit(app, entry),
    });
    const execute = (invocation: CommandInvocation, onEnd: CommandEnd): void =>
      studio.commands.execute(invocation, onEnd);
    const share = new FairShare(config.maxWaiting);
    app.decorate('jobs', jobs);
    app.decorate('lease', lease);
    app.decorate('gate', gate);
    app.decorate('dispatcher', new Dispatcher({ gate, jobs, share, describer: studio.discovery, execute }));
    app.addHook('onError', (request, _reply, error, done) => {
      auditRefusal(request, translated(error));
      done();
    });
    app.lifecycle.onShutdown('jobs', () => {
      jobs.close();
      lease?.close();
    });
  },
  { name: 'gate', dependencies: ['studio', 'access', 'lifecycle'] },
);

/** A command that did not reach its handler: its scope or its form was refused. The handler's own errors are its permit's. */
function auditRefusal(request: FastifyRequest, error: unknown): void {
  const params: Readonly<Record<string, unknown>> = { ...(request.params as object) };
  const name = commandOf(request);
  if (name === undefined || request.principal === undefined) return;
  const deviceId = params['DeviceId'] === undefined ? undefined : Number(params['DeviceId']);
  const node = typeof params['node'] === 'string' ? params['node'] : undefined;
  request.server.gate.refuse(request.caller(), { name, deviceId, node, trackId: request.id }, error);
}

function audit({ log, hub, studio }: FastifyInstance, entry: AuditEntry): void {
  log.info({ audit: entry, trackId: entry.trackId }, 'audit');
  hub.publishOwn(GATEWAY_CHANNELS.audit, entry);
  // Light arrays are no part of the studio.
  if (entry.outcome !== 'ok' || entry.node !== undefined) return;
  const { command, deviceId, at } = entry;
  hub.publishOwn(GATEWAY_CHANNELS.changes, { command, studio: studio.id, deviceId, at });
}

function createLease({ log, access, hub }: FastifyInstance, durationMs: number): ControlLease {
  const lease = new ControlLease({
    durationMs,
    isStillAuthorized: (principal) => access.isStillAuthorized(principal),
    onChange(change) {
      if (change.change !== 'renewed') log.info({ lease: change }, 'control lease');
      hub.publishOwn(GATEWAY_CHANNELS.lease, change);
    },
  });
  hub.publishOwn(GATEWAY_CHANNELS.lease, { change: 'released', ...lease.state, previous: null });
  return lease;
}

declare module 'fastify' {
  interface FastifyInstance {
    gate: Gate;
    dispatcher: Dispatcher;
    jobs: Jobs;
    /** Undefined unless the gateway has one. */
    lease: ControlLease | undefined;
  }
}
