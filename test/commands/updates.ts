import { expect } from 'vitest';
import { z } from 'zod';
import { until } from '../support/gateway.js';
import type { Gateway, Reply } from '../support/gateway.js';
import { eventFrame } from '../support/scripted-server.js';
import type { ScriptedServer } from '../support/scripted-server.js';

export const CHANNEL = '$gateway/jobs';
export const FILE = 'C:\\Firmware\\suit-3.2.1.bin';

/** Every field that a job has, and no other. */
export const Job = z.strictObject({
  id: z.string().min(1),
  command: z.string(),
  deviceId: z.int().nullable(),
  studio: z.literal('studio'),
  state: z.enum(['running', 'done', 'failed']),
  percent: z.number().nullable(),
  error: z.string().nullable(),
  code: z.string().nullable(),
  startedBy: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  trackId: z.string().min(1),
});
export type Job = z.output<typeof Job>;

type Headers = Readonly<Record<string, string>>;

/** Asks for an update without waiting for it. */
export function update(
  gateway: Gateway,
  path = '/v1/devices/1/firmware',
  FwPath = FILE,
  headers: Headers = {},
): Promise<Reply> {
  return gateway.ask('POST', path, { body: { FwPath }, headers: { prefer: 'respond-async', ...headers } });
}

/** The job of a `202`. */
export function accepted({ status, json }: Reply): Job {
  expect(status).toBe(202);
  return Job.parse(json);
}

export async function jobOf(gateway: Gateway, id: string, headers: Headers = {}): Promise<Job> {
  return Job.parse((await gateway.get(`/v1/jobs/${id}`, headers)).json);
}

export async function jobsOf(gateway: Gateway): Promise<Job[]> {
  return z.strictObject({ jobs: z.array(Job) }).parse((await gateway.get('/v1/jobs')).json).jobs;
}

/** The job once it is over. */
export async function ended(gateway: Gateway, id: string): Promise<Job> {
  await until(async () => (await jobOf(gateway, id)).state !== 'running');
  return jobOf(gateway, id);
}

/** Tells of an update, on the newest connection that asked to hear of them. */
export function emitUpdate(server: ScriptedServer, topic: string, data: object): void {
  const asked = server
    .named('Subscribe')
    .findLast(({ args }) => JSON.stringify(args).includes('UpdateFwEvents'));
  if (asked === undefined) throw new Error('nobody listens to updates');
  asked.connection.raw(eventFrame('UpdateFwEvents', topic, data));
}
