/**
 * Runs one command: applies its policy and version, and checks its answer. Every caller (REST route, WebSocket,
 * command line) uses it.
 */
import { GatewayError } from '../errors/errors.js';
import { Deadlines, Timed } from '../util/deadlines.js';
import { jsonWith } from '../util/written-json.js';
import type { WrittenMembers } from '../util/written-json.js';
import type { CommandDefinition, Lane, Policy, Scope } from './define.js';
import { ReadSlots } from './read-slots.js';
import type { ReadSlot } from './read-slots.js';

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
  /** The command whose answers it was found to fit: one that repeats is not checked again. */
  fits?: string;
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

/** A read in flight. */
interface SharedRead {
  /** `performance.now()` at which it times out. */
  readonly deadline: number;
  /** `Executor.#era` when it was asked for. */
  readonly era: number;
  /** Those who asked for the same meanwhile. */
  joined: CommandEnd[] | undefined;
}

export class Executor {
  readonly #options: ExecutorOptions;
  readonly #reads = new ReadSlots<SharedRead>();
  /** Reads are shared within an era. */
  #era = 0;

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
    const end: CommandEnd = (error, answer) => {
      if (answer !== undefined) this.#check(invocation, answer);
      this.#options.observer.onCommand(invocation.name, error, performance.now() - started);
      onEnd(error, answer);
    };
    const policy = invocation.command?.policy ?? UNLISTED_POLICY;
    if (policy.repeatable) this.#read(invocation, policy, started, end);
    else this.#write(invocation, policy, end);
  }

  #write(invocation: CommandInvocation, policy: Policy, onEnd: CommandEnd): void {
    const { arguments: args, written } = invocation;
    const json = written === undefined ? JSON.stringify(args) : jsonWith(args, written);
    const request = this.#request(invocation, policy, this.#versionOf(invocation), json);
    this.#options.senders[policy.lane].run(request, (error, answer) => {
      // A read that was asked before a write must not answer one that is asked after it.
      this.#era += 1;
      onEnd(error, answer);
    });
  }

  #read(invocation: CommandInvocation, policy: Policy, started: number, onEnd: CommandEnd): void {
    const { name, arguments: args, written } = invocation;
    const version = this.#versionOf(invocation);
    const slot = this.#reads.slotOf(name, version, args, written);
    const request = this.#request(invocation, policy, version, slot.argumentsJson);
    this.#share(slot, request, started + request.timeoutMs, onEnd);
  }

  /** Shares identical reads in flight; each caller keeps its own timeout. */
  #share(slot: ReadSlot<SharedRead>, request: WireCommand, deadline: number, onEnd: CommandEnd): void {
    const { running } = slot;
    if (running?.era === this.#era) return this.#join(slot, running, request, deadline, onEnd);
    const read: SharedRead = { deadline, era: this.#era, joined: undefined };
    slot.running = read;
    this.#options.senders[request.slow ? 'slow' : 'quick'].run(request, (error, answer) => {
      if (slot.running === read) slot.running = undefined;
      onEnd(error, answer);
      if (read.joined !== undefined) for (const each of read.joined) each(error, answer);
    });
  }

  #join(
    slot: ReadSlot<SharedRead>,
    running: SharedRead,
    request: WireCommand,
    deadline: number,
    onEnd: CommandEnd,
  ): void {
    running.joined ??= [];
    if (deadline <= running.deadline) {
      const joined = new JoinedRead(request, onEnd);
      running.joined.push((error, answer) => joined.end(error, answer));
      return;
    }
    running.joined.push((error, answer) => {
      // The other caller's timeout ended, not this one's.
      const left = deadline - performance.now();
      if (!isTimeout(error) || left <= 0) onEnd(error, answer);
      else this.#share(slot, { ...request, timeoutMs: Math.ceil(left) }, deadline, onEnd);
    });
  }

  #versionOf({ name, arguments: args, version }: CommandInvocation): number {
    return version ?? this.#options.discovery.versionOf(name, args['DeviceId']);
  }

  #request(
    { name, arguments: args, timeoutMs, trackId, asker }: CommandInvocation,
    policy: Policy,
    version: number,
    argumentsJson: string,
  ): WireCommand {
    return {
      command: hasMembers(args)
        ? { Command: name, TrackId: trackId, Version: version, Arguments: args }
        : { Command: name, TrackId: trackId, Version: version },
      argumentsJson,
      slow: policy.lane === 'slow',
      repeatable: policy.repeatable,
      timeoutMs: Math.min(timeoutMs ?? policy.timeoutMs, this.#options.maxTimeoutMs),
      asker,
    };
  }

  #check({ command, trackId }: CommandInvocation, answer: Answer): void {
    if (command?.response == null || answer.fits === command.name) return;
    const checked = command.response.safeParse(answer.response ?? {});
    if (checked.success) {
      answer.fits = command.name;
      return;
    }
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

const deadlines = new Deadlines();

/** Ends by the request's own timeout, or before it with what is heard. */
class JoinedRead extends Timed {
  readonly #request: WireCommand;
  #onEnd: CommandEnd | undefined;

  constructor(request: WireCommand, onEnd: CommandEnd) {
    super();
    this.#request = request;
    this.#onEnd = onEnd;
    deadlines.add(this, request.timeoutMs);
  }

  end(error: unknown, answer: Answer | undefined): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    deadlines.remove(this);
    onEnd?.(error, answer);
  }

  onLate(): void {
    this.end(lateError(this.#request), undefined);
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
