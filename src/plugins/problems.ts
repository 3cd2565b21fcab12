import { STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { GatewayError } from '../errors/errors.js';
import type { GatewayErrorCode } from '../errors/errors.js';
import type { ConnectionRefusal } from '../metrics.js';
import { isKnown, problemOf } from '../errors/problem-of.js';
import { createTrackIds } from '../util/track-id.js';
import { AllowedMethods } from './allowed-methods.js';
import { isUpgrade } from './upgrade-offers.js';

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** Fastify's own errors in our words; any other as it is. */
export function translated(error: unknown): unknown {
  if (isKnown(error)) return error;
  const { code, statusCode, message } = asFastify(error);
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return notSent('Payload too large', message);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return notSent(
      'Unsupported media type',
      "Send the body as JSON in UTF-8, with the header 'content-type: application/json'.",
    );
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return notSent('Invalid request', message);
  return error;
}

function notSent(code: GatewayErrorCode, detail: string): GatewayError {
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
  const known = translated(error);
  const problem = problemOf(known, commandOf(request), request.id);
  if (problem.code === 'Internal error')
    request.server.log.error({ err: error, trackId: request.id }, 'request failed');
  reply.problemCode = problem.code;
  if (known instanceof GatewayError) request.server.metrics.requestRefused(known.code);
  const timing = reply.getHeader('server-timing');
  if (!reply.hasHeader('x-track-id')) request.server.setApiHeaders(reply);
  if (timing !== undefined) reply.header('server-timing', timing);
  // Node has let go of its connection: it ends with the answer.
  if (isUpgrade(request.raw)) reply.header('connection', 'close');
  if (isKnown(known) && known.retryAfter !== undefined) reply.header('retry-after', known.retryAfter);
  reply
    .code(problem.status)
    .headers({ 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' })
    .send(JSON.stringify(problem));
  // A read whose requests no hook logs, or no route at all.
  const isUnlogged = request.routeOptions.config.isLogged !== true;
  if (isUnlogged && (request.is404 || problem.status >= 500))
    request.server.logRequest(request, reply, false);
}

/** A request that met no hook, for its URL makes no sense, leaves its line in the log here. */
export function sendFrameworkProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  // No hook runs for it, so nobody else would end an upgrade's connection.
  if (isUpgrade(request.raw)) {
    const { socket } = request.raw;
    reply.raw.once('finish', () => socket.destroySoon());
  }
  sendProblem(error, request, reply);
}

/** The command that a request is about; the generic route says it in its path. */
export function commandOf({ params, routeOptions: { config } }: FastifyRequest): string | undefined {
  if (config.command !== undefined) return config.command;
  return typeof params === 'object' &&
    params !== null &&
    'Command' in params &&
    typeof params.Command === 'string'
    ? params.Command
    : undefined;
}

type DirectRefusal = readonly [status: number, detail: string, reason: ConnectionRefusal];

/** What Node itself refuses, and how it is told: Fastify never sees it. */
const UNREADABLE: Readonly<Record<string, DirectRefusal>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.', 'headers-too-large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.', 'request-timeout'],
};
const NOT_HTTP: DirectRefusal = [400, 'This is not a readable HTTP request.', 'unreadable-request'];

const nextTrackId = createTrackIds();
/** Milliseconds for a client to take the answer that ends its connection. */
const LAST_WORD_MS = 2000;

/**
 * A request that is no HTTP, or too slow, gets its problem by hand. The connection ends with it at once: what
 * else arrives must not be taken for a request, and who does not hang up keeps no place.
 */
export function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Duplex,
  onRefused: (reason: ConnectionRefusal) => void,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  if (isShakingHands(socket)) {
    onRefused('tls-handshake');
    socket.destroy();
    return;
  }
  const [status, detail, reason] = UNREADABLE[error.code ?? ''] ?? NOT_HTTP;
  onRefused(reason);
  endWithProblem(socket, status, detail);
}

/** Nothing can be said before a TLS handshake is over. Node crashes on `getFinished` of a socket that has ended. */
function isShakingHands(socket: Duplex): boolean {
  return socket instanceof TLSSocket && socket.getFinished() === undefined;
}

export function endWithProblem(socket: Duplex, status: number, detail: string): void {
  const title = STATUS_CODES[status] ?? 'Bad Request';
  const trackId = nextTrackId();
  const body = JSON.stringify({
    ...problemOf(notSent('Invalid request', detail), undefined, trackId),
    status,
    title,
  });
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    `x-track-id: ${trackId}`,
    'server-timing: rcsp;dur=0',
    'cache-control: no-store',
    'connection: close',
  ];
  // Who takes no answer keeps no place either.
  const overdue = setTimeout(() => socket.destroy(), LAST_WORD_MS);
  socket.once('close', () => clearTimeout(overdue));
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}

function noRoute(method: string, path: string, allowed: readonly string[]): GatewayError {
  if (allowed.length === 0) return new GatewayError('Not found', `There is no ${method} ${path}. See /docs.`);
  const detail = `${path} does not take ${method}; it takes ${allowed.join(', ')}. See /docs.`;
  return new GatewayError('Method not allowed', detail, { outcome: 'not-sent' });
}

export const problems = fp(
  (app: FastifyInstance) => {
    app.decorateReply('problemCode', undefined);
    app.server.on('checkExpectation', ({ socket }: IncomingMessage) => {
      app.metrics.connectionRefused('expectation');
      endWithProblem(socket, 417, 'No other expectation than 100-continue can be met.');
    });
    app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
    const methods = new AllowedMethods(app);
    app.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?', 1)[0] ?? '';
      const taken = methods.of(path);
      // Of a path that takes the method, the route found nothing: a file that is not there.
      const allowed = taken.includes(request.method) ? [] : taken;
      if (allowed.length > 0) reply.header('allow', allowed.join(', '));
      sendProblem(noRoute(request.method, path, allowed), request, reply);
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
