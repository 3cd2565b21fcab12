import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { AuditEntry } from '../commands/audit.js';
import { Gate } from '../commands/gate.js';
import { ControlLease } from '../commands/lease.js';
import { RateLimit } from '../commands/rate-limit.js';
import type { Config } from '../config/config.js';
import { GATEWAY_CHANNELS } from '../wire/gateway-channels.js';
import { Jobs } from '../jobs/jobs.js';
import { commandOf, translated } from './problems.js';

/** Commands of users on their way to the studio, and what is told of them. */
export const gate = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const { hub, studio } = app;
    const jobs = new Jobs({
      listen: () => studio.listenForUpdates(),
      onChange: (job) => hub.publishOwn(GATEWAY_CHANNELS.jobs, job),
    });
    app.watchUpdates((event) => jobs.onEvent(event));
    const lease = config.controlLease ? createLease(app, config.leaseTime * 1000) : undefined;
    for (const channel of [GATEWAY_CHANNELS.audit, GATEWAY_CHANNELS.jobs]) hub.addOwn(channel);
    app.decorate('jobs', jobs);
    app.decorate('lease', lease);
    app.decorate(
      'gate',
      new Gate({
        isWelcome: (principal) => app.access.isWelcome(principal),
        execute: (invocation) => studio.commands.execute(invocation),
        rate: new RateLimit(config.commandRate, 1, `More than ${config.commandRate} commands in a second.`),
        lease,
        jobs,
        audit: (entry) => audit(app, entry),
      }),
    );
    app.decorateRequest('atGate', false);
    app.addHook('onError', (request, _reply, error, done) => {
      refused(request, translated(error));
      done();
    });
    app.addHook('onClose', (_, done) => {
      jobs.close();
      lease?.close();
      done();
    });
  },
  { name: 'gate', dependencies: ['studio', 'access'] },
);

/** A request for a command that its scope or its form kept from the gate. */
function refused(request: FastifyRequest, error: unknown): void {
  const params: Readonly<Record<string, unknown>> = { ...(request.params as object) };
  const name = commandOf(request);
  if (name === undefined || request.atGate || request.principal === undefined) return;
  const deviceId = params['DeviceId'] === undefined ? undefined : Number(params['DeviceId']);
  request.server.gate.refused(request.caller(), { name, deviceId, trackId: request.id }, error);
}

function audit({ log, hub }: FastifyInstance, entry: AuditEntry): void {
  log.info({ audit: entry, trackId: entry.trackId }, 'audit');
  hub.publishOwn(GATEWAY_CHANNELS.audit, entry);
}

function createLease({ log, access, hub }: FastifyInstance, durationMs: number): ControlLease {
  const lease = new ControlLease({
    durationMs,
    isWelcome: (principal) => access.isWelcome(principal),
    onChange(change) {
      if (change.change !== 'renewed') log.info({ lease: change }, 'control lease');
      hub.publishOwn(GATEWAY_CHANNELS.lease, change);
    },
  });
  hub.publishOwn(GATEWAY_CHANNELS.lease, { change: 'released', ...lease.state, previous: null });
  return lease;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Its command has come to the gate, which leaves the line in the audit. */
    atGate: boolean;
  }

  interface FastifyInstance {
    gate: Gate;
    jobs: Jobs;
    /** Undefined unless the gateway has one. */
    lease: ControlLease | undefined;
  }
}
