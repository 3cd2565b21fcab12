import type { Scope } from '../catalog/define.js';
import { problemOf } from '../errors/problem-of.js';
import type { Caller } from '../access/scope.js';
import type { Outcome } from '../wire/problem.js';

/** One write: who, from where, what, how it ended. Arguments are left out, for they may hold secrets. */
export interface AuditEntry {
  /** Milliseconds since 1970, of its end. */
  readonly at: number;
  /** The token's name. */
  readonly who: string;
  readonly scope: Scope;
  /** An address. */
  readonly from: string;
  readonly via: Caller['via'];
  readonly command: string;
  readonly deviceId: number | null;
  /** The light array, of a command for one. */
  readonly node?: string;
  /** The edge through which it came, over NATS. */
  readonly edge?: string;
  /** `refused` is the gateway's own no: a scope, a lease, a limit, a form. */
  readonly outcome: 'ok' | 'refused' | Outcome;
  /** The error's code; null when all went well. */
  readonly code: string | null;
  readonly trackId: string;
}

interface AuditedCommand {
  readonly name: string;
  readonly deviceId: unknown;
  readonly node?: string | undefined;
  readonly trackId: string;
}

export function auditEntry(
  { principal, address, via }: Caller,
  { name: command, deviceId, node, trackId }: AuditedCommand,
  ended: { readonly error: unknown; readonly wasSent: boolean } | undefined,
): AuditEntry {
  const problem = ended && problemOf(ended.error);
  return {
    at: Date.now(),
    who: principal.name,
    scope: principal.scope,
    from: address,
    via,
    command,
    deviceId: typeof deviceId === 'number' ? deviceId : null,
    ...(node !== undefined && { node }),
    ...(principal.edge !== undefined && { edge: principal.edge }),
    outcome:
      problem === undefined ? 'ok' : ended?.wasSent === true ? (problem.outcome ?? 'no-answer') : 'refused',
    code: problem?.code ?? null,
    trackId,
  };
}
