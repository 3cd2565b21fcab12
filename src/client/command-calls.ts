import type { MessageId } from '../wire/messages.js';
import { RcspError } from './error.js';
import type { Outcome, Problem } from './error.js';
import { nextId } from './message-id.js';
import type { CallOptions } from './types.js';

/** Commands that the gateway takes of one client at once; more wait here. */
const MAX_IN_FLIGHT = 32;
/** Bytes of the longest message that the gateway takes. */
const MAX_MESSAGE_BYTES = 64 * 1024;
/** Milliseconds that a command waits for a connection when nobody says. */
const WAIT_MS = 10_000;
/** Milliseconds after a command's time in which the gateway's word about it may still arrive. */
const TRAVEL_MS = 2000;

interface Pending {
  readonly id: number;
  readonly name: string;
  /** The arguments as they were when it was called, as JSON. */
  readonly args: string;
  /** `performance.now()` after which it is of no use; undefined when nobody says. */
  readonly dueAt: number | undefined;
  readonly resolve: (response: unknown) => void;
  /** Undoes its timer and its listener. */
  readonly reject: (error: Error) => void;
  /** Gives up when `afterMs` have passed. */
  readonly limit: (afterMs: number) => void;
}

/**
 * Commands that have no answer yet. Each is sent once at most and settles once: those that wait are safe to repeat
 * (`not-sent`), those that were sent are not (`no-answer`).
 */
export class Commands {
  readonly #send: (text: string) => boolean;
  readonly #isConnected: () => boolean;
  readonly #waiting = new Map<number, Pending>();
  /** Also those given up on, until their answer comes: the gateway counts them. */
  readonly #sent = new Map<MessageId, Pending>();

  constructor(send: (text: string) => boolean, isConnected: () => boolean) {
    this.#send = send;
    this.#isConnected = isConnected;
  }

  call(name: string, args: unknown, { timeoutMs, signal }: CallOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const text = JSON.stringify(args ?? {});
      if (isTooLarge(text))
        throw own('Payload too large', 413, 'The arguments are too large.', 'not-sent', name);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        this.#waiting.delete(pending.id);
        pending.reject(signal?.reason as Error);
      };
      const pending: Pending = {
        id: nextId(),
        name,
        args: text,
        dueAt: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
        resolve: (response) => (end(), resolve(response)),
        reject: (error) => (end(), reject(error)),
        limit: (afterMs) => {
          clearTimeout(timer);
          timer = afterMs === Infinity ? undefined : setTimeout(() => this.#giveUp(pending), afterMs);
        },
      };
      signal?.addEventListener('abort', onAbort);
      pending.limit(timeoutMs ?? WAIT_MS);
      this.#waiting.set(pending.id, pending);
      this.flush();
    });
  }

  /** A command was sent that has no answer yet. */
  get isBusy(): boolean {
    return this.#sent.size > 0;
  }

  /** Sends what waits, as far as it may be sent. */
  flush(): void {
    for (const pending of this.#waiting.values()) {
      if (this.#sent.size >= MAX_IN_FLIGHT) return;
      const { id, name, args, dueAt } = pending;
      const leftMs = dueAt === undefined ? Infinity : Math.max(1, dueAt - performance.now());
      const timeout = leftMs === Infinity ? '' : `,"timeoutMs":${leftMs}`;
      const head = `{"op":"command","id":${id},"command":${JSON.stringify(name)}`;
      if (!this.#send(`${head},"arguments":${args}${timeout}}`)) return;
      this.#waiting.delete(id);
      this.#sent.set(id, pending);
      pending.limit(leftMs + TRAVEL_MS);
    }
  }

  onResponse(id: MessageId, response: unknown): void {
    this.#take(id)?.resolve(response);
  }

  /** @returns whether it was about a command */
  onError(id: MessageId, problem: Problem): boolean {
    const pending = this.#take(id);
    pending?.reject(new RcspError({ command: pending.name, ...problem }));
    return pending !== undefined;
  }

  /** The connection is gone; what was not sent waits for the next one. */
  lose(detail: string): void {
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    for (const { name, reject } of lost) reject(own('Connection lost', 502, detail, 'no-answer', name));
  }

  /** Nothing that waits will be sent. */
  refuse({ code, status, detail }: RcspError): void {
    const refused = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { name, reject } of refused) reject(own(code, status, detail, 'not-sent', name));
  }

  #take(id: MessageId): Pending | undefined {
    const pending = this.#sent.get(id);
    if (this.#sent.delete(id)) this.flush();
    return pending;
  }

  #giveUp(pending: Pending): void {
    const { id, name } = pending;
    if (!this.#waiting.delete(id)) {
      return pending.reject(own('Timeout', 504, 'There was no answer in time.', 'no-answer', name));
    }
    const error = this.#isConnected()
      ? own('Too busy', 503, 'Too many commands were in flight.', 'not-sent', name)
      : own('Gateway unreachable', 503, 'There was no connection in time.', 'not-sent', name);
    pending.reject(error);
  }
}

function own(code: string, status: number, detail: string, outcome: Outcome, command: string): RcspError {
  return new RcspError({ code, status, detail, outcome, command });
}

/** A character is three bytes at most; the envelope needs some room. */
function isTooLarge(text: string): boolean {
  const most = MAX_MESSAGE_BYTES - 1024;
  return text.length * 3 > most && new TextEncoder().encode(text).length > most;
}
