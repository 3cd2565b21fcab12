import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Begun } from '../src/commands/gate.js';
import type { Invocation } from '../src/catalog/execute.js';

/** A command as a route knows it; `make` checks it and may refuse. */
export interface Asked {
  readonly name: string;
  readonly deviceId: unknown;
  readonly make: () => Omit<Invocation, 'trackId' | 'timeoutMs'>;
}

/** Runs a command for an HTTP request: its patience, the answer's bytes, the time it took. */
export async function runCommand(
  app: FastifyInstance,
  { name, deviceId, make }: Asked,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id: trackId } = request;
  const preferences = preferencesOf(request.headers['prefer'], app.studio.commands.maxTimeoutMs / 1000);
  const { wait } = preferences;
  const timeoutMs = wait === undefined ? undefined : wait * 1000;
  const invocation = (): Invocation => {
    const { name: command, command: definition, arguments: args, version } = make();
    // Written out: a spread would cost more than all else that happens here.
    return { name: command, command: definition, arguments: args, version, trackId, timeoutMs };
  };
  const started = performance.now();
  let awaited: Awaited<Begun['answer']> | undefined;
  let job: Begun['job'];
  request.atGate = true;
  try {
    const { isAsync: isFollowed } = preferences;
    const beginning = app.gate.begin(request.caller(), { name, deviceId, trackId, isFollowed, invocation });
    const begun = beginning instanceof Promise ? await beginning : beginning;
    job = preferences.isAsync ? begun.job : undefined;
    applied(preferences, job !== undefined, reply);
    // A job tells how it went.
    if (job === undefined) awaited = await begun.answer;
    else begun.answer.catch(() => undefined);
  } finally {
    reply.header('server-timing', `rcsp;dur=${(performance.now() - started).toFixed(2)}`);
  }
  if (job !== undefined) return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job);
  if (awaited?.bytes === undefined) return reply.code(204).send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(awaited.bytes);
}

export interface Preferences {
  /** Seconds that the command may take. */
  readonly wait: number | undefined;
  /** Not to wait for long work at all. */
  readonly isAsync: boolean;
}

const NONE: Preferences = { wait: undefined, isAsync: false };

/** `Prefer` (RFC 7240), `maxSeconds` at most. A preference that makes no sense is no preference. */
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
  const words = [
    ...(wait === undefined ? [] : [`wait=${wait}`]),
    ...(isAsync && isJob ? ['respond-async'] : []),
  ];
  if (words.length > 0) reply.header('preference-applied', words.join(', '));
}
