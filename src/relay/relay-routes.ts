import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance } from 'fastify';
import { isIP } from 'node:net';
import type { JoinTokenStore } from '../access/join-token-file.js';
import { GatewayError } from '../errors/errors.js';
import { JOIN_PATH } from '../transports/relay/line-protocol.js';
import { VERSION } from '../util/package-info.js';
import { Join } from './join.js';
import type { Lines } from './lines.js';
import { sendRelayProblem } from './relay-problems.js';
import type { RequestGuard } from './request-guard.js';

export interface RelayRouteOptions {
  readonly lines: Lines;
  readonly tokens: JoinTokenStore;
  readonly guard: RequestGuard;
  /** Addresses and networks that may read the metrics. */
  readonly metricsFrom: readonly string[];
}

/** What the relay answers itself. */
export function relayRoutes(
  app: FastifyInstance,
  { lines, tokens, guard, metricsFrom }: RelayRouteOptions,
): void {
  app.get('/live', (_request, reply) =>
    reply
      .header('cache-control', 'no-store')
      .send({ status: 'live', version: VERSION, uptimeSecs: Math.round(process.uptime()) }),
  );
  app.get('/ready', (_request, reply) => {
    const isReady = tokens.isReadable && !app.lifecycle.isEnding;
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: isReady ? 'ready' : 'not ready', lines: lines.all.length });
  });
  app.get(JOIN_PATH, (_request, reply) => {
    reply.hijack();
    sendRelayProblem(Join.notUpgraded.error, reply.raw, Join.notUpgraded.options);
  });
  metricsRoute(app, guard, metricsFrom);
}

/** They name gateways: not everybody who can reach the relay may know them. */
function metricsRoute(app: FastifyInstance, guard: RequestGuard, metricsFrom: readonly string[]): void {
  const { register } = app.relayMetrics;
  const mayRead = proxyAddr.compile([...metricsFrom]);
  app.get('/metrics', async ({ raw }, reply) => {
    const { address } = guard.factsOf(raw);
    if (isIP(address) === 0 || !mayRead(address, 0))
      throw new GatewayError('Forbidden', 'Metrics are for the addresses that --metrics-from names.');
    return reply.header('content-type', register.contentType).send(await register.metrics());
  });
}
