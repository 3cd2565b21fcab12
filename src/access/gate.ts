/**
 * The one way to the studio for everybody outside: a REST route, the generic one, a WebSocket. Who may send what,
 * how often, whether it is somebody else's turn, and the line that every write leaves.
 */
import { UNLISTED_POLICY } from '../catalog/execute.js';
import type { Answer, Invocation } from '../catalog/execute.js';
import { commandByName } from '../catalog/index.js';
import type { Policy } from '../catalog/define.js';
import type { Jobs, StartedJob } from '../jobs/jobs.js';
import type { AuditEntry } from './audit.js';
import { auditEntry } from './audit.js';
import type { ControlLease } from './lease.js';
import type { RateLimit } from './rate-limit.js';
import { clientKey, clientName, demandScope } from './scope.js';
import type { Caller } from './scope.js';

export interface GateOptions {
  readonly execute: (invocation: Invocation) => Promise<Answer>;
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
   * Until the command is on its way.
   *
   * @throws GatewayError `Forbidden`, `Too many requests`, `Busy`, `Invalid request`
   */
  async begin(caller: Caller, ask: Ask): Promise<Begun> {
    const policy = commandByName.get(ask.name)?.policy ?? UNLISTED_POLICY;
    let begun: Begun;
    try {
      demandScope(caller.principal, policy.scope, ask.name);
      await this.#options.rate.take(clientKey(caller));
      if (policy.scope !== 'read') this.#options.lease?.demand(caller);
      begun = await this.#send(caller, policy, ask.invocation());
    } catch (error) {
      this.refused(caller, ask, error);
      throw error;
    }
    if (!policy.repeatable) {
      begun.answer.then(
        () => this.#audit(caller, ask, undefined),
        (error: unknown) => this.#audit(caller, ask, { error, wasSent: true }),
      );
    }
    return begun;
  }

  /** A command that was refused before it came here; of a write, that leaves a line too. */
  refused(caller: Caller, ask: Omit<Ask, 'invocation'>, error: unknown): void {
    const policy = commandByName.get(ask.name)?.policy ?? UNLISTED_POLICY;
    if (!policy.repeatable) this.#audit(caller, ask, { error, wasSent: false });
  }

  #send(caller: Caller, { isJob }: Policy, invocation: Invocation): Promise<Begun> | Begun {
    const { jobs, execute } = this.#options;
    if (isJob === true) return jobs.start(invocation, clientName(caller), execute);
    return { job: undefined, answer: execute(invocation) };
  }

  #audit(
    caller: Caller,
    { name, deviceId, trackId }: Omit<Ask, 'invocation'>,
    ended: Parameters<typeof auditEntry>[4],
  ): void {
    this.#options.audit(auditEntry(caller, name, deviceId, trackId, ended));
  }
}
