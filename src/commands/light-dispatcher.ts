/** The way of commands to light arrays. */
import { setImmediate as turn } from 'node:timers/promises';
import { clientName } from '../access/scope.js';
import type { Caller } from '../access/scope.js';
import type { Policy } from '../catalog/define.js';
import type { Answer, CommandInvocation } from '../catalog/execute.js';
import { GatewayError } from '../errors/errors.js';
import type { Jobs } from '../jobs/jobs.js';
import type { CommandListener } from './dispatcher.js';
import type { Gate, Permit } from './gate.js';

export interface LightDispatcherOptions {
  /** Those of the default studio, whose lease holds for light arrays, too. */
  readonly gate: () => Gate;
  readonly jobs: () => Jobs;
  /** The full name of a node. @throws GatewayError `Not found` */
  readonly nameOf: (node: string) => string;
  readonly execute: (invocation: CommandInvocation) => Promise<Answer>;
}

/** A command whose arguments have been checked. */
export interface LightInvocation {
  readonly name: string;
  readonly policy: Policy;
  /** As the caller named it. */
  readonly node: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Told as a job. */
  readonly isJob: boolean;
  readonly timeoutMs: number | undefined;
  readonly trackId: string;
}

/** admit (scope, rate, lease) → find the node → send → settle the permit, which writes the audit line */
export class LightDispatcher {
  readonly #options: LightDispatcherOptions;

  constructor(options: LightDispatcherOptions) {
    this.#options = options;
  }

  /** Errors are those of `CommandListener`, and `Not found`. */
  dispatch(caller: Caller, invocation: LightInvocation, listener: CommandListener): void {
    this.#run(caller, invocation, listener).then(
      (answer) => listener.onEnd(undefined, answer),
      (error: unknown) => listener.onEnd(error, undefined),
    );
  }

  async #run(caller: Caller, invocation: LightInvocation, listener: CommandListener): Promise<Answer> {
    const { name, policy, arguments: args, timeoutMs, trackId, isJob } = invocation;
    const request = { name, policy, deviceId: undefined, node: invocation.node, trackId };
    const permit = await this.#options.gate().admit(caller, request);
    const node = this.#find(permit, invocation.node);
    const answer = this.#options.execute({
      name,
      command: undefined,
      arguments: { ...args, node },
      timeoutMs,
      trackId,
    });
    answer.then(
      () => permit.settle(undefined),
      (error: unknown) => permit.settle(error),
    );
    if (!isJob) return answer;
    await this.#untilAccepted(answer);
    const job = { command: name, node, startedBy: clientName(caller), trackId };
    listener.onJob(this.#options.jobs().follow(job, answer));
    return answer;
  }

  #find(permit: Permit, node: string): string {
    try {
      return this.#options.nameOf(node);
    } catch (error) {
      permit.refuse(error);
      throw error;
    }
  }

  /** What is refused before anything is sent is no job. */
  async #untilAccepted(answer: Promise<Answer>): Promise<void> {
    const failure = await Promise.race([
      answer.then(
        () => undefined,
        (error: unknown) => error,
      ),
      turn(),
    ]);
    if (failure instanceof GatewayError && failure.outcome === 'not-sent') throw failure;
  }
}
