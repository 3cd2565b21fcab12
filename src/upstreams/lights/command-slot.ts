/** The commands of one node: one in flight, in order. */
import { randomBytes } from 'node:crypto';
import { GatewayError, RejectedError } from '../../errors/errors.js';
import { markedScript, readMarked } from './light-script.js';
import type { MarkedOutput } from './light-script.js';
import { ExpectedMessages } from './expected-messages.js';
import { LATE_MS, MESSAGES, SETTLE_MS } from './protocol/vendor-choices.js';

/** What a `message` event can be about. `ready` is BOARDIO_READY or BOARDIO_ERROR: boardio says one of both. */
export type MessageKind = 'ready' | 'complete';

/** One script for the node's shell. */
export interface ScriptStep {
  readonly script: string;
  /** It is done with its marked output and, where one is named, with this message. */
  readonly until: MessageKind | 'output';
  /** Messages that boardio sends because of it. */
  readonly expects: readonly MessageKind[];
  /** A script that fails is an answer, not an error. */
  readonly mayFail?: true;
}

export interface SlotOptions {
  /** What errors call the node. */
  readonly node: string;
  /** Resolves once the request is sent; rejects when nothing was sent. The signal ends it while nothing is. */
  readonly send: (command: string, signal: AbortSignal) => Promise<unknown>;
  readonly settleMs?: number;
  readonly lateMs?: number;
}

interface Waiting {
  readonly steps: readonly ScriptStep[];
  /** `performance.now()` at which it is given up on. */
  readonly dueAt: number;
  readonly timeoutMs: number;
  readonly overdue: NodeJS.Timeout;
  readonly resolve: (output: MarkedOutput) => void;
  readonly reject: (error: Error) => void;
}

/** Commands that may wait for one node. */
const MAX_WAITING = 32;
/** Characters of a node's text that an error shows. */
const MAX_DETAIL = 500;
/** Given-up commands whose marks are still known. */
const MAX_LATE_MARKS = 16;

/**
 * pycom's answers carry no id. So there is one command in flight, whose script echoes a random mark; an output without
 * the mark of the command in flight settles nothing.
 *
 *   queue → [load: output and ready] → [run: output, ready, complete] → settling → next
 *
 * `message` events have no mark. They belong to the command in flight, unless an earlier one still waits for one of the
 * kind: boardio works through its commands in order. After its answer a command keeps its place until the messages that
 * it expects are there, `SETTLE_MS` at most. A command that was given up on after its output is owed its messages for
 * `LATE_MS`; one without output is owed them once its late output shows that it ran.
 */
export class CommandSlot {
  readonly #options: SlotOptions;
  readonly #queue: Waiting[] = [];
  readonly #owed = new ExpectedMessages();
  readonly #lateMarks = new Map<string, readonly MessageKind[]>();
  #isRunning = false;
  #isClosed = false;
  #current: InFlight | undefined;

  constructor(options: SlotOptions) {
    this.#options = options;
  }

  /** Commands that are accepted and not answered. */
  get load(): number {
    return this.#queue.length + (this.#isRunning ? 1 : 0);
  }

