/**
 * The one way to the studio for everybody outside: a REST route, the generic one, a WebSocket. Who may send what,
 * how often, whether it is somebody else's turn, and the line that every write leaves.
 */
import { UNLISTED_POLICY } from '../catalog/execute.js';
import type { Answer, Invocation } from '../catalog/execute.js';
import { commandByName } from '../catalog/index.js';
import { isWrite } from '../catalog/rcsp/policies.js';
import type { Policy } from '../catalog/define.js';
import type { Jobs, StartedJob } from '../jobs/jobs.js';
import { GatewayError } from '../errors/errors.js';
import type { AuditEntry } from './audit.js';
import { auditEntry } from './audit.js';
import type { ControlLease } from './lease.js';
import type { RateLimit } from './rate-limit.js';
import { clientKey, clientName, demandScope } from '../access/scope.js';
import type { Caller, Principal } from '../access/scope.js';

export interface GateOptions {
  readonly execute: (invocation: Invocation) => Promise<Answer>;
  /** Whether somebody who was let in may stay. */
  readonly isWelcome: (principal: Principal) => boolean;
  readonly rate: RateLimit;
  /** Absent unless the gateway has one. */
  readonly lease: ControlLease | undefined;
  readonly jobs: Jobs;
  readonly audit: (entry: AuditEntry) => void;
}

/** A command as it is asked for; `invocation` makes it whole and may refuse it. */
export interface Ask {
  readonly name: string;
  /** For the audit, as it was said. */
  readonly deviceId: unknown;
  readonly trackId: string;
  /** Of long work: its answer is not waited for. */
  readonly isFollowed?: boolean;
  readonly invocation: () => Invocation;
}

/** What is on its way: `job` for long work. */
export interface Begun {
  readonly job: StartedJob['job'] | undefined;
  readonly answer: Promise<Answer>;
}

export class Gate {
  readonly #options: GateOptions;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @throws GatewayError, RejectedError; see `begin` and `Executor.execute` */
  async run(caller: Caller, ask: Ask): Promise<Answer> {
    return (await this.begin(caller, ask)).answer;
  }

  /**
   * Puts a command on its way, at once where nothing needs to be waited for.
   *
   * @throws GatewayError `Forbidden`, `Too many requests`, `Busy`, `Invalid request`; or rejects with them
   */
  begin(caller: Caller, ask: Ask): Begun | Promise<Begun> {
    const policy = policyOf(ask.name);
    const { rate } = this.#options;
    if (rate.isOn || policy.isJob === true) return this.#beginLater(caller, ask, policy);
    try {
      return this.#sent(caller, ask, policy, { job: undefined, answer: this.#admit(caller, ask, policy) });
    } catch (error) {
      this.refused(caller, ask, error);
      throw error;
    }
  }

  async #beginLater(caller: Caller, ask: Ask, policy: Policy): Promise<Begun> {
    try {
      await this.#options.rate.take(clientKey(caller));
      const begun =
        policy.isJob === true
          ? await this.#startJob(caller, ask, policy)
          : { job: undefined, answer: this.#admit(caller, ask, policy) };
      return this.#sent(caller, ask, policy, begun);
    } catch (error) {
      this.refused(caller, ask, error);
      throw error;
    }
  }

  #admit(caller: Caller, ask: Ask, policy: Policy): Promise<Answer> {
    return this.#options.execute(this.#admitted(caller, ask, policy));
  }

  #startJob(caller: Caller, ask: Ask, policy: Policy): Promise<Begun> {
    const { jobs, execute } = this.#options;
    const invocation = this.#admitted(caller, ask, policy);
    const { isFollowed = false } = ask;
    return jobs.start({ invocation, startedBy: clientName(caller), isFollowed }, execute);
  }

  #admitted(caller: Caller, ask: Ask, policy: Policy): Invocation {
    if (!this.#options.isWelcome(caller.principal)) {
      throw new GatewayError('Unauthorized', 'The token was revoked or has expired.', {
        outcome: 'not-sent',
      });
    }
    demandScope(caller.principal, policy.scope, ask.name);
    if (policy.scope !== 'read') this.#options.lease?.demand(caller);
    return ask.invocation();
  }

  #sent(caller: Caller, ask: Ask, policy: Policy, begun: Begun): Begun {
    if (!isWrite(policy)) return begun;
    begun.answer.then(
      () => this.#audit(caller, ask, undefined),
      (error: unknown) => this.#audit(caller, ask, { error, wasSent: true }),
    );
    return begun;
  }

  /** A command that was refused before it came here; of a write, that leaves a line too. */
  refused(caller: Caller, ask: Omit<Ask, 'invocation'>, error: unknown): void {
    if (isWrite(policyOf(ask.name))) this.#audit(caller, ask, { error, wasSent: false });
  }

  #audit(
    caller: Caller,
    { name, deviceId, trackId }: Omit<Ask, 'invocation'>,
    ended: Parameters<typeof auditEntry>[4],
  ): void {
    this.#options.audit(auditEntry(caller, name, deviceId, trackId, ended));
  }
}

function policyOf(name: string): Policy {
  return commandByName.get(name)?.policy ?? UNLISTED_POLICY;
}
