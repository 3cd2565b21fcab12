import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyServerOptions } from 'fastify';
import { clientScriptRoute } from '../routes/client-script-route.js';
import { commandByNameRoute } from '../routes/command-by-name-route.js';
import { commandRoutes } from '../routes/command-routes.js';
import { eventRoutes } from '../routes/event-routes.js';
import { jobRoutes } from '../routes/job-routes.js';
import { lightRoutes } from '../routes/light-routes.js';
import { leaseRoutes } from '../routes/lease-routes.js';
import { healthRoutes } from '../routes/health-routes.js';
import { historyRoute } from '../routes/history-route.js';
import { meRoute } from '../routes/me-route.js';
import { metricsRoute } from '../routes/metrics-route.js';
import { pageRoutes } from '../routes/page-routes.js';
import { rtcRoutes } from '../routes/rtc-routes.js';
import { signInRoute } from '../routes/sign-in-route.js';
import { studioRoutes } from '../routes/studio-routes.js';
import { ticketsRoute } from '../routes/tickets-route.js';
import { websocketRoutes } from '../routes/websocket-routes.js';
import type { Config } from './config/config.js';
import type { Address } from './util/address.js';
import { access } from './plugins/access.js';
import { connectionLimit } from './plugins/connection-limit.js';
import { ROUTER_OPTIONS } from './plugins/allowed-methods.js';
import { closePromptly } from './plugins/close-promptly.js';
import { eventClients } from './plugins/event-clients.js';
import { refusals } from './plugins/command-refusals.js';
import { forwardedPrefix } from './plugins/forwarded-prefix.js';
import { headers } from './plugins/headers.js';
import { lights } from './plugins/lights.js';
import { measuring } from './plugins/measuring.js';
import { openapi } from './plugins/documents.js';
import { relayLine } from './plugins/relay-line.js';
import { trustedProxies } from './plugins/trusted-proxies.js';
import { answerClientError, problems, sendFrameworkProblem } from './plugins/problems.js';
import { eventHub } from './plugins/event-hub.js';
import { natsOrigin } from './plugins/nats.js';
import { loadRtc, rtc } from './plugins/rtc.js';
import { withoutStudioPath } from './plugins/studio-path.js';
import { studios } from './plugins/studios.js';
import { tlsReload } from './plugins/tls-reload.js';
import { tracking } from './plugins/tracking.js';
import { SCHEMA_CONTROLLER, validation } from './plugins/validation.js';
import { lifecycle } from './lifecycle.js';
import { createTrackIds } from './util/track-id.js';
import { OfferedRequest } from './plugins/upgrade-offers.js';
import { refusedUpgrades, websocketServer } from './plugins/websocket-server.js';
import { readTls } from './config/tls-files.js';

/** Milliseconds that a client has to send a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** For clients that take their time, of which there may be many. */
const SERVER_LIMITS = { headersTimeout: 10_000, connectionsCheckingInterval: 2000, requireHostHeader: false };
const SERVER_OPTIONS = { ...SERVER_LIMITS, IncomingMessage: OfferedRequest };
const HANDSHAKE_TIMEOUT_MS = 10_000;

/**
 * The gateway, ready to listen: everything it consists of, by name. Closing it ends all of it.
 *
 * @throws Error when the simulator cannot open its port
 */
export async function buildApp(config: Config, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const [tls, library] = [readTls(config), await loadRtc(config)];
  const app = createServer(config, tls, logger);
  await app.register(lifecycle);
  await app.register(closePromptly);
  await app.register(connectionLimit);

  await app.register(problems);
  await app.register(tracking);
  await app.register(forwardedPrefix, { config });
  await app.register(refusedUpgrades);
  await app.register(headers, { isTls: tls !== null });
  await app.register(access, { config });
  await app.register(validation);
  await app.register(measuring);
  await app.register(eventHub, { config });
  await app.register(studios, { config, simulate: (number) => startSimulator(app, config, number) });
  await app.register(natsOrigin, { config });
  await app.register(refusals);
  await app.register(lights, { config, simulated: config.simulate ? await simulateLights(app) : [] });
  await app.register(eventClients, { config });
  await app.register(rtc, { config, library });
  await app.register(relayLine, { config });
  await app.register(openapi, { config });
  await app.register(tlsReload, { files: config });
  await addRoutes(app, config);
  return app;
}

async function addRoutes(app: FastifyInstance, config: Config): Promise<void> {
  commandRoutes(app);
  commandByNameRoute(app);
  await app.register(websockets);
  await app.register(rtcRoutes);
  eventRoutes(app);
  historyRoute(app);
  studioRoutes(app);
  ticketsRoute(app);
  signInRoute(app);
  leaseRoutes(app);
  meRoute(app);
  jobRoutes(app);
  lightRoutes(app, config.lightsShell);
  healthRoutes(app, config.ready);
  metricsRoute(app);
  clientScriptRoute(app);
  await app.register(pageRoutes);
}

type ServerOptions = FastifyServerOptions & Record<'http' | 'https', object | null>;

async function websockets(scope: FastifyInstance): Promise<void> {
  await scope.register(websocketServer);
  websocketRoutes(scope);
}

/** A logger that is given as an option has Fastify listen to the end of each answer and make a child for each request. */
function createServer(
  config: Config,
  tls: ReturnType<typeof readTls>,
  logger: FastifyBaseLogger,
): FastifyInstance {
  const app: FastifyInstance = Fastify({
    ...serverOptions(config, tls),
    clientErrorHandler: (error, socket) =>
      answerClientError(error, socket, (reason) => app.metrics.connectionRefused(reason)),
  });
  app.log = logger;
  return app;
}

function serverOptions(config: Config, tls: ReturnType<typeof readTls>): ServerOptions {
  return {
    http: SERVER_OPTIONS,
    https: tls && { ...tls, ...SERVER_OPTIONS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    trustProxy: trustedProxies(config),
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: createTrackIds(),
    requestIdHeader: false,
    rewriteUrl: withoutStudioPath,
    bodyLimit: config.bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What arrives on a connection that is still open is answered truthfully: the pool says that it closes.
    return503OnClosing: false,
    frameworkErrors: sendFrameworkProblem,
    routerOptions: ROUTER_OPTIONS,
    schemaController: SCHEMA_CONTROLLER,
  };
}

async function startSimulator(app: FastifyInstance, config: Config, number: number): Promise<Address> {
  const { Simulator } = await import('./simulator/simulator.js');
  const simulator = new Simulator({ devices: config.devices, seed: number, first: number });
  app.lifecycle.onShutdown('simulator', () => simulator.close());
  return simulator.listen();
}

async function simulateLights(app: FastifyInstance): Promise<readonly Address[]> {
  const { startLightSimulators } = await import('./simulator/lights/run-light-simulator.js');
  const nodes = await startLightSimulators({ nodes: 2 });
  app.lifecycle.onShutdown('simulator', async () => {
    await Promise.all(nodes.map((each) => each.close()));
  });
  return nodes.map(({ address }) => address);
}
