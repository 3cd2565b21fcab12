import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyServerOptions } from 'fastify';
import { clientScriptRoute } from '../routes/client-script.js';
import { commandByNameRoute } from '../routes/command-by-name.js';
import { commandRoutes } from '../routes/commands.js';
import { eventRoutes } from '../routes/events.js';
import { jobRoutes } from '../routes/jobs.js';
import { leaseRoutes } from '../routes/lease.js';
import { healthRoutes } from '../routes/health.js';
import { historyRoute } from '../routes/history.js';
import { metricsRoute } from '../routes/metrics.js';
import { pageRoutes } from '../routes/page.js';
import { ticketsRoute } from '../routes/tickets.js';
import { websocketRoutes } from '../routes/websocket.js';
import https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Address, Config } from './config.js';
import { access } from './plugins/access.js';
import { eventClients } from './plugins/event-clients.js';
import { gate } from './plugins/gate.js';
import { headers } from './plugins/headers.js';
import { metrics } from './plugins/metrics.js';
import { openapi } from './plugins/openapi.js';
import { answerClientError, problems, sendFrameworkProblem } from './plugins/problems.js';
import { studio } from './plugins/studio.js';
import { tlsReload } from './plugins/tls.js';
import { tracking } from './plugins/tracking.js';
import { validation } from './plugins/validation.js';
import { createTrackIds } from './rcsp/track-id.js';
import { websocketServer } from './plugins/websocket-server.js';
import { readTls } from './tls.js';
import { Simulator } from './simulator/server.js';

/** Milliseconds that a client has to send a whole request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** For clients that take their time, of which there may be many. */
const SERVER_LIMITS = { headersTimeout: 10_000, connectionsCheckingInterval: 2000, requireHostHeader: false };
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** Milliseconds between looks for connections that have become idle, while it closes. */
const IDLE_MS = 100;

/**
 * The gateway, ready to listen: everything it consists of, by name. Closing it ends all of it.
 *
 * @throws Error when the simulator cannot open its port
 */
export async function buildApp(config: Config, logger: FastifyBaseLogger): Promise<FastifyInstance> {
  const tls = readTls(config);
  const app = Fastify(serverOptions(config, tls, logger));
  closePromptly(app);
  const address = config.simulate ? await startSimulator(app, config) : config.rcsp;

  await app.register(problems);
  await app.register(tracking);
  await app.register(websocketServer);
  await app.register(headers, { isTls: tls !== null });
  await app.register(access, { config });
  await app.register(validation);
  await app.register(metrics);
  await app.register(studio, { config, address });
  await app.register(gate, { config });
  await app.register(eventClients, { config });
  await app.register(openapi);
  await app.register(tlsReload, { files: config });

  commandRoutes(app);
  commandByNameRoute(app);
  websocketRoutes(app);
  eventRoutes(app);
  historyRoute(app);
  ticketsRoute(app);
  leaseRoutes(app);
  jobRoutes(app);
  healthRoutes(app);
  metricsRoute(app);
  clientScriptRoute(app);
  await app.register(pageRoutes);
  return app;
}

type ServerOptions = FastifyServerOptions & Record<'http' | 'https', object | null>;

function serverOptions(
  config: Config,
  tls: ReturnType<typeof readTls>,
  logger: FastifyBaseLogger,
): ServerOptions {
  return {
    http: SERVER_LIMITS,
    https: tls && { ...tls, ...SERVER_LIMITS, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    trustProxy: config.trustProxy.length > 0 && [...config.trustProxy],
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'trackId' }),
    genReqId: createTrackIds(),
    requestIdHeader: false,
    bodyLimit: config.bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // What arrives on a connection that is still open is answered truthfully: the pool says that it closes.
    return503OnClosing: false,
    clientErrorHandler: answerClientError,
    frameworkErrors: sendFrameworkProblem,
    routerOptions: { maxParamLength: 500 },
  };
}

async function startSimulator(app: FastifyInstance, config: Config): Promise<Address> {
  const simulator = new Simulator({ devices: config.devices });
  app.addHook('onClose', () => simulator.close());
  return simulator.listen();
}

/**
 * Once it closes, no connection outlives its last answer: neither one that would be kept alive, nor one on which
 * no request has ever come (a browser opens some to spare).
 */
function closePromptly(app: FastifyInstance): void {
  let isClosing = false;
  let idle: NodeJS.Timeout | undefined;
  const silent = new Set<Socket>();
  const listen = (socket: Socket): void => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  };
  const handshakes = handshakesOf(app.server);
  app.server.on(handshakes === undefined ? 'connection' : 'secureConnection', listen);
  app.server.on('request', ({ socket }) => silent.delete(socket));
  app.server.on('upgrade', ({ socket }) => silent.delete(socket));
  app.addHook('preClose', (done) => {
    isClosing = true;
    for (const socket of [...silent, ...(handshakes?.values() ?? [])]) socket.destroy();
    // One whose answer is just leaving is not idle yet, and nobody would come back to it.
    idle = setInterval(() => app.server.closeIdleConnections(), IDLE_MS);
    done();
  });
  app.addHook('onClose', (_, done) => {
    clearInterval(idle);
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (isClosing) reply.header('connection', 'close');
    done();
  });
}

/** Under TLS, the connections whose handshake is not over, by where they come from; otherwise undefined. */
function handshakesOf(server: FastifyInstance['server']): ReadonlyMap<string, Duplex> | undefined {
  if (!(server instanceof https.Server)) return undefined;
  const open = new Map<string, Duplex>();
  server.on('connection', (socket) => {
    const peer = peerOf(socket);
    open.set(peer, socket);
    socket.once('close', () => {
      if (open.get(peer) === socket) open.delete(peer);
    });
  });
  server.on('secureConnection', (socket) => void open.delete(peerOf(socket)));
  return open;
}

function peerOf(socket: Duplex): string {
  return socket instanceof Socket ? `${socket.remoteAddress ?? ''} ${socket.remotePort ?? ''}` : '';
}
