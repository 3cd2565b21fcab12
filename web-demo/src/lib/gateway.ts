/** The gateway over HTTP: what the browser client does not do. */

export interface Problem {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly outcome?: 'not-sent' | 'no-answer' | 'rejected';
  readonly command?: string;
  readonly trackId?: string;
  readonly errors?: readonly { readonly path: string; readonly reason: string }[];
  readonly holder?: string;
}

/** The gateway said no; the fields are those of its problem document. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

export interface Exchange {
  readonly status: number;
  readonly durationMs: number;
  readonly trackId: string | null;
  /** Milliseconds that the studio took, as the gateway measured it; null when it was not asked. */
  readonly studioMs: number | null;
  /** Parsed when it is JSON; null when there is none. */
  readonly body: unknown;
}

const TOKEN_KEY = 'rcsp-gateway-token';

/** Kept until the tab is closed, and nowhere else. */
export function storedToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY);
}

export function storeToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(TOKEN_KEY);
  else sessionStorage.setItem(TOKEN_KEY, token);
}

/** Where the gateway is: the page may be served below a path of a reverse proxy. */
export function gatewayUrl(path: string): string {
  return new URL(path.replace(/^\//, ''), document.baseURI).href;
}

/** Whatever the answer is. @throws TypeError when there is none */
export async function exchange(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
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

/** The body of a good answer. @throws ProblemError, TypeError */
export async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
): Promise<T> {
  const answer = await exchange(method, path, body, headers);
  if (answer.status < 400) return answer.body as T;
  throw new ProblemError(problemOf(answer));
}

/** The problem document of an answer, or words for one that is none. */
export function problemOf({ status, body }: Exchange): Problem {
  const told = typeof body === 'object' && body !== null && 'code' in body ? (body as Problem) : undefined;
  return told ?? { title: 'No gateway', status, detail: `Answer ${status}.`, code: 'No gateway' };
}

function studioMsOf(timing: string | null): number | null {
  const [, ms] = /(?:^|,)\s*rcsp;dur=([\d.]+)/.exec(timing ?? '') ?? [];
  return ms === undefined ? null : Number(ms);
}

/** The sentence of a problem document; empty when it is none. */
export function toldDetail(body: unknown): string {
  const isTold = typeof body === 'object' && body !== null && 'detail' in body;
  return isTold && typeof body.detail === 'string' ? body.detail : '';
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
