import type { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GATEWAY_ERRORS, GatewayError, RCSP_ERRORS, RejectedError } from './errors/errors.js';
import { DurationHistogram } from './util/duration-histogram.js';
import type { Durations } from './util/duration-histogram.js';
import { load } from './util/load.js';
import { Tally } from './util/tally.js';
import type { Count, Reading } from './util/tally.js';

/** Names that the studio gives are kept up to so many for each label, then told as `other`. */
const MAX_NAMES = 500;
const OTHER = 'other';

/** Seconds, upper bounds of the histogram. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Codes that always have their label. */
const KNOWN_CODES = new Set(['ok', ...Object.keys({ ...RCSP_ERRORS, ...GATEWAY_ERRORS })]);

/** Why a client's connection ended without a route being asked. */
export type ConnectionRefusal =
  | 'unreadable-request'
  | 'headers-too-large'
  | 'request-timeout'
  | 'expectation'
  | 'tls-handshake'
  | 'websocket-handshake'
  | 'connection-limit';

/** The values of one label. */
class BoundedNames {
  readonly #kept = new Set<string>();

  keep(name: string): string {
    if (this.#kept.size < MAX_NAMES) this.#kept.add(name);
    return this.#kept.has(name) ? name : OTHER;
  }
}

/** What is counted of one command. */
interface CommandNumbers {
  /** Those that were answered. */
  readonly ok: Count;
  readonly durations: Durations;
}

/** The gateway's measurements, in a registry of their own. Names that come from outside cannot fill the memory. */
export class Metrics {
  /** What the registry will have, until somebody asks for it. */
  readonly #families: ((register: Registry) => void)[] = [];
  #register: Registry | undefined;
  readonly #codes = new BoundedNames();
  readonly #studios = new Map<string, StudioMetrics>();
  /** Gauges of studios, with what reads each studio's values. */
  readonly #studioGauges = new Map<string, Map<string, () => Iterable<Reading>>>();
  readonly #dropped = this.tally(
    'events_dropped_total',
    'Events that clients did not get: slow-client when one was behind, evicted when history had lost them.',
    ['reason'],
  );
  readonly #refused = this.tally(
    'requests_refused_total',
    "HTTP requests that the gateway itself refused, by the problem's code.",
    ['code'],
  );
  readonly #refusedConnections = this.tally(
    'connections_refused_total',
    'Connections of clients that ended before a request of theirs could be read, by the reason.',
    ['reason'],
  );
  readonly #badFrames = this.tally(
    'websocket_malformed_frames_total',
    'WebSocket frames of clients that broke the protocol, by the code of the failure.',
    ['code'],
  );
  readonly #tallies: StudioTallies = {
    commands: this.tally(
      'commands_total',
      'Commands by studio, name, outcome (ok, rejected, no-answer, not-sent) and error code.',
      ['command', 'outcome', 'code', 'studio'],
    ),
    duration: new DurationHistogram({
      name: 'rcsp_gateway_command_duration_seconds',
      help: 'Time from asking for a command to its end, waiting included.',
      bounds: BUCKETS,
    }),
    events: this.tally('events_total', 'Events from studios.', ['publisher', 'topic', 'studio']),
    lost: this.tally('reconnects_total', 'Connections to a studio lost, or not made.', ['role', 'studio']),
    protocolErrors: this.tally('protocol_errors_total', 'Breaches of RCSP by a studio.', ['kind', 'studio']),
    oddAnswers: this.tally('odd_answers_total', 'Answers passed on that do not fit the catalog.', [
      'command',
      'studio',
    ]),
    repaired: this.tally(
      'repaired_payloads_total',
      'Payloads of a studio that no JSON parser could read and that were repaired, by what was wrong.',
      ['kind', 'studio'],
    ),
  };
  readonly #rtc = this.tally(
    'rtc_connections_total',
    'WebRTC connections: opened and closed; not-opened within 15 s; failed; refused for their offer.',
    ['result'],
  );

  constructor(version: string) {
    // The registry asks for no more than this; the type of a histogram has the methods of prom-client's own.
    this.#define((register) => register.registerMetric(this.#tallies.duration as unknown as Histogram));
    this.gauge('build_info', 'The versions that run, in labels; always 1.', ['version', 'node'], () => [
      [{ version, node: process.version }, 1],
    ]);
  }

  /** The measurements of one studio. */
  ofStudio(studio: string): StudioMetrics {
    const known = this.#studios.get(studio);
    if (known !== undefined) return known;
    const own = new StudioMetrics(studio, this.#tallies, (name, help, labels, read) =>
      this.#studioGauge(studio, name, help, labels, read),
    );
    this.#studios.set(studio, own);
    return own;
  }

  /** A studio is gone: its gauges have no value any more; what was counted stays. */
  removeStudio(studio: string): void {
    this.#studios.delete(studio);
    for (const readers of this.#studioGauges.values()) readers.delete(studio);
  }

  eventsDropped(reason: 'slow-client' | 'evicted', count: number): void {
    this.#dropped.add({ reason }, count);
  }

  requestRefused(code: string): void {
    this.#refused.add({ code: KNOWN_CODES.has(code) ? code : this.#codes.keep(code) });
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

  /** All of it in Prometheus' text format; of the studios, only those that the reader may see. */
  async text(maySee: (studio: string) => boolean): Promise<string> {
    const lines = (await this.register.metrics()).split('\n');
    const isSeen = (line: string): boolean => {
      const [, studio] = /^[^#].*[{,]studio="([^"]*)"/.exec(line) ?? [];
      return studio === undefined || maySee(studio);
    };
    return lines.filter(isSeen).join('\n');
  }

  /** Made when somebody asks: until then the numbers are all that there is. */
  get register(): Registry {
    if (this.#register !== undefined) return this.#register;
    this.#register = new (load('prom-client').Registry)();
    for (const define of this.#families.splice(0)) define(this.#register);
    return this.#register;
  }

  #define(define: (register: Registry) => void): void {
    if (this.#register === undefined) this.#families.push(define);
    else define(this.#register);
  }

  /** Those of Node and of the process, from the first scrape on. */
  collectProcess(): void {
    this.#define((register) => this.#defineProcess(register));
  }

  #defineProcess(register: Registry): void {
    load('prom-client').collectDefaultMetrics({ register });
    // Gauges whose names end in `_total`, which is for counters; each is the sum of one that has a label for the type.
    for (const what of ['handles', 'requests', 'resources']) {
      const metric = register.getSingleMetric(`nodejs_active_${what}_total`);
      if (metric === undefined) continue;
      register.removeSingleMetric(`nodejs_active_${what}_total`);
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
    this.#define((register) => {
      const metric: Gauge = new (load('prom-client').Gauge)({
        name: `rcsp_gateway_${name}`,
        help,
        labelNames,
        registers: [register],
        collect: async () => {
          const readings = await read();
          metric.reset();
          for (const [labels, value] of readings) metric.inc(labels, value);
        },
      });
    });
  }

  #studioGauge(
    studio: string,
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<Reading>,
  ): void {
    const known = this.#studioGauges.get(name);
    if (known !== undefined) return void known.set(studio, read);
    const readers = new Map([[studio, read]]);
    this.#studioGauges.set(name, readers);
    this.gauge(name, help, [...labelNames, 'studio'], () =>
      [...readers].flatMap(([of, readOne]) =>
        Array.from(readOne(), ([labels, value]): Reading => [{ ...labels, studio: of }, value]),
      ),
    );
  }

  /** Numbers that only grow. */
  tally(name: string, help: string, labelNames: readonly string[]): Tally {
    const tally = new Tally();
    this.#define((register) => {
      const metric: Counter = new (load('prom-client').Counter)({
        name: `rcsp_gateway_${name}`,
        help,
        labelNames,
        registers: [register],
        collect: () => {
          metric.reset();
          for (const [labels, value] of tally.readings) metric.inc(labels, value);
        },
      });
    });
    return tally;
  }
}

