import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Line } from './line.js';
import type { Lines } from './lines.js';

/** The relay's measurements. Names of gateways are those of join tokens: nobody else can add one. */
export class RelayMetrics {
  readonly register = new Registry();
  readonly #registers = [this.register];
  readonly #requests = this.#counter(
    'requests_total',
    'Requests for gateways, by name and class of status.',
    ['name', 'status'],
  );
  readonly #refused = this.#counter(
    'requests_refused_total',
    "Requests that the relay refused, by the problem's code.",
    ['code'],
  );
  readonly #joinsRefused = this.#counter('joins_refused_total', 'Gateways that could not join, by status.', [
    'status',
  ]);
  readonly #dropped = this.#counter(
    'connections_refused_total',
    'Connections over the limit of open files.',
    [],
  );

  constructor(lines: Lines, version: string) {
    this.#gauge('build_info', 'The version that runs; always 1.', ['version'], () => [[{ version }, 1]]);
    this.#perLine(lines, 'line_up', 'Whether the gateway has a line.', ({ isOpen }) => (isOpen ? 1 : 0));
    this.#perLine(
      lines,
      'streams',
      'Connections of clients to the gateway.',
      ({ streamCount }) => streamCount,
    );
    this.#perLine(lines, 'rtt_seconds', 'Time to the gateway and back.', ({ rttMs }) =>
      rttMs === undefined ? undefined : rttMs / 1000,
    );
    this.#gauge('line_bytes', 'Bytes of clients through the line that stands.', ['name', 'direction'], () =>
      lines.all.flatMap(({ name, bytes }) => [
        [{ name, direction: 'from-gateway' }, bytes.received] as const,
        [{ name, direction: 'to-gateway' }, bytes.sent] as const,
      ]),
    );
    this.#gauge('joins_total', 'Lines since the start.', ['name'], () =>
      Array.from(lines.joins, ([name, count]) => [{ name }, count] as const),
    );
  }

  collectProcess(): void {
    collectDefaultMetrics({ register: this.register });
  }

  answered(name: string, status: number): void {
    this.#requests.inc({ name, status: `${Math.floor(status / 100)}xx` });
  }

  refused(code: string): void {
    this.#refused.inc({ code });
  }

  joinRefused(status: number): void {
    this.#joinsRefused.inc({ status: String(status) });
  }

  connectionDropped(): void {
    this.#dropped.inc();
  }

  #perLine(lines: Lines, name: string, help: string, read: (line: Line) => number | undefined): void {
    this.#gauge(name, help, ['name'], () =>
      lines.all.flatMap((line) => {
        const value = read(line);
        return value === undefined ? [] : [[{ name: line.name }, value] as const];
      }),
    );
  }

  #gauge(
    name: string,
    help: string,
    labelNames: readonly string[],
    read: () => Iterable<readonly [Readonly<Record<string, string>>, number]>,
  ): void {
    const gauge: Gauge = new Gauge({
      name: `rcsp_relay_${name}`,
      help,
      labelNames,
      registers: this.#registers,
      collect: () => {
        gauge.reset();
        for (const [labels, value] of read()) gauge.set(labels, value);
      },
    });
  }

  #counter(name: string, help: string, labelNames: readonly string[]): Counter {
    return new Counter({ name: `rcsp_relay_${name}`, help, labelNames, registers: this.#registers });
  }
}
