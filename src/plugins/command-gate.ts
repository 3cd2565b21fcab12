import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { AuditEntry } from '../commands/audit.js';
import { Gate } from '../commands/gate.js';
import { ControlLease } from '../commands/lease.js';
import { RateLimit } from '../commands/rate-limit.js';
import { updateFwEventData } from '../catalog/rcsp/publishers.js';
import type { Config } from '../config/config.js';
import type { EventStream, SourceEvent } from '../upstreams/source.js';
import { Jobs } from '../jobs/jobs.js';
import { commandOf, translated } from './problems.js';
import { within } from '../util/within.js';

const AUDIT_CHANNEL = '$gateway/audit';
const LEASE_CHANNEL = '$gateway/lease';
const JOBS_CHANNEL = '$gateway/jobs';

/** Milliseconds for the subscription that an update is followed by; after that it starts without. */
const LISTEN_MS = 2000;
const UPDATE_EVENTS: readonly EventStream[] = ['Progress', 'Failure', 'Done'].map((topic) => ({
  publisher: 'UpdateFwEvents',
  topic,
}));

/** Commands of users on their way to the studio, and what is told of them. */
export const gate = fp<{ config: Config }>(
  (app: FastifyInstance, { config }: { config: Config }) => {
    const { hub, executor } = app.studio;
    const jobs = new Jobs({
      listen: () => listen(app),
      onChange: (job) => hub.publishOwn(JOBS_CHANNEL, job),
    });
    app.studio.watchEvents((event) => followUpdate(jobs, event));
    const lease = config.controlLease ? createLease(app, config.leaseTime * 1000) : undefined;
    for (const channel of [AUDIT_CHANNEL, JOBS_CHANNEL]) hub.addOwn(channel);
    app.decorate('jobs', jobs);
    app.decorate('lease', lease);
    app.decorate(
      'gate',
      new Gate({
        isWelcome: (principal) => app.access.isWelcome(principal),
        execute: (invocation) => executor.execute(invocation),
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

function audit({ log, studio }: FastifyInstance, entry: AuditEntry): void {
  log.info({ audit: entry, trackId: entry.trackId }, 'audit');
  studio.hub.publishOwn(AUDIT_CHANNEL, entry);
}

function createLease({ log, access, studio: { hub } }: FastifyInstance, durationMs: number): ControlLease {
  const lease = new ControlLease({
    durationMs,
    isWelcome: (principal) => access.isWelcome(principal),
    onChange(change) {
      if (change.change !== 'renewed') log.info({ lease: change }, 'control lease');
      hub.publishOwn(LEASE_CHANNEL, change);
    },
  });
  hub.publishOwn(LEASE_CHANNEL, { change: 'released', ...lease.state, previous: null });
  return lease;
}

async function listen({ studio: { hub } }: FastifyInstance): Promise<() => void> {
  const opened = UPDATE_EVENTS.map((stream) => hub.open(stream));
  const ready = Promise.allSettled(opened.map((each) => each.ready));
  // A studio that does not publish these may still update.
  if (hub.connected) await within(ready, LISTEN_MS, () => new Error('late')).catch(() => undefined);
  return () => {
    for (const each of opened) each.close();
  };
}

function followUpdate(jobs: Jobs, { publisher, topic, deviceId, data }: SourceEvent): void {
  if (publisher !== 'UpdateFwEvents' || deviceId !== undefined) return;
  const told = updateFwEventData.safeParse(data).data;
  jobs.onEvent({ topic, percent: told?.PercentComplete ?? undefined, error: told?.ErrorMsg ?? undefined });
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
