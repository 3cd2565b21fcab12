import { clientKey, clientName } from '../access/scope.js';
import type { Caller } from '../access/scope.js';
import type { Answer, CommandInvocation } from '../catalog/execute.js';
import { checkedInvocation } from '../catalog/invocation.js';
import type { CommandDescriber, NamedCommand } from '../catalog/invocation.js';
import type { Job } from '../jobs/job.js';
import type { Jobs } from '../jobs/jobs.js';
import { isWrite } from '../catalog/rcsp/policies.js';
import type { FairShare } from './fair-share.js';
import type { CommandRequest, Gate, Permit } from './gate.js';

export interface DispatcherOptions {
  readonly gate: Gate;
  readonly jobs: Jobs;
  readonly share: FairShare;
  readonly describer: CommandDescriber;
  readonly execute: (invocation: CommandInvocation) => Promise<Answer>;
}

/** A command as a caller names it, with how long it may take. */
export interface NamedRequest extends NamedCommand {
  /** Milliseconds; otherwise the command's own. */
  readonly timeoutMs: number | undefined;
  readonly trackId: string;
}

/** A command on its way; `job` where its policy makes it one. */
export interface DispatchedCommand {
  readonly job: Job | undefined;
  readonly answer: Promise<Answer>;
}

/** A command that the gate has admitted. */
interface AdmittedCommand {
  readonly caller: Caller;
  readonly permit: Permit;
  readonly invocation: CommandInvocation;
  /** The caller does not wait for the answer, but follows the job. */
  readonly isFollowed: boolean;
}

/**
 * The one way of every caller's commands: a REST route, the generic one, a WebSocket.
 *
 *   admit (scope, rate, lease) → check the arguments → send → settle the permit, which writes the audit line
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /**
   * Sends a command whose arguments have been checked.
   *
   * @throws GatewayError `Unauthorized`, `Forbidden`, `Too many requests`, `Busy`
   */
  async dispatch(
    caller: Caller,
    invocation: CommandInvocation,
    isFollowed: boolean,
  ): Promise<DispatchedCommand> {
    const permit = await this.#options.gate.admit(caller, requestOf(invocation));
    return this.#send({ caller, permit, invocation, isFollowed });
  }

  /**
   * Checks a command that is named by the caller, and sends it; `at` is where the arguments stand, for the errors.
   *
   * @throws GatewayError as `dispatch`, and `Invalid request`
   */
  async dispatchNamed(
    caller: Caller,
    request: NamedRequest,
    at: string,
    isFollowed: boolean,
  ): Promise<DispatchedCommand> {
    const permit = await this.#options.gate.admit(caller, requestOf(request));
    const invocation = this.#checked(permit, request, at);
    return this.#send({ caller, permit, invocation, isFollowed });
  }

  #checked(permit: Permit, request: NamedRequest, at: string): CommandInvocation {
    const { timeoutMs, trackId } = request;
    try {
      return { ...checkedInvocation(request, this.#options.describer, at), timeoutMs, trackId };
    } catch (error) {
      permit.refuse(error);
      throw error;
    }
  }

  async #send(command: AdmittedCommand): Promise<DispatchedCommand> {
    const { permit, invocation } = command;
    const caller = clientKey(command.caller);
    this.#takeShare(caller, permit);
    const release = (): void => this.#options.share.release(caller);
    const sent =
      permit.policy.isJob === true
        ? await this.#startJob(command, release)
        : { job: undefined, answer: this.#options.execute(invocation) };
    sent.answer.then(
      () => {
        release();
        permit.settle(undefined);
      },
      (error: unknown) => {
        release();
        permit.settle(error);
      },
    );
    return sent;
  }

  #takeShare(caller: string, permit: Permit): void {
    try {
      this.#options.share.take(caller, isWrite(permit.policy));
    } catch (error) {
      permit.refuse(error);
      throw error;
    }
  }

  async #startJob(
    { caller, permit, invocation, isFollowed }: AdmittedCommand,
    release: () => void,
  ): Promise<DispatchedCommand> {
    const { jobs, execute } = this.#options;
    try {
      return await jobs.start({ invocation, startedBy: clientName(caller), isFollowed }, execute);
    } catch (error) {
      release();
      permit.refuse(error);
      throw error;
    }
  }
}

function requestOf({ name, arguments: args, trackId }: CommandInvocation | NamedRequest): CommandRequest {
  return { name, deviceId: args['DeviceId'], trackId };
}
