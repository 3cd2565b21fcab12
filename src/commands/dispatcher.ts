import { clientKey, clientName } from '../access/scope.js';
import type { Caller } from '../access/scope.js';
import { answerOf } from '../catalog/execute.js';
import type { Answer, CommandEnd, CommandInvocation } from '../catalog/execute.js';
import { checkedInvocation } from '../catalog/invocation.js';
import type { CommandDescriber, NamedCommand } from '../catalog/invocation.js';
import type { Job } from '../jobs/job.js';
import type { Jobs } from '../jobs/jobs.js';
import { isWrite } from '../catalog/rcsp/policies.js';
import type { FairShare } from './fair-share.js';
import type { CommandRequest, Gate, Permit } from './gate.js';

export interface DispatcherOptions {
  readonly gate: Gate;
  readonly jobs: Pick<Jobs, 'start'>;
  readonly share: FairShare;
  readonly describer: CommandDescriber;
  readonly execute: (invocation: CommandInvocation, onEnd: CommandEnd) => void;
  /** Whoever runs the commands is told who asks. */
  readonly tellsAsker?: boolean;
}

/** What the caller of a command hears of it. */
export interface CommandListener {
  /** The caller does not wait for the answer, but follows the job. */
  readonly isFollowed: boolean;
  /** The command was sent as a job, as its policy says. */
  onJob(job: Job): void;
  /**
   * Once. The errors are the studio's and the executor's, and, of a command that was not sent, `Unauthorized`,
   * `Forbidden`, `Too many requests`, `Busy`, `Too busy`, `Invalid request`.
   */
  onEnd(error: unknown, answer: Answer | undefined): void;
}

/** A command that the gate has admitted. */
interface AdmittedCommand {
  readonly caller: Caller;
  readonly permit: Permit;
  readonly invocation: CommandInvocation;
  readonly listener: CommandListener;
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

  /** Sends a command whose arguments have been checked. */
  dispatch(caller: Caller, invocation: CommandInvocation, listener: CommandListener): void {
    const asked = this.#withAsker(caller, invocation);
    this.#admit(caller, requestOf(invocation), listener, (permit) =>
      this.#send({ caller, permit, invocation: asked, listener }),
    );
  }

  /** Checks a command that is named by the caller, and sends it; `at` is where the arguments stand, for the errors. */
  dispatchNamed(caller: Caller, request: NamedCommand, at: string, listener: CommandListener): void {
    this.#admit(caller, requestOf(request), listener, (permit) => {
      const invocation = this.#withAsker(caller, this.#checked(permit, request, at));
      this.#send({ caller, permit, invocation, listener });
    });
  }

  #withAsker(caller: Caller, invocation: CommandInvocation): CommandInvocation {
    if (this.#options.tellsAsker !== true) return invocation;
    return { ...invocation, asker: { subject: clientName(caller), scope: caller.principal.scope } };
  }

  /** At once, unless a rate limit is counted. */
  #admit(
    caller: Caller,
    request: CommandRequest,
    listener: CommandListener,
    send: (permit: Permit) => void,
  ): void {
    try {
      const permit = this.#options.gate.admit(caller, request);
      if (permit instanceof Promise)
        permit.then(send).catch((error: unknown) => listener.onEnd(error, undefined));
      else send(permit);
    } catch (error) {
      listener.onEnd(error, undefined);
    }
  }

  #checked(permit: Permit, request: NamedCommand, at: string): CommandInvocation {
    try {
      return checkedInvocation(request, this.#options.describer, at);
    } catch (error) {
      permit.refuse(error);
      throw error;
    }
  }

  #send(command: AdmittedCommand): void {
    const { permit, invocation, listener } = command;
    const caller = clientKey(command.caller);
    this.#takeShare(caller, permit);
    const onEnd: CommandEnd = (error, answer) => {
      this.#options.share.release(caller);
      permit.settle(error);
      listener.onEnd(error, answer);
    };
    if (permit.policy.isJob !== true) return this.#options.execute(invocation, onEnd);
    this.#startJob(command, onEnd).catch((error: unknown) => {
      this.#options.share.release(caller);
      permit.refuse(error);
      listener.onEnd(error, undefined);
    });
  }

  #takeShare(caller: string, permit: Permit): void {
    try {
      this.#options.share.take(caller, isWrite(permit.policy));
    } catch (error) {
      permit.refuse(error);
      throw error;
    }
  }

  async #startJob({ caller, invocation, listener }: AdmittedCommand, onEnd: CommandEnd): Promise<void> {
    const { jobs } = this.#options;
    const request = { invocation, startedBy: clientName(caller), isFollowed: listener.isFollowed };
    const { job, answer } = await jobs.start(request, (each) =>
      answerOf((end) => this.#options.execute(each, end)),
    );
    listener.onJob(job);
    answer.then(
      (sent) => onEnd(undefined, sent),
      (error: unknown) => onEnd(error, undefined),
    );
  }
}

function requestOf({ name, arguments: args, trackId }: CommandInvocation | NamedCommand): CommandRequest {
  return { name, deviceId: args['DeviceId'], trackId };
}
