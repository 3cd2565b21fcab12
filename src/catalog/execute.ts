/**
 * Runs one command: applies its policy and version, and checks its answer. Every caller (REST route, WebSocket,
 * command line) uses it.
 */
import { GatewayError } from '../errors/errors.js';
import { jsonWith } from '../util/written-json.js';
import type { WrittenMembers } from '../util/written-json.js';
import type { CommandDefinition, Lane, Policy, Scope } from './define.js';
import { FittingAnswers } from './fitting-answers.js';

/** Sends the commands of a lane to the studio. */
export interface CommandSender {
  /** `onEnd` hears once, and never before this returns. */
  run(request: WireCommand, onEnd: CommandEnd): void;
}

/** On whose behalf a command is sent, where that is told to whoever runs it. */
export interface Asker {
  /** As others are told. */
  readonly subject: string;
  readonly scope: Scope;
  /** Follows the job that the command starts, and does not wait for its end. */
  readonly isFollowing?: boolean;
}

/** A command as it is sent to the studio. */
export interface WireCommand {
  readonly command: {
    readonly Command: string;
    readonly TrackId: string;
    readonly Version: number;
    readonly Arguments?: Readonly<Record<string, unknown>>;
  };
  /** `Arguments` as JSON, with what `JSON.stringify` would change as the caller wrote it; absent where nobody wrote it yet. */
  readonly argumentsJson?: string | undefined;
  /** Slow commands may occupy their connection for seconds. */
  readonly slow: boolean;
  /** True for a read that may be sent once more after its connection is lost. */
  readonly repeatable: boolean;
  /** The timeout from admission, in milliseconds. */
  readonly timeoutMs: number;
  readonly asker?: Asker | undefined;
}

/** A command that has been checked. */
export interface CommandInvocation {
  readonly name: string;
  /** Undefined for a command outside the catalog. */
  readonly command: CommandDefinition | undefined;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Those arguments that must reach the studio as they are written here. */
  readonly written?: WrittenMembers | undefined;
  /** The caller's; otherwise the newest that both sides know. */
  readonly version?: number | undefined;
  /** Milliseconds; otherwise the command's own. */
  readonly timeoutMs?: number | undefined;
  readonly trackId: string;
  readonly asker?: Asker | undefined;
}

export interface Answer {
  readonly response: unknown;
  /** `Response` as the studio wrote it; undefined when it sent none. */
  readonly bytes: Buffer | undefined;
}

/** How a command ended: with an answer, or else with an error. */
export type CommandEnd = (error: unknown, answer: Answer | undefined) => void;

/** The end of a command as a promise. */
export function answerOf(run: (onEnd: CommandEnd) => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    run((error, answer) => {
      if (answer !== undefined) resolve(answer);
      else reject(error instanceof Error ? error : new Error(String(error)));
    });
  });
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
  /** Those who asked for the same meanwhile. */
  joined: CommandEnd[] | undefined;
}

export class Executor {
  readonly #options: ExecutorOptions;
  /** Reads in flight, by command, version and arguments. */
  readonly #reads = new Map<string, SharedRead>();
  readonly #fitting = new FittingAnswers();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** The longest that any command may take, in milliseconds. */
  get maxTimeoutMs(): number {
    return this.#options.maxTimeoutMs;
  }

  /** `onEnd` hears once, and never before this returns; its errors are those of `Pool.run`. */
  execute(invocation: CommandInvocation, onEnd: CommandEnd): void {
    const started = performance.now();
    this.#send(invocation, (error, answer) => {
      if (answer !== undefined) this.#check(invocation, answer);
      this.#options.observer.onCommand(invocation.name, error, performance.now() - started);
      onEnd(error, answer);
    });
  }

  #send(invocation: CommandInvocation, onEnd: CommandEnd): void {
    const policy = invocation.command?.policy ?? UNLISTED_POLICY;
    const request = this.#request(invocation, policy);
    if (policy.repeatable) return this.#share(request, onEnd);
    this.#options.senders[policy.lane].run(request, (error, answer) => {
      // A read that was asked before a write must not answer one that is asked after it.
      this.#reads.clear();
      onEnd(error, answer);
    });
  }

  #request(
    { name, arguments: args, written, version, timeoutMs, trackId, asker }: CommandInvocation,
    policy: Policy,
  ): WireCommand {
    const chosen = version ?? this.#options.discovery.versionOf(name, args['DeviceId']);
    return {
      command: hasMembers(args)
        ? { Command: name, TrackId: trackId, Version: chosen, Arguments: args }
        : { Command: name, TrackId: trackId, Version: chosen },
      argumentsJson: written === undefined ? JSON.stringify(args) : jsonWith(args, written),
      slow: policy.lane === 'slow',
      repeatable: policy.repeatable,
      timeoutMs: Math.min(timeoutMs ?? policy.timeoutMs, this.#options.maxTimeoutMs),
      asker,
    };
  }

  /** Shares identical reads in flight; each caller keeps its own timeout. */
  #share(request: WireCommand, onEnd: CommandEnd): void {
    const { Command: name, Version: version } = request.command;
    const key = `${name} ${version} ${request.argumentsJson}`;
    const deadline = performance.now() + request.timeoutMs;
    const running = this.#reads.get(key);
    if (running === undefined) this.#open(request, key, deadline, onEnd);
    else this.#join(request, running, deadline, onEnd);
  }

  #open(request: WireCommand, key: string, deadline: number, onEnd: CommandEnd): void {
    const read: SharedRead = { deadline, joined: undefined };
    this.#reads.set(key, read);
    this.#options.senders[request.slow ? 'slow' : 'quick'].run(request, (error, answer) => {
      if (this.#reads.get(key) === read) this.#reads.delete(key);
      onEnd(error, answer);
      if (read.joined !== undefined) for (const each of read.joined) each(error, answer);
    });
  }

  #join(request: WireCommand, running: SharedRead, deadline: number, onEnd: CommandEnd): void {
    running.joined ??= [];
    if (deadline <= running.deadline) {
      running.joined.push(endedBy(request, onEnd));
      return;
    }
    running.joined.push((error, answer) => {
      // The other caller's timeout ended, not this one's.
      const left = deadline - performance.now();
      if (!isTimeout(error) || left <= 0) onEnd(error, answer);
      else this.#share({ ...request, timeoutMs: Math.ceil(left) }, onEnd);
    });
  }

  #check({ command, trackId }: CommandInvocation, { response, bytes }: Answer): void {
    if (command?.response == null || this.#fitting.has(command, bytes)) return;
    const checked = command.response.safeParse(response ?? {});
    if (checked.success) return this.#fitting.add(command, bytes);
    const [issue] = checked.error.issues;
    this.#options.observer.onSchemaMismatch(
      command.name,
      `${issue?.path.join('.')}: ${issue?.message}`,
      trackId,
    );
  }
}

function hasMembers(args: CommandInvocation['arguments']): boolean {
  for (const name in args) if (Object.hasOwn(args, name)) return true;
  return false;
}

/** Ends by the request's own timeout, or before it with what is heard. */
function endedBy(request: WireCommand, onEnd: CommandEnd): CommandEnd {
  let isOver = false;
  const end: CommandEnd = (error, answer) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    onEnd(error, answer);
  };
  const timer = setTimeout(() => end(lateError(request), undefined), request.timeoutMs);
  return end;
}

function lateError({ command, timeoutMs }: WireCommand): GatewayError {
  return new GatewayError('Timeout', `${command.Command}: the studio did not answer within ${timeoutMs} ms`, {
    outcome: 'no-answer',
  });
}

function isTimeout(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'Timeout';
}
