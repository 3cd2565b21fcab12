import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GATEWAY_ERRORS, GatewayError, RCSP_ERRORS, RejectedError } from './errors/errors.js';

/** Names that the studio gives are kept up to so many for each label, then told as `other`. */
const MAX_NAMES = 500;
const OTHER = 'other';

/** Seconds, upper bounds of the histogram. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Codes that always have their label. */
const KNOWN_CODES: ReadonlySet<string> = new Set([
  ...Object.keys(RCSP_ERRORS),
  ...Object.keys(GATEWAY_ERRORS),
  'ok',
]);

/** Why a client's connection ended without a route being asked. */
export type ConnectionRefusal =
  | 'unreadable-request'
  | 'headers-too-large'
  | 'request-timeout'
  | 'expectation'
  | 'tls-handshake'
  | 'websocket-handshake'
  | 'connection-limit';

type Labels = Readonly<Record<string, string>>;
type Reading = readonly [labels: Labels, value: number];

/** The values of one label. */
class BoundedNames {
  readonly #kept = new Set<string>();

  keep(name: string): string {
    if (this.#kept.size < MAX_NAMES) this.#kept.add(name);
    return this.#kept.has(name) ? name : OTHER;
  }
}

/** Numbers by labels, which become samples when somebody scrapes them. */
class Tally {
  readonly #counts = new Map<string, { readonly labels: Labels; value: number }>();

