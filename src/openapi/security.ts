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

/** What an operation needs; the scope stands where OpenAPI 3.1 puts roles. */
export function securityOf(scope: Scope, { takesTicket = false } = {}): Record<string, string[]>[] {
  return [{ token: [scope] }, ...(takesTicket ? [{ ticket: [scope] }] : [])];
}
