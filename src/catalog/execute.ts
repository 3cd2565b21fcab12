/**
 * Runs one command: applies its policy and version, and checks its answer. Every caller (REST route, WebSocket,
 * command line) uses it.
 */
import { GatewayError } from '../errors/errors.js';
import { within } from '../util/within.js';
import type { CommandDefinition, Lane, Policy } from './define.js';

/** Sends the commands of a lane to the studio. */
export interface CommandSender {
  send(request: WireCommand): Promise<Answer>;
}

/** A command as it is sent to the studio. */
export interface WireCommand {
  readonly command: {
    readonly Command: string;
    readonly TrackId: string;
    readonly Version: number;
    readonly Arguments?: Readonly<Record<string, unknown>>;
  };
  /** Slow commands may occupy their connection for seconds. */
  readonly slow: boolean;
  /** True for a read that may be sent once more after its connection is lost. */
  readonly repeatable: boolean;
  /** The timeout from admission, in milliseconds. */
  readonly timeoutMs: number;
}

/** A command that has been checked. */
export interface CommandInvocation {
  readonly name: string;
  /** Undefined for a command outside the catalog. */
  readonly command: CommandDefinition | undefined;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The caller's; otherwise the newest that both sides know. */
  readonly version?: number | undefined;
  /** Milliseconds; otherwise the command's own. */
  readonly timeoutMs?: number | undefined;
  readonly trackId: string;
}

export interface Answer {
  readonly response: unknown;
  /** `Response` as the studio wrote it; undefined when it sent none. */
  readonly bytes: Buffer | undefined;
}

/** Callbacks of the executor. */
export interface ExecutorObserver {
  /** Called once for each command; without `error` it was answered. */
  onCommand(name: string, error: unknown, durationMs: number): void;
  /** Called for each answer that does not fit the catalog; the answer is passed on. */
  onSchemaMismatch(name: string, reason: string, trackId: string): void;
}

export interface ExecutorOptions {
  readonly senders: Readonly<Record<Lane, CommandSender>>;
  /** The version in which a command is sent when the caller names none. */
  readonly discovery: { versionOf(name: string, deviceId?: unknown): number };
  /** The maximum timeout, in milliseconds. */
  readonly maxTimeoutMs: number;
  readonly observer: ExecutorObserver;
}

/** The policy of commands outside the catalog: neither their duration nor their effect is known. */
export const UNLISTED_POLICY: Policy = { scope: 'admin', lane: 'slow', timeoutMs: 30_000, repeatable: false };

interface SharedRead {
  /** `performance.now()` at which it times out. */
  readonly deadline: number;
  readonly answer: Promise<Answer>;
}

export class Executor {
  readonly #options: ExecutorOptions;
  /** Reads in flight, by command, version and arguments. */
  readonly #reads = new Map<string, SharedRead>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** The longest that any command may take, in milliseconds. */
  get maxTimeoutMs(): number {
    return this.#options.maxTimeoutMs;
  }

  /** @throws RejectedError, GatewayError; see `Pool.send`. */
  async execute(invocation: CommandInvocation): Promise<Answer> {
    const started = performance.now();
    let failure: unknown;
    try {
      const { response, bytes } = await this.#send(invocation);
      this.#check(invocation, response);
      return { response, bytes };
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#options.observer.onCommand(invocation.name, failure, performance.now() - started);
    }
  }

  #send(invocation: CommandInvocation): Promise<Answer> {
    const policy = invocation.command?.policy ?? UNLISTED_POLICY;
    const request = this.#request(invocation, policy);
    if (policy.repeatable) return this.#share(request);
    const answer = this.#options.senders[policy.lane].send(request);
    // A read sent before a write must not answer a read requested after it.
    const forget = (): void => this.#reads.clear();
    answer.then(forget, forget);
    return answer;
  }

  #request(
    { name, arguments: args, version, timeoutMs, trackId }: CommandInvocation,
    policy: Policy,
  ): WireCommand {
    const chosen = version ?? this.#options.discovery.versionOf(name, args['DeviceId']);
    const hasArguments = Object.keys(args).length > 0;
    return {
      command: hasArguments
        ? { Command: name, TrackId: trackId, Version: chosen, Arguments: args }
        : { Command: name, TrackId: trackId, Version: chosen },
      slow: policy.lane === 'slow',
      repeatable: policy.repeatable,
      timeoutMs: Math.min(timeoutMs ?? policy.timeoutMs, this.#options.maxTimeoutMs),
    };
  }

  /** Shares identical reads in flight; each caller keeps its own timeout. */
  #share(request: WireCommand): Promise<Answer> {
    const { Command: name, Arguments: args, Version: version } = request.command;
    const key = `${name} ${version} ${args === undefined ? '' : JSON.stringify(args)}`;
    const deadline = performance.now() + request.timeoutMs;
    const running = this.#reads.get(key);
    return running === undefined
      ? this.#open(request, key, deadline)
      : this.#join(request, running, deadline);
  }

  async #join(request: WireCommand, running: SharedRead, deadline: number): Promise<Answer> {
    if (deadline <= running.deadline) {
      return within(running.answer, request.timeoutMs, () => lateError(request));
    }
    try {
      return await running.answer;
    } catch (error) {
      // The other caller timed out, not this one.
      const left = deadline - performance.now();
      if (!isTimeout(error) || left <= 0) throw error;
      return this.#share({ ...request, timeoutMs: Math.ceil(left) });
    }
  }

  #open(request: WireCommand, key: string, deadline: number): Promise<Answer> {
    const lane = request.slow ? 'slow' : 'quick';
    const answer = this.#options.senders[lane].send(request);
    const read: SharedRead = { deadline, answer };
    this.#reads.set(key, read);
    const forget = (): void => {
      if (this.#reads.get(key) === read) this.#reads.delete(key);
    };
    answer.then(forget, forget);
    return answer;
  }

  #check({ command, trackId }: CommandInvocation, response: unknown): void {
    if (command?.response == null) return;
    const checked = command.response.safeParse(response ?? {});
    if (checked.success) return;
    const [issue] = checked.error.issues;
    this.#options.observer.onSchemaMismatch(
      command.name,
      `${issue?.path.join('.')}: ${issue?.message}`,
      trackId,
    );
  }
}

function lateError({ command, timeoutMs }: WireCommand): GatewayError {
  return new GatewayError('Timeout', `${command.Command}: the studio did not answer within ${timeoutMs} ms`, {
    outcome: 'no-answer',
  });
}

function isTimeout(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'Timeout';
}
