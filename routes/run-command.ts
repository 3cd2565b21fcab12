import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answer, Executor, Invocation } from '../src/catalog/execute.js';

/** Runs a command for an HTTP request: its patience, the answer's bytes, the time it took. */
export async function runCommand(
  executor: Executor,
  invocation: Omit<Invocation, 'trackId' | 'timeoutMs'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const wait = preferredWait(request.headers['prefer'], executor.maxTimeoutMs / 1000);
  if (wait !== undefined) reply.header('preference-applied', `wait=${wait}`);
  const timeoutMs = wait === undefined ? undefined : wait * 1000;
  const { name, command, arguments: args, version } = invocation;
  const started = performance.now();
  let answer: Answer;
  try {
    // Written out: a spread would cost more than all else that happens here.
    const { id: trackId } = request;
    answer = await executor.execute({ name, command, arguments: args, version, trackId, timeoutMs });
  } finally {
    reply.header('server-timing', `rcsp;dur=${(performance.now() - started).toFixed(2)}`);
  }
  if (answer.bytes === undefined) return reply.code(204).send();
  return reply.header('content-type', 'application/json; charset=utf-8').send(answer.bytes);
}

/** Seconds of `Prefer: wait=<seconds>` (RFC 7240), `maxSeconds` at most. A preference that makes no sense is no preference. */
export function preferredWait(
  header: string | readonly string[] | undefined,
  maxSeconds: number,
): number | undefined {
  if (header === undefined) return undefined;
  const preferences = String(header).split(',');
  for (const each of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(each) ?? [];
    if (seconds !== undefined && Number(seconds) > 0) return Math.min(Number(seconds), maxSeconds);
  }
  return undefined;
}