  /**
   * Runs scripts one after the other, each when the one before it is done.
   *
   * @throws GatewayError `Too busy`, `Timeout`, `Studio unreachable`, `Connection lost`; RejectedError
   */
  run(steps: readonly ScriptStep[], timeoutMs: number): Promise<MarkedOutput> {
    if (this.#isClosed) return Promise.reject(this.#unreachable('The gateway is shutting down.'));
    if (this.#queue.length >= MAX_WAITING) return Promise.reject(this.#tooBusy());
    return new Promise((resolve, reject) => {
      const overdue = setTimeout(() => this.#giveUp(waiting), timeoutMs);
      const dueAt = performance.now() + timeoutMs;
      const waiting: Waiting = { steps, dueAt, timeoutMs, overdue, resolve, reject };
      this.#queue.push(waiting);
      void this.#pump();
    });
  }

  onOutput(text: string): void {
    const marked = this.#current?.readMark(text);
    if (marked !== undefined) return this.#current?.onOutput(marked);
    for (const [mark, kinds] of this.#lateMarks) {
      const late = readMarked(text, mark);
      if (late === undefined) continue;
      this.#lateMarks.delete(mark);
      if (late.ok) this.#owe(kinds);
      return;
    }
  }

  onMessage(text: string): void {
    const isError = MESSAGES.error.test(text);
    const kind =
      isError || MESSAGES.ready.test(text) ? 'ready' : MESSAGES.complete.test(text) ? 'complete' : undefined;
    if (kind === undefined || this.#owed.pay(kind)) return;
    this.#current?.onMessage(kind, isError ? text : undefined);
  }

  /** The node went away: what is in flight gets no answer. */
  lose(): void {
    const detail = `${this.#options.node} took no heartbeat for a while.`;
    this.#current?.fail(new GatewayError('Connection lost', detail, { outcome: 'no-answer' }));
  }

  close(): void {
    this.#isClosed = true;
    for (const { overdue, reject } of this.#queue.splice(0)) {
      clearTimeout(overdue);
      reject(this.#unreachable('The gateway is shutting down.'));
    }
    const error = new GatewayError('Connection lost', 'The gateway is shutting down.', {
      outcome: 'no-answer',
    });
    this.#current?.fail(error);
    this.#current?.close();
  }

  async #pump(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift())
      await this.#perform(next);
    this.#isRunning = false;
  }

  /** The time of one that waits is over. */
  #giveUp(waiting: Waiting): void {
    const at = this.#queue.indexOf(waiting);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    waiting.reject(this.#timeout(waiting, 'not-sent'));
  }

  async #perform(waiting: Waiting): Promise<void> {
    let output: MarkedOutput = { ok: true, text: '' };
    try {
      for (const [at, step] of waiting.steps.entries()) output = await this.#step(step, waiting, at === 0);
      waiting.resolve(output);
    } catch (error) {
      waiting.reject(error instanceof Error ? error : new Error(String(error)));
    } finally {
      clearTimeout(waiting.overdue);
    }
    await this.#current?.settled(this.#options.settleMs ?? SETTLE_MS);
    this.#current = undefined;
  }

  async #step(step: ScriptStep, waiting: Waiting, isFirst: boolean): Promise<MarkedOutput> {
    const { dueAt } = waiting;
    await this.#current?.settled(Math.min(this.#options.settleMs ?? SETTLE_MS, dueAt - performance.now()));
    const leftMs = dueAt - performance.now();
    if (leftMs <= 0) throw this.#timeout(waiting, isFirst ? 'not-sent' : 'no-answer');
    const current = new InFlight(step, randomBytes(8).toString('hex'));
    this.#current = current;
    const sending = new AbortController();
    const late = (): GatewayError =>
      this.#timeout(waiting, current.wasSent || !isFirst ? 'no-answer' : 'not-sent');
    const overdue = setTimeout(() => current.fail(late()), leftMs);
    try {
      await this.#send(current, sending.signal, isFirst);
      return await current.answer;
    } catch (error) {
      if (current.isUnanswered) this.#leave(current);
      throw error;
    } finally {
      sending.abort();
      clearTimeout(overdue);
    }
  }

  async #send(current: InFlight, signal: AbortSignal, isFirst: boolean): Promise<void> {
    const sent = this.#options.send(markedScript(current.step.script, current.mark), signal).then(
      () => void (current.wasSent = true),
      (error: unknown) => {
        const { message } = error as Error;
        if (isFirst) throw this.#unreachable(message);
        throw new GatewayError('Connection lost', `${this.#options.node}: ${message}`, {
          outcome: 'no-answer',
        });
      },
    );
    // The time may end before there is a connection.
    await Promise.race([sent, current.answer]);
  }

  /** Its answer may still come, and must not become the next one's. */
  #leave(current: InFlight): void {
    this.#current = undefined;
    if (!current.wasSent) return;
    if (current.output !== undefined) return this.#owe(current.missing);
    const [oldest] = this.#lateMarks.keys();
    if (this.#lateMarks.size >= MAX_LATE_MARKS && oldest !== undefined) this.#lateMarks.delete(oldest);
    this.#lateMarks.set(current.mark, current.missing);
  }

  #owe(kinds: readonly MessageKind[]): void {
    for (const kind of kinds) this.#owed.add(kind, this.#options.lateMs ?? LATE_MS);
  }

  #timeout({ timeoutMs }: Waiting, outcome: 'not-sent' | 'no-answer'): GatewayError {
    const what = outcome === 'not-sent' ? 'was busy for' : 'did not answer within';
    return new GatewayError('Timeout', `${this.#options.node} ${what} ${Math.round(timeoutMs)} ms.`, {
      outcome,
    });
  }

  #tooBusy(): GatewayError {
    const detail = `${MAX_WAITING} commands wait for ${this.#options.node}.`;
    return new GatewayError('Too busy', detail, { outcome: 'not-sent' });
  }

  #unreachable(reason: string): GatewayError {
    const detail = `${this.#options.node} is unreachable: ${reason}`;
    return new GatewayError('Studio unreachable', detail, { outcome: 'not-sent' });
  }
}

