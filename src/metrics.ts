import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GatewayError, RejectedError } from './errors/errors.js';

/** Label values that come from outside are kept up to this many, then told as `other`. */
const MAX_NAMES = 500;

/** Seconds, upper bounds of the histogram. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Reading = readonly [labels: Record<string, string>, value: number];

/** The gateway's measurements, in a registry of their own. Names that come from outside cannot fill the memory. */
export class Metrics {
  readonly register = new Registry();
  readonly #registers = [this.register];
  readonly #names = new Set<string>();
  readonly #commands = new Counter({
    name: 'rcsp_gateway_commands_total',
    help: 'Commands by name, outcome (ok, rejected, no-answer, not-sent) and error code.',
    labelNames: ['command', 'outcome', 'code'],
    registers: this.#registers,
  });
  readonly #duration = new Histogram({
    name: 'rcsp_gateway_command_duration_seconds',
    help: 'Time from asking for a command to its end, waiting included.',
    labelNames: ['command'],
    buckets: BUCKETS,
    registers: this.#registers,
  });
  readonly #events = this.#counter('events_total', 'Events from the studio.', ['publisher', 'topic']);
  readonly #lost = this.#counter('reconnects_total', 'Connections to the studio lost, or not made.', [
    'role',
  ]);
  readonly #protocolErrors = this.#counter('protocol_errors_total', 'Breaches of RCSP by the studio.', [
    'kind',
  ]);
  readonly #oddAnswers = this.#counter(
    'odd_answers_total',
    'Answers that do not fit the catalog; they were passed on.',
    ['command'],
  );

  command(name: string, error: unknown, durationMs: number): void {
    const command = this.#bounded(name);
    const { outcome, code } = resultOf(error);
    this.#commands.inc({ command, outcome, code: this.#bounded(code) });
    this.#duration.observe({ command }, durationMs / 1000);
  }

  event(publisher: string, topic: string): void {
    this.#events.inc({ publisher: this.#bounded(publisher), topic: this.#bounded(topic) });
  }

  connectionLost(role: string): void {
    this.#lost.inc({ role });
  }

  protocolError(kind: string): void {
    this.#protocolErrors.inc({ kind });
  }

  oddAnswer(command: string): void {
    this.#oddAnswers.inc({ command });
  }

  /** A value that is read when somebody asks. */
  gauge(name: string, help: string, labelNames: readonly string[], read: () => Iterable<Reading>): void {
    const metric: Gauge = new Gauge({
      name: `rcsp_gateway_${name}`,
      help,
      labelNames,
      registers: this.#registers,
      collect: () => {
        metric.reset();
        for (const [labels, value] of read()) metric.inc(labels, value);
      },
    });
  }

  #counter<T extends string>(name: string, help: string, labelNames: readonly T[]): Counter<T> {
    return new Counter({ name: `rcsp_gateway_${name}`, help, labelNames, registers: this.#registers });
  }

  #bounded(name: string): string {
    if (this.#names.size < MAX_NAMES) this.#names.add(name);
    return this.#names.has(name) ? name : 'other';
  }
}

function resultOf(error: unknown): { outcome: string; code: string } {
  if (error === undefined) return { outcome: 'ok', code: 'ok' };
  if (error instanceof GatewayError || error instanceof RejectedError) {
    return { outcome: error.outcome ?? 'not-sent', code: error.code };
  }
  return { outcome: 'no-answer', code: 'Internal error' };
}
