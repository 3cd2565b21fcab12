import proxyAddr from '@fastify/proxy-addr';
import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { JoinTokenStore } from '../access/join-token-file.js';
import type { NameRules } from '../access/names.js';
import { isLoopback } from '../config/config.js';
import { certificateNames } from '../config/relay-config.js';
import type { RelayConfig } from '../config/relay-config.js';
import { readTls } from '../config/tls-files.js';
import { GatewayError } from '../errors/errors.js';
import { isKnown } from '../errors/problem-of.js';
import { lifecycle } from '../lifecycle.js';
import { closePromptly } from '../plugins/close-promptly.js';
import { tlsReload } from '../plugins/tls-reload.js';
import type { PulseTimes } from '../transports/relay/line-pulse.js';
import { bracketed } from '../util/address.js';
import { descriptorLimit } from '../util/descriptor-limit.js';
import { VERSION } from '../util/package-info.js';
import { Forwarder } from './forwarder.js';
import { Join } from './join.js';
import { Lines } from './lines.js';
import { endLines, followJoinTokens } from './line-keeping.js';
import { RelayEntrance } from './relay-entrance.js';
import { createRelayServer } from './relay-http.js';
import { RelayMetrics } from './relay-metrics.js';
import { sendRelayProblem } from './relay-problems.js';
import type { ProblemOptions } from './relay-problems.js';
import { relayRoutes } from './relay-routes.js';
import { RequestGuard } from './request-guard.js';
import { OpenCounts, RequestRate } from './request-rate.js';
import { rtcSignalling } from './rtc-signalling.js';
import type { SignallingOptions } from './rtc-signalling.js';
import { StreamOpener } from './stream-opener.js';
import { UpgradeForwarder } from './upgrade-forwarder.js';

export interface RelayAppOptions {
  /** For tests: when a line is pinged, and given up. */
  readonly pulse?: Partial<PulseTimes>;
}

/**
 * The relay, ready to listen. What is below a gateway's name is passed on before Fastify sees it; all other paths are
 * Fastify's: routes are registered below, and `app.entrance.onUpgrade` takes upgrades of a path of the relay's own.
 */
export async function buildRelay(
  config: RelayConfig,
  log: FastifyBaseLogger,
  { pulse }: RelayAppOptions = {},
): Promise<FastifyInstance> {
  const lines = new Lines();
  const metrics = new RelayMetrics(lines, VERSION);
  const tokens = new JoinTokenStore(config.relayTokens);
  const opener = new StreamOpener(new OpenCounts(config.connectionsPerAddress));
  const guard = guardOf(config);
  const services = { guard, metrics, log };
  const onProblem = (error: unknown, request: IncomingMessage, response: ServerResponse): void =>
    answerProblem(services, error, request, response);
  const onAnswer = (name: string, status: number): void => metrics.answered(name, status);
  const ways = { lines, opener, onProblem, onAnswer };
  const [forwarder, upgrades] = [new Forwarder(ways), new UpgradeForwarder(ways)];
  const join = new Join({
    lines,
    tokens,
    log,
    pulse,
    authRate: config.authRate,
    onRefused: (status) => metrics.joinRefused(status),
  });
  const entrance = new RelayEntrance({ guard, forwarder, upgrades, join, onProblem });

  const app = createApp(config, services, entrance);
  app.decorate('entrance', entrance);
  app.decorate('relayMetrics', metrics);
  await app.register(lifecycle);
  await app.register(closePromptly);
  await app.register(tlsReload, { files: config });
  limitConnections(app, metrics);
  followJoinTokens(app, tokens, lines);
  for (const each of [forwarder, upgrades]) app.lifecycle.onShutdown('clients', () => each.close());
  app.lifecycle.onShutdown('drain', () => endLines(lines, config.grace * 1000));

  if (config.rtcSignalling) await app.register(rtcSignalling, signallingOptions(config, entrance, guard));
  relayRoutes(app, { lines, tokens, guard, metricsFrom: config.metricsFrom });
  return app;
}

function signallingOptions(
  { rtcShortIds, authRate }: RelayConfig,
  entrance: RelayEntrance,
  guard: RequestGuard,
): SignallingOptions {
  return {
    shortIds: rtcShortIds,
    authRate,
    onUpgrade: (path, handler) => entrance.onUpgrade(path, handler),
    addressOf: (request) => guard.factsOf(request).address,
    isAllowedOrigin: (origin) => guard.isAllowedOrigin(origin),
  };
}

function createApp(
  config: RelayConfig,
  { guard, log }: ProblemServices,
  entrance: RelayEntrance,
): FastifyInstance {
  const app: FastifyInstance = Fastify({
    serverFactory: (handler) => createRelayServer(readTls(config), entrance, handler),
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: false },
  });
  app.log = log;
  app.setChildLoggerFactory(() => log);
  app.setErrorHandler((error, { headers }, reply) => {
    reply.hijack();
    sendRelayProblem(error, reply.raw, readableBy(guard, headers.origin));
  });
  app.setNotFoundHandler((request, reply) => {
    reply.hijack();
    const detail = `The relay has no ${request.method} ${request.url.split('?', 1)[0] ?? ''}; gateways are at /{name}/.`;
    sendRelayProblem(new GatewayError('Not found', detail), reply.raw);
  });
  return app;
}

interface ProblemServices {
  readonly guard: RequestGuard;
  readonly metrics: RelayMetrics;
  readonly log: FastifyBaseLogger;
}

function answerProblem(
  { guard, metrics, log }: ProblemServices,
  error: unknown,
  { headers: { origin }, method, url }: IncomingMessage,
  response: ServerResponse,
): void {
  if (isKnown(error)) metrics.refused(error.code);
  else log.error({ err: error }, 'the relay failed');
  const status = sendRelayProblem(error, response, readableBy(guard, origin));
  // Not the query: it may hold what must not be in a log.
  log.debug({ method, path: url?.split('?', 1)[0], status, cause: (error as Error).message }, 'refused');
}

/** Lets a page of an allowed origin read the answer. */
function readableBy(guard: RequestGuard, origin: string | undefined): ProblemOptions {
  return guard.isAllowedOrigin(origin)
    ? { headers: { 'access-control-allow-origin': origin, vary: 'Origin' } }
    : {};
}

function guardOf(config: RelayConfig): RequestGuard {
  const isTrusted = proxyAddr.compile([...config.trustProxy]);
  return new RequestGuard({
    rules: rulesOf(config),
    rate: new RequestRate(config.requestRate),
    isTrustedProxy: (address) => isIP(address) > 0 && isTrusted(address, 0),
  });
}

function rulesOf({ listen: { host }, allowedHost, allowedOrigin, tlsCert }: RelayConfig): NameRules {
  const isEvery = host === '0.0.0.0' || host === '::';
  const own = isEvery || isLoopback(host) ? [] : [bracketed(host).toLowerCase()];
  return {
    hosts: new Set([...allowedHost, ...own, ...certificateNames(tlsCert)]),
    origins: new Set(allowedOrigin),
  };
}

function limitConnections({ server, log }: FastifyInstance, metrics: RelayMetrics): void {
  const limit = descriptorLimit();
  if (limit === undefined) return;
  server.maxConnections = limit.connections;
  server.on('drop', () => metrics.connectionDropped());
  server.once('drop', () =>
    log.warn(
      `connections are refused: ${limit.connections} are open, and the process may have ${limit.files} files`,
    ),
  );
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Of a relay. */
    entrance: RelayEntrance;
    relayMetrics: RelayMetrics;
  }
}
