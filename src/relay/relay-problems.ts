/** What the relay answers itself when it cannot pass a request on. */
import { ServerResponse, STATUS_CODES } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isKnown, problemOf } from '../errors/problem-of.js';
import { createTrackIds } from '../util/track-id.js';

const nextTrackId = createTrackIds();

export interface ProblemOptions {
  /** Instead of the status of the error's code. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends an error as `application/problem+json`; one that is no error of ours is a defect, whose reason is not told. */
export function sendRelayProblem(
  error: unknown,
  response: ServerResponse,
  { status: other, headers = {} }: ProblemOptions = {},
): number {
  const trackId = nextTrackId();
  const problem = problemOf(error, undefined, trackId);
  const status = other ?? problem.status;
  const told =
    other === undefined ? problem : { ...problem, status, title: STATUS_CODES[status] ?? problem.title };
  const body = Buffer.from(JSON.stringify(told));
  const retryAfter = isKnown(error) ? error.retryAfter : undefined;
  const waiting: Record<string, number> = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
  response.writeHead(status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-track-id': trackId,
    ...waiting,
    ...headers,
  });
  response.end(body);
  return status;
}

/** An answer to a request whose connection Node has let go of for an upgrade. The connection ends with it. */
export function responseTo(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  const overdue = setTimeout(() => socket.destroy(), LAST_ANSWER_MS);
  socket.once('close', () => clearTimeout(overdue));
  response.once('finish', () => socket.end(() => socket.destroy()));
  return response;
}

/** Milliseconds for a client to take the answer that ends its connection. */
const LAST_ANSWER_MS = 10_000;
