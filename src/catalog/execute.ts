/**
 * Runs one command: its policy, its version, the checks of its answer. Whoever asks (a REST route, a socket,
 * the command line) comes through here.
 */
import { GatewayError } from '../errors/errors.js';
import { within } from '../util/within.js';
import { jsonWith } from '../util/written-json.js';
import type { WrittenMembers } from '../util/written-json.js';
import type { CommandDefinition, Lane, Policy } from './define.js';

/** What carries commands of a lane to the studio. */
export interface CommandSender {
  send(request: WireCommand): Promise<Answer>;
}

/** A command as it goes to the studio. */
export interface WireCommand {
  readonly command: {
    readonly Command: string;
    readonly TrackId: string;
    readonly Version: number;
    readonly Arguments?: Readonly<Record<string, unknown>>;
  };
  /** `Arguments` as JSON, where `JSON.stringify` would change what the caller wrote. */
  readonly argumentsJson?: string | undefined;
  /** Slow commands may hold their connection for seconds. */
  readonly slow: boolean;
  /** True for a read that may be asked once more when its connection dies. */
  readonly repeatable: boolean;
  /** Milliseconds from being accepted to being given up on. */
  readonly timeoutMs: number;
}

/** A command that has been checked. */
export interface CommandInvocation {
  readonly name: string;
  /** undefined for a command that no table knows. */
  readonly command: CommandDefinition | undefined;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Those arguments that must reach the studio as they are written here. */
  readonly written?: WrittenMembers | undefined;
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

/** What an executor tells about its work. */
export interface ExecutorObserver {
  /** Each command asked for ends here once; without `error` it was answered. */
  onCommand(name: string, error: unknown, durationMs: number): void;
  /** An answer that does not fit the catalog; it was passed on. Told each time. */
  onSchemaMismatch(name: string, reason: string, trackId: string): void;
}

export interface ExecutorOptions {
  readonly senders: Readonly<Record<Lane, CommandSender>>;
  /** The version in which a command is sent when the caller names none. */
  readonly discovery: { versionOf(name: string, deviceId?: unknown): number };
  /** Milliseconds; no caller can wait longer. */
  readonly maxTimeoutMs: number;
  readonly observer: ExecutorObserver;
}

/** The policy of commands outside the catalog: neither their duration nor their effect is known. */
export const UNLISTED_POLICY: Policy = { scope: 'admin', lane: 'slow', timeoutMs: 30_000, repeatable: false };

interface SharedRead {
  /** `performance.now()` at which it is given up on. */
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
    // A read that was asked before a write must not answer one that is asked after it.
    const forget = (): void => this.#reads.clear();
    answer.then(forget, forget);
    return answer;
  }

  #request(
    { name, arguments: args, written, version, timeoutMs, trackId }: CommandInvocation,
    policy: Policy,
  ): WireCommand {
    const chosen = version ?? this.#options.discovery.versionOf(name, args['DeviceId']);
    const hasArguments = Object.keys(args).length > 0;
    return {
      command: hasArguments
        ? { Command: name, TrackId: trackId, Version: chosen, Arguments: args }
        : { Command: name, TrackId: trackId, Version: chosen },
      ...(written && { argumentsJson: jsonWith(args, written) }),
      slow: policy.lane === 'slow',
      repeatable: policy.repeatable,
      timeoutMs: Math.min(timeoutMs ?? policy.timeoutMs, this.#options.maxTimeoutMs),
    };
  }

  /** Identical reads in flight become one command; each caller keeps its own timeout. */
  #share(request: WireCommand): Promise<Answer> {
    const { Command: name, Arguments: args, Version: version } = request.command;
    const json = request.argumentsJson ?? (args === undefined ? '' : JSON.stringify(args));
    const key = `${name} ${version} ${json}`;
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
      // The other caller's timeout ended, not this one's.
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