/** What is counted of all studios. */
interface StudioTallies {
  readonly commands: Tally;
  readonly duration: DurationHistogram;
  readonly events: Tally;
  readonly lost: Tally;
  readonly protocolErrors: Tally;
  readonly oddAnswers: Tally;
  readonly repaired: Tally;
}

/** What is counted of one studio, which cannot use up the names of another. */
export class StudioMetrics {
  /** A value of the studio that is read when somebody asks; every studio has the same labels. */
  readonly gauge: (
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<Reading>,
  ) => void;
  readonly #studio: string;
  readonly #tallies: StudioTallies;
  readonly #names = {
    command: new BoundedNames(),
    code: new BoundedNames(),
    publisher: new BoundedNames(),
    topic: new BoundedNames(),
  };
  /** By the command's name, those that have a label of their own. */
  readonly #numbers = new Map<string, CommandNumbers>();
  /** Of all commands without one. */
  #others: CommandNumbers | undefined;
  /** By publisher and topic, those that have labels of their own. */
  readonly #eventCounts = new Map<string, Map<string, Count>>();
  /** Whether a command is in the catalog or in a list of the studio. */
  #isKnown: (command: string) => boolean = () => true;

  constructor(studio: string, tallies: StudioTallies, gauge: StudioMetrics['gauge']) {
    this.#studio = studio;
    this.#tallies = tallies;
    this.gauge = gauge;
  }

  /** Says which commands have a label of their own; all others are told as `other`. */
  setKnownCommands(isKnown: (command: string) => boolean): void {
    this.#isKnown = isKnown;
  }

  command(name: string, error: unknown, durationMs: number): void {
    const { ok, durations } = this.#numbers.get(name) ?? this.#numbersOf(name);
    durations.add(durationMs / 1000);
    if (error === undefined) {
      ok.value += 1;
      return;
    }
    const { outcome, code: told } = resultOf(error);
    const code = KNOWN_CODES.has(told) ? told : this.#names.code.keep(told);
    this.#tallies.commands.add({ ...ok.labels, outcome, code });
  }

  event(publisher: string, topic: string): void {
    const count = this.#eventCounts.get(publisher)?.get(topic) ?? this.#countOfEvents(publisher, topic);
    count.value += 1;
  }

  #numbersOf(name: string): CommandNumbers {
    const command = this.#isKnown(name) ? this.#names.command.keep(name) : OTHER;
    if (command === OTHER) return (this.#others ??= this.#makeNumbers(OTHER));
    const numbers = this.#makeNumbers(command);
    this.#numbers.set(name, numbers);
    return numbers;
  }

  #makeNumbers(command: string): CommandNumbers {
    const { commands, duration } = this.#tallies;
    const ok = commands.countOf({ command, outcome: 'ok', code: 'ok', studio: this.#studio });
    return { ok, durations: duration.of({ command, studio: this.#studio }) };
  }

  #countOfEvents(publisher: string, topic: string): Count {
    const [names, studio] = [this.#names, this.#studio];
    const labels = { publisher: names.publisher.keep(publisher), topic: names.topic.keep(topic), studio };
    const count = this.#tallies.events.countOf(labels);
    if (labels.publisher === OTHER || labels.topic === OTHER) return count;
    const topics = this.#eventCounts.get(publisher) ?? new Map<string, Count>();
    this.#eventCounts.set(publisher, topics.set(topic, count));
    return count;
  }

  connectionLost(role: string): void {
    this.#tallies.lost.add({ role, studio: this.#studio });
  }

  protocolError(kind: string): void {
    this.#tallies.protocolErrors.add({ kind, studio: this.#studio });
  }

  oddAnswer(command: string): void {
    this.#tallies.oddAnswers.add({ command, studio: this.#studio });
  }

  repairedPayload(kind: string): void {
    this.#tallies.repaired.add({ kind, studio: this.#studio });
  }
}

function resultOf(error: unknown): { outcome: string; code: string } {
  if (error instanceof GatewayError || error instanceof RejectedError) {
    return { outcome: error.outcome ?? 'not-sent', code: error.code };
  }
  return { outcome: 'no-answer', code: 'Internal error' };
}
