import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GatewayError, RejectedError } from '../errors.js';

/** Label values that come from outside are kept up to this many, then told as `other`. */
const MAX_NAMES = 500;

/** The gateway's measurements, in a registry of their own. */
export function createMetrics() {
  const register = new Registry();
  const registers = [register];
  const known = new Set<string>();
  const bounded = (name: string): string => {
    if (known.size < MAX_NAMES) known.add(name);
    return known.has(name) ? name : 'other';
  };
  const commands = new Counter({
    name: 'rcsp_gateway_commands_total',
    help: 'Commands by name, outcome (ok, rejected, no-answer, not-sent) and error code.',
    labelNames: ['command', 'outcome', 'code'],
    registers,
  });
  const duration = new Histogram({
    name: 'rcsp_gateway_command_duration_seconds',
    help: 'Time from asking for a command to its end, waiting included.',
    labelNames: ['command'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  const events = new Counter({
    name: 'rcsp_gateway_events_total',
    help: 'Events from the studio.',
    labelNames: ['publisher', 'topic'],
    registers,
  });
  const counter = (name: string, help: string, label: string): ((value: string) => void) => {
    const metric = new Counter({ name, help, labelNames: [label], registers });
    return (value) => metric.inc({ [label]: bounded(value) });
  };
  return {
    register,
    reconnect: counter('rcsp_gateway_reconnects_total', 'Connections to the studio that were lost.', 'role'),
    protocolError: counter('rcsp_gateway_protocol_errors_total', 'Breaches of RCSP by the studio.', 'kind'),
    oddAnswer: counter(
      'rcsp_gateway_odd_answers_total',
      'Answers that do not fit the catalog; they were passed on.',
      'command',
    ),
    event(publisher: string, topic: string): void {
      events.inc({ publisher: bounded(publisher), topic: bounded(topic) });
    },
    command(name: string, error: unknown, durationMs: number): void {
      const command = bounded(name);
      const { outcome, code } = resultOf(error);
      commands.inc({ command, outcome, code: bounded(code) });
      duration.observe({ command }, durationMs / 1000);
    },
    /** A value that is read when somebody asks. */
    gauge(name: string, help: string, labelNames: readonly string[], read: () => Iterable<Reading>): void {
      const metric = new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect() {
          metric.reset();
          for (const [labels, value] of read()) metric.inc(labels, value);
        },
      });
    },
  };
}

type Reading = readonly [labels: Record<string, string>, value: number];

export type Metrics = ReturnType<typeof createMetrics>;

function resultOf(error: unknown): { outcome: string; code: string } {
  if (error === undefined) return { outcome: 'ok', code: 'ok' };
  if (error instanceof GatewayError || error instanceof RejectedError) {
    return { outcome: error.outcome ?? 'not-sent', code: error.code };
  }
  return { outcome: 'no-answer', code: 'Internal error' };
}

export const metrics = fp(
  (app: FastifyInstance) => {
    app.decorate('metrics', createMetrics());
  },
  { name: 'metrics' },
);

declare module 'fastify' {
  interface FastifyInstance {
    metrics: Metrics;
  }
}
