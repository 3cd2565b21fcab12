import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../src/catalog/execute.js';
import type { CommandListener } from '../src/commands/dispatcher.js';

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
export function runCommand(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  dispatch: (options: CommandOptions, listener: CommandListener) => void,
): void {
  const preferences = preferencesOf(
    request.headers['prefer'],
    app.studios.default.upstream.commands.maxTimeoutMs / 1000,
  );
  const { wait, isAsync } = preferences;
  const started = performance.now();
  const timing = (): string => `rcsp;dur=${Math.round((performance.now() - started) * 100) / 100}`;
  let isJob = false;
  const listener: CommandListener = {
    isFollowed: isAsync,
    onJob(job) {
      if (!isAsync) return;
      isJob = true;
      applied(preferences, true, reply);
      app
        .setApiHeaders(reply)
        .headers({ 'server-timing': timing(), location: `${request.prefix}/v1/jobs/${job.id}` });
      void reply.code(202).send(job);
    },
    onEnd(error, answer) {
      // A job reports its own failure.
      if (isJob) return;
      applied(preferences, false, reply);
      if (answer !== undefined) return sendAnswer(app, request, reply, answer, timing());
      reply.header('server-timing', timing());
      app.errorHandler(error, request, reply);
    },
  };
  dispatch({ timeoutMs: wait === undefined ? undefined : wait * 1000, trackId: request.id }, listener);
}

/** Writes the head at once: a read's answer is most of what the gateway does, and has no other headers. */
function sendAnswer(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes }: Answer,
  timing: string,
): void {
  if (bytes === undefined)
    return void app.setApiHeaders(reply).header('server-timing', timing).code(204).send();
  if (app.lifecycle.isEnding || Object.keys(reply.getHeaders()).length > 0) {
    return void app
      .setApiHeaders(reply)
      .headers({ 'content-type': JSON_TYPE, 'server-timing': timing })
      .send(bytes);
  }
  reply.hijack();
  const own = ['x-track-id', request.id, 'server-timing', timing, 'content-type', JSON_TYPE];
  reply.raw.writeHead(200, [...app.apiHead, ...own, 'content-length', String(bytes.length)]);
  reply.raw.end(bytes);
}

const JSON_TYPE = 'application/json; charset=utf-8';

interface Preferences {
  /** Seconds that the command may take. */
  readonly wait: number | undefined;
  /** Long work is to be followed as a job. */
  readonly isAsync: boolean;
}

const NONE: Preferences = { wait: undefined, isAsync: false };

/** `Prefer` (RFC 7240), `maxSeconds` at most. An unreadable preference is ignored. */
function preferencesOf(header: string | readonly string[] | undefined, maxSeconds: number): Preferences {
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
