import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { GatewayError, RejectedError } from '../errors.js';
import type { Outcome, RequestFault } from '../errors.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** RFC 9457, with RCSP's error code and the truth about the command. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly command?: string | undefined;
  readonly trackId?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly errors?: readonly RequestFault[] | undefined;
}

/** The problem that an error is told as. What is no error of ours is a defect: it is not shown to the user. */
export function problemOf(error: unknown, command?: string, trackId?: string): Problem {
  const known = asKnown(error);
  return {
    type: `urn:rcsp-gateway:problem:${known.code.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
    title: known.code,
    status: known.status,
    detail: known.message,
    code: known.code,
    command,
    trackId,
    outcome: known.outcome,
    errors: known instanceof GatewayError ? known.errors : undefined,
  };
}

function asKnown(error: unknown): GatewayError | RejectedError {
  if (error instanceof GatewayError || error instanceof RejectedError) return error;
  const { code, statusCode, message } = asFastify(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return notSent('Payload too large', message);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return notSent(
      'Invalid request',
      "Send the body as JSON, with the header 'content-type: application/json'.",
    );
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return notSent('Invalid request', message);
  return new GatewayError(
    'Internal error',
    'The gateway failed; its log has the reason under the track id.',
    {
      cause: error,
    },
  );
}

function notSent(code: 'Payload too large' | 'Invalid request', detail: string): GatewayError {
  return new GatewayError(code, detail, { outcome: 'not-sent' });
}

function asFastify(error: unknown): Pick<Partial<FastifyError>, 'code' | 'statusCode'> & { message: string } {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message } = error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const statusCode =
    'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined;
  return { message, ...(code && { code }), ...(statusCode && { statusCode }) };
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.routeOptions.config.command ?? namedCommand(request), request.id);
  if (problem.code === 'Internal error') request.log.error({ err: error }, 'request failed');
  reply.problemCode = problem.code;
  // A request whose URL makes no sense has met no hook.
  if (!reply.hasHeader('x-track-id'))
    reply.headers({ 'x-track-id': request.id, 'server-timing': 'rcsp;dur=0' });
  const known = asKnown(error);
  if (known.retryAfter !== undefined) reply.header('retry-after', known.retryAfter);
  reply.code(problem.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(problem));
}

/** The generic route says in its path which command it is about. */
function namedCommand({ params }: FastifyRequest): string | undefined {
  return typeof params === 'object' &&
    params !== null &&
    'Command' in params &&
    typeof params.Command === 'string'
    ? params.Command
    : undefined;
}

/** A request that is no HTTP gets its problem by hand: Fastify never saw it. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const body = JSON.stringify({
    ...problemOf(notSent('Invalid request', 'This is not a readable HTTP request.')),
    status,
    title,
  });
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

export const problems = fp(
  (app: FastifyInstance) => {
    app.decorateReply('problemCode', undefined);
    app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
    app.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?', 1)[0];
      sendProblem(
        new GatewayError('Not found', `There is no ${request.method} ${path}. See /docs.`),
        request,
        reply,
      );
    });
  },
  { name: 'problems' },
);

declare module 'fastify' {
  interface FastifyReply {
    /** Why the request failed. */
    problemCode: string | undefined;
  }

  interface FastifyContextConfig {
    /** The RCSP command that a route stands for. */
    command?: string;
  }
}