  constructor(name: string, help: string, labelNames: readonly string[], registers: Registry[]) {
    const metric: Counter = new Counter({
      name: `rcsp_gateway_${name}`,
      help,
      labelNames,
      registers,
      collect: () => {
        metric.reset();
        for (const { labels, value } of this.#counts.values()) metric.inc(labels, value);
      },
    });
  }

  add(labels: Labels, by = 1): void {
    const key = Object.values(labels).join('\0');
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { labels, value: by });
    else count.value += by;
  }
}

/** The gateway's measurements, in a registry of their own. Names that come from outside cannot fill the memory. */
export class Metrics {
  readonly register = new Registry();
  readonly #registers = [this.register];
  readonly #names = {
    command: new BoundedNames(),
    code: new BoundedNames(),
    publisher: new BoundedNames(),
    topic: new BoundedNames(),
  };
  /** Whether a command is in the catalog or in a list of the studio. */
  #isKnown: (command: string) => boolean = () => true;
  readonly #commands = this.#tally(
    'commands_total',
    'Commands by name, outcome (ok, rejected, no-answer, not-sent) and error code.',
    ['command', 'outcome', 'code'],
  );
  readonly #duration = new Histogram({
    name: 'rcsp_gateway_command_duration_seconds',
    help: 'Time from asking for a command to its end, waiting included.',
    labelNames: ['command'],
    buckets: BUCKETS,
    registers: this.#registers,
  });
  readonly #events = this.#tally('events_total', 'Events from the studio.', ['publisher', 'topic']);
  readonly #dropped = this.#tally(
    'events_dropped_total',
    'Events that clients did not get: slow-client when one was behind, evicted when history had lost them.',
    ['reason'],
  );
  readonly #lost = this.#tally('reconnects_total', 'Connections to the studio lost, or not made.', ['role']);
  readonly #protocolErrors = this.#tally('protocol_errors_total', 'Breaches of RCSP by the studio.', [
    'kind',
  ]);
  readonly #oddAnswers = this.#tally(
    'odd_answers_total',
    'Answers that do not fit the catalog; they were passed on.',
    ['command'],
  );
  readonly #repaired = this.#tally(
    'repaired_payloads_total',
    'Payloads of the studio that no JSON parser could read and that were repaired, by what was wrong.',
    ['kind'],
  );
  readonly #refused = this.#tally(
    'requests_refused_total',
    "HTTP requests that the gateway itself refused, by the problem's code.",
    ['code'],
  );
  readonly #refusedConnections = this.#tally(
    'connections_refused_total',
    'Connections of clients that ended before a request of theirs could be read, by the reason.',
    ['reason'],
  );
  readonly #badFrames = this.#tally(
    'websocket_malformed_frames_total',
    'WebSocket frames of clients that broke the protocol, by the code of the failure.',
    ['code'],
  );
  readonly #rtc = this.#tally(
    'rtc_connections_total',
    'WebRTC connections: opened and closed; not-opened within 15 s; failed; refused for their offer.',
    ['result'],
  );

  constructor(version: string) {
    this.gauge('build_info', 'The versions that run, in labels; always 1.', ['version', 'node'], () => [
      [{ version, node: process.version }, 1],
    ]);
  }

  /** Says which commands have a label of their own; all others are told as `other`. */
  setKnownCommands(isKnown: (command: string) => boolean): void {
    this.#isKnown = isKnown;
  }

  command(name: string, error: unknown, durationMs: number): void {
    const command = this.#isKnown(name) ? this.#names.command.keep(name) : OTHER;
    const { outcome, code } = resultOf(error);
    this.#commands.add({ command, outcome, code: this.#code(code) });
    this.#duration.observe({ command }, durationMs / 1000);
  }

  event(publisher: string, topic: string): void {
    const names = this.#names;
    this.#events.add({ publisher: names.publisher.keep(publisher), topic: names.topic.keep(topic) });
  }

  eventsDropped(reason: 'slow-client' | 'evicted', count: number): void {
    this.#dropped.add({ reason }, count);
  }

  connectionLost(role: string): void {
    this.#lost.add({ role });
  }

  protocolError(kind: string): void {
    this.#protocolErrors.add({ kind });
  }

  oddAnswer(command: string): void {
    this.#oddAnswers.add({ command });
  }

  repairedPayload(kind: string): void {
    this.#repaired.add({ kind });
  }

  requestRefused(code: string): void {
    this.#refused.add({ code: this.#code(code) });
  }

  connectionRefused(reason: ConnectionRefusal): void {
    this.#refusedConnections.add({ reason });
  }

  malformedFrame(code: string): void {
    this.#badFrames.add({ code });
  }

  rtcConnection(result: string): void {
    this.#rtc.add({ result });
  }

  /** Those of Node and of the process. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.register });
    // Gauges whose names end in `_total`, which is for counters; each is the sum of one that has a label for the type.
    for (const what of ['handles', 'requests', 'resources']) {
      const metric = this.register.getSingleMetric(`nodejs_active_${what}_total`);
      if (metric === undefined) continue;
      this.register.removeSingleMetric(`nodejs_active_${what}_total`);
      this.gauge(`active_${what}`, `Active ${what} of Node.js, of all types.`, [], async () => {
        const { values } = await metric.get();
        return values.map(({ value }): Reading => [{}, value]);
      });
    }
  }

  /** A value that is read when somebody asks. */
  gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<Reading> | Promise<Iterable<Reading>>,
  ): void {
    const metric: Gauge = new Gauge({
      name: `rcsp_gateway_${name}`,
      help,
      labelNames,
      registers: this.#registers,
      collect: async () => {
        const readings = await read();
        metric.reset();
        for (const [labels, value] of readings) metric.inc(labels, value);
      },
    });
  }

  #tally(name: string, help: string, labelNames: readonly string[]): Tally {
    return new Tally(name, help, labelNames, this.#registers);
  }

  #code(code: string): string {
    return KNOWN_CODES.has(code) ? code : this.#names.code.keep(code);
  }
}

function resultOf(error: unknown): { outcome: string; code: string } {
  if (error === undefined) return { outcome: 'ok', code: 'ok' };
  if (error instanceof GatewayError || error instanceof RejectedError) {
    return { outcome: error.outcome ?? 'not-sent', code: error.code };
  }
  return { outcome: 'no-answer', code: 'Internal error' };
}
