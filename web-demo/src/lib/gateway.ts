/** HTTP requests to the gateway that the browser client does not offer. */

import { RcspError } from '../../../src/client/index.js';
import { takesControlFor } from './control.js';
import { gatewayUrl, storedToken } from './stored-token.js';
import type { Fault, Problem } from '../../../src/client/index.js';

export interface Exchange {
  readonly status: number;
  readonly durationMs: number;
  readonly trackId: string | null;
  /** Milliseconds that the studio took, as measured by the gateway; null when the studio was not asked. */
  readonly studioMs: number | null;
  /** Parsed when it is JSON; null when it is empty. */
  readonly body: unknown;
}

/**
 * Sends a request and resolves with any answer. A write takes control where nobody has it.
 *
 * @throws TypeError when there is no answer; RcspError when somebody else took control meanwhile
 */
export async function exchange(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Exchange> {
  const answer = await send(method, path, body, headers);
  const isRefused = method !== 'GET' && answer.status === 409;
  const isAgain = isRefused && (await takesControlFor(problemOf(answer)));
  return isAgain ? send(method, path, body, headers) : answer;
}

async function send(
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Exchange> {
  const token = storedToken();
  const started = performance.now();
  const response = await fetch(gatewayUrl(path), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    durationMs: performance.now() - started,
    trackId: response.headers.get('x-track-id'),
    studioMs: studioMsOf(response.headers.get('server-timing')),
    body: parsed(text),
  };
}

/** Sends a request and resolves with the body of a 2xx or 3xx answer. @throws RcspError, TypeError */
export async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<T> {
  const answer = await exchange(method, path, body, headers);
  if (answer.status < 400) return answer.body as T;
  throw problemOf(answer);
}

/** The problem document of an answer, or a generic problem when the body is none. */
export function problemOf({ status, body }: Pick<Exchange, 'status' | 'body'>): RcspError {
  const problem: Partial<Record<keyof Problem, unknown>> =
    typeof body === 'object' && body !== null ? body : {};
  if (typeof problem.code !== 'string') {
    return new RcspError({ code: 'No gateway', status, detail: `Answer ${status}.` });
  }
  const { outcome, errors } = problem;
  const isOutcome = outcome === 'not-sent' || outcome === 'no-answer' || outcome === 'rejected';
  return new RcspError({
    code: problem.code,
    status,
    ...textsOf(problem),
    ...(isOutcome && { outcome }),
    ...(Array.isArray(errors) && { errors: errors.filter(isFault) }),
  });
}

const TEXTS = ['title', 'detail', 'command', 'trackId', 'holder'] as const;

function textsOf(problem: Partial<Record<string, unknown>>): Partial<Record<(typeof TEXTS)[number], string>> {
  const texts: Partial<Record<(typeof TEXTS)[number], string>> = {};
  for (const name of TEXTS) {
    const value = problem[name];
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}

/** A data channel is used only where the page's address asks for it: `?transport=webrtc`. */
export function chosenTransport(): 'websocket' | 'webrtc' {
  const said = new URLSearchParams(location.search).get('transport');
  return said === 'webrtc' ? 'webrtc' : 'websocket';
}

function isFault(value: unknown): value is Fault {
  return (
    typeof value === 'object' &&
    value !== null &&
    'path' in value &&
    typeof value.path === 'string' &&
    'reason' in value &&
    typeof value.reason === 'string'
  );
}

function studioMsOf(timing: string | null): number | null {
  const [, ms] = /(?:^|,)\s*rcsp;dur=([\d.]+)/.exec(timing ?? '') ?? [];
  return ms === undefined ? null : Number(ms);
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
