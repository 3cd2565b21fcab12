import { assertScope, clientKey } from '../access/scope.js';
import type { Caller, Principal } from '../access/scope.js';
import { UNLISTED_POLICY } from '../catalog/execute.js';
import { commandByName } from '../catalog/index.js';
import { isWrite } from '../catalog/rcsp/policies.js';
import type { Policy } from '../catalog/define.js';
import { GatewayError } from '../errors/errors.js';
import { auditEntry } from './audit.js';
import type { AuditEntry } from './audit.js';
import type { ControlLease } from './lease.js';
import type { RateLimit } from './rate-limit.js';

export interface GateOptions {
  /** Whether a principal that was let in may stay. */
  readonly isStillAuthorized: (principal: Principal) => boolean;
  readonly rate: RateLimit;
  /** Absent unless the gateway has one. */
  readonly lease: ControlLease | undefined;
  readonly audit: (entry: AuditEntry) => void;
}

/** The command of a caller, as far as the gate and the audit need it. */
export interface CommandRequest {
  readonly name: string;
  /** As the caller wrote it. */
  readonly deviceId: unknown;
  readonly trackId: string;
  /** The light array that it is for. */
  readonly node?: string | undefined;
  /** Of a command outside the catalog. */
  readonly policy?: Policy | undefined;
}

/** Permission for one command; it owns the audit line, which every write leaves once. */
export interface Permit {
  readonly policy: Policy;
  /** The command was not sent: the gateway refused it. */
  refuse(error: unknown): void;
  /** The command was sent and has ended; `error` is undefined when it succeeded. */
  settle(error: unknown): void;
}

/** Decides who may send what, how often, and whether another client holds the control lease. */
export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Admits a command, or leaves the audit line of its refusal.
   *
   * @throws GatewayError `Unauthorized`, `Forbidden`, `Too many requests`, `Busy`
   */
  admit(caller: Caller, command: CommandRequest): Permit | Promise<Permit> {
    const { rate } = this.#options;
    return rate.isOn ? this.#admitCounted(caller, command) : this.#admit(caller, command);
  }

  /** Leaves the audit line of a command that was refused before it came to the gate. */
  refuse(caller: Caller, command: CommandRequest, error: unknown): void {
    this.#permit(caller, command, policyOf(command)).refuse(error);
  }

  async #admitCounted(caller: Caller, command: CommandRequest): Promise<Permit> {
    try {
      await this.#options.rate.take(clientKey(caller));
    } catch (error) {
      this.refuse(caller, command, error);
      throw error;
    }
    return this.#admit(caller, command);
  }

  #admit(caller: Caller, command: CommandRequest): Permit {
    const policy = policyOf(command);
    const permit = this.#permit(caller, command, policy);
    try {
      this.#check(caller, policy, command.name);
    } catch (error) {
      permit.refuse(error);
      throw error;
    }
    return permit;
  }

  #check(caller: Caller, policy: Policy, name: string): void {
    if (!this.#options.isStillAuthorized(caller.principal)) {
      throw new GatewayError('Unauthorized', 'The token was revoked or has expired.', {
        outcome: 'not-sent',
      });
    }
    assertScope(caller.principal, policy.scope, name);
    if (policy.scope !== 'read') this.#options.lease?.assertHeldBy(caller);
  }

  /** Reads leave no line. */
  #permit(caller: Caller, command: CommandRequest, policy: Policy): Permit {
    return isWrite(policy)
      ? this.#writePermit(caller, command, policy)
      : { policy, refuse: nothing, settle: nothing };
  }

  #writePermit(caller: Caller, command: CommandRequest, policy: Policy): Permit {
    const write = (ended: Parameters<typeof auditEntry>[2]): void =>
      this.#options.audit(auditEntry(caller, command, ended));
    return {
      policy,
      refuse: (error) => write({ error, wasSent: false }),
      settle: (error) => write(error === undefined ? undefined : { error, wasSent: true }),
    };
  }
}

function nothing(): void {
  return undefined;
}

function policyOf({ name, policy }: CommandRequest): Policy {
  return policy ?? commandByName.get(name)?.policy ?? UNLISTED_POLICY;
}