/** One script that was sent, until the messages that it expects are there. */
class InFlight {
  readonly step: ScriptStep;
  readonly mark: string;
  readonly answer: Promise<MarkedOutput>;
  wasSent = false;
  output: MarkedOutput | undefined;
  readonly #received = new Set<MessageKind>();
  #resolve: (output: MarkedOutput) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #onSettled: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** It failed by what the node said. */
  #isRefused = false;
  #isAnswered = false;

  constructor(step: ScriptStep, mark: string) {
    this.step = step;
    this.mark = mark;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => undefined);
  }

  /** It was given up on: the node has not said how it ended. */
  get isUnanswered(): boolean {
    return !this.#isAnswered && !this.#isRefused;
  }

  get missing(): readonly MessageKind[] {
    return this.step.expects.filter((kind) => !this.#received.has(kind));
  }

  readMark(text: string): MarkedOutput | undefined {
    return this.output === undefined ? readMarked(text, this.mark) : undefined;
  }

  onOutput(output: MarkedOutput): void {
    this.output = output;
    if (output.ok || this.step.mayFail === true) this.#check();
    else this.#refuse(output.text);
    this.#settle();
  }

  onMessage(kind: MessageKind, error: string | undefined): void {
    this.#received.add(kind);
    if (error === undefined) this.#check();
    else if (this.step.expects.length > 0) this.#refuse(error);
    this.#settle();
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  /** Resolves when everything that belongs to it is there, or no longer waited for. */
  settled(ms: number): Promise<void> {
    if (this.#isWhole) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSettled = resolve;
      this.#timer = setTimeout(() => this.close(), ms);
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#onSettled?.();
  }

  /** A sequence that failed is not completed, but boardio may still report the error. */
  get #isWhole(): boolean {
    if (this.#isRefused) return !this.missing.includes('ready');
    return this.output !== undefined && this.missing.length === 0;
  }

  #check(): void {
    const { until } = this.step;
    if (this.output === undefined || (until !== 'output' && !this.#received.has(until))) return;
    this.#isAnswered = true;
    this.#resolve(this.output);
  }

  #refuse(text: string): void {
    if (this.#isAnswered) return;
    this.#isRefused = true;
    const detail = text.trim().slice(0, MAX_DETAIL) || 'The command failed and wrote nothing.';
    this.#reject(new RejectedError('Device command error', detail));
  }

  #settle(): void {
    if (this.#isWhole) this.close();
  }
}
