/** Tokens, tickets and scopes, as OpenAPI says them. */
import type { Scope } from '../catalog/index.js';

export const SECURITY_SCHEMES = {
  token: {
    type: 'http',
    scheme: 'bearer',
    description:
      'Made by `rcsp-gateway token create --name NAME --scope SCOPE`. Scopes include those before them: `read`, ' +
      '`control`, `admin`.',
  },
  ticket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description:
      'From `POST /v1/tickets`, for browsers, which can send no header here; used once, within 30 s.',
  },
} as const;

export type Security = Record<string, string[]>[];

/** What an operation needs; the scope stands where OpenAPI 3.1 puts roles. */
export function securityOf(scope: Scope, { takesTicket = false } = {}): Security {
  return [{ token: [scope] }, ...(takesTicket ? [{ ticket: [scope] }] : [])];
}

/** A document whose operations can also be called without a token. */
export function withOptionalTokens<T extends { security?: unknown; paths?: unknown }>(document: T): T {
  const optional = <O extends { security?: unknown }>(part: O): O => {
    const security: unknown = part.security;
    // An empty list says that a token is never asked for.
    return Array.isArray(security) && security.length > 0
      ? { ...part, security: [{}, ...(security as unknown[])] }
      : part;
  };
  const paths = Object.entries((document.paths ?? {}) as Record<string, Record<string, object>>).map(
    ([path, operations]) => [
      path,
      Object.fromEntries(Object.entries(operations).map(([method, each]) => [method, optional(each)])),
    ],
  );
  return { ...optional(document), paths: Object.fromEntries(paths) as T['paths'] };
}
