import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Counter } from 'prom-client';
import { LightDispatcher } from '../commands/light-dispatcher.js';
import type { Config } from '../config/config.js';
import { problemOf } from '../errors/problem-of.js';
import { LightsUpstream } from '../upstreams/lights/lights-upstream.js';
import type { LightsOptions } from '../upstreams/lights/lights-upstream.js';
import type { Address } from '../util/address.js';

export interface LightsPluginOptions {
  readonly config: Config;
  /** Those of the simulator; they are used where none is configured. */
  readonly simulated: readonly Address[];
}

/** Nodes listen on port 5000 and expect their coordinator there, too. */
const LISTEN = { host: '0.0.0.0', port: 5000 };
const SIMULATED_LISTEN = { host: '127.0.0.1', port: 0 };

/** Light arrays: the upstream, the way to it, what is counted. */
export const lights = fp<LightsPluginOptions>(
  (app: FastifyInstance, { config, simulated }: LightsPluginOptions) => {
    const isSimulated = config.lights.length === 0 && simulated.length > 0;
    const upstream = new LightsUpstream({
      nodes: isSimulated ? simulated : config.lights,
      listen: config.lightsListen ?? (isSimulated ? SIMULATED_LISTEN : LISTEN),
      // Simulated nodes have other ports the next time.
      stateFile: isSimulated ? undefined : join(config.stateFolder, 'lights.json'),
      scanPort: config.lightsScan ? LISTEN.port : undefined,
      maxTimeoutMs: config.maxTimeout * 1000,
      log: app.log,
      ...counters(app),
    });
    app.metrics.gauge('lights_up', 'Whether a light array takes heartbeats.', ['node'], () =>
      upstream.nodes.map(({ name: node, state }) => [{ node }, state === 'connected' ? 1 : 0] as const),
    );
    app.hub.addSource(upstream.events);
    const { studios } = app;
    app.decorate('lights', upstream);
    app.decorate(
      'lightDispatcher',
      new LightDispatcher({
        gate: () => studios.default.gate,
        jobs: () => studios.default.jobs,
        nameOf: (node) => upstream.find(node).name,
        execute: (invocation) => upstream.commands.execute(invocation),
      }),
    );
    app.lifecycle.onStart(() => upstream.start());
    app.lifecycle.onShutdown('drain', () => upstream.drain(config.grace * 1000));
    app.lifecycle.onShutdown('events', () => upstream.stop());
  },
  { name: 'lights', dependencies: ['metrics', 'event-hub', 'studios', 'lifecycle'] },
);

function counters({ metrics }: FastifyInstance): Pick<LightsOptions, 'onCommand' | 'onRefused'> {
  const registers = [metrics.register];
  const commands = new Counter({
    name: 'rcsp_gateway_lights_commands_total',
    help: 'Commands for light arrays by node, name and outcome (ok, rejected, no-answer, not-sent).',
    labelNames: ['node', 'command', 'outcome'],
    registers,
  });
  const refused = new Counter({
    name: 'rcsp_gateway_lights_callbacks_refused_total',
    help: 'Connections to the listener for light arrays that brought no event, by reason.',
    labelNames: ['reason'],
    registers,
  });
  return {
    onCommand: (node, command, error) => {
      const outcome = error === undefined ? 'ok' : (problemOf(error).outcome ?? 'no-answer');
      commands.inc({ node, command, outcome });
    },
    onRefused: (reason) => refused.inc({ reason }),
  };
}

declare module 'fastify' {
  interface FastifyInstance {
    lights: LightsUpstream;
    lightDispatcher: LightDispatcher;
  }
}
