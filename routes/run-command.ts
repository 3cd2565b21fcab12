import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../src/catalog/execute.js';
import type { DispatchedCommand } from '../src/commands/dispatcher.js';

/** What an HTTP request says of how its command is to be run. */
export interface CommandOptions {
  /** Milliseconds that it may take; undefined for the command's own time. */
  readonly timeoutMs: number | undefined;
  readonly trackId: string;
}

/**
 * Runs a command for an HTTP request: `dispatch` hands it to the dispatcher. Answers with the studio's own bytes, with a
 * job, or with the problem; a command that came as far as this has its audit line from its permit.
 */
export async function runCommand(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  dispatch: (options: CommandOptions, isFollowed: boolean) => Promise<DispatchedCommand>,
): Promise<FastifyReply> {
  const preferences = preferencesOf(request.headers['prefer'], app.studio.commands.maxTimeoutMs / 1000);
  const { wait, isAsync } = preferences;
  const started = performance.now();
  const timed = (): FastifyReply =>
    reply.header('server-timing', `rcsp;dur=${(performance.now() - started).toFixed(2)}`);
  try {
    const timeoutMs = wait === undefined ? undefined : wait * 1000;
    const { job, answer } = await dispatch({ timeoutMs, trackId: request.id }, isAsync);
    const isJob = isAsync && job !== undefined;
    applied(preferences, isJob, reply);
    // A job reports its own failure.
    if (isJob) {
      answer.catch(() => undefined);
      return await timed().code(202).header('location', `${request.prefix}/v1/jobs/${job.id}`).send(job);
    }
    return await sendAnswer(await answer, timed());
  } catch (error) {
    timed();
    app.errorHandler(error, request, reply);
    return reply;
  }
}

function sendAnswer({ bytes }: Answer, reply: FastifyReply): FastifyReply {
  if (bytes === undefined) return reply.code(204).send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(bytes);
}

export interface Preferences {
  /** Seconds that the command may take. */
  readonly wait: number | undefined;
  /** Long work is to be followed as a job. */
  readonly isAsync: boolean;
}

const NONE: Preferences = { wait: undefined, isAsync: false };

/** `Prefer` (RFC 7240), `maxSeconds` at most. An unreadable preference is ignored. */
export function preferencesOf(
  header: string | readonly string[] | undefined,
  maxSeconds: number,
): Preferences {
  if (header === undefined) return NONE;
  const preferences = String(header).split(',');
  let wait: number | undefined;
  for (const each of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(each) ?? [];
    if (seconds !== undefined && Number(seconds) > 0) wait ??= Math.min(Number(seconds), maxSeconds);
  }
  return { wait, isAsync: preferences.some((each) => /^\s*respond-async\s*(?:;.*)?$/i.test(each)) };
}

function applied({ wait, isAsync }: Preferences, isJob: boolean, reply: FastifyReply): void {
  const applied = [
    ...(wait === undefined ? [] : [`wait=${wait}`]),
    ...(isAsync && isJob ? ['respond-async'] : []),
  ];
  if (applied.length > 0) reply.header('preference-applied', applied.join(', '));
}
