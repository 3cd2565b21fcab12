import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { formatAddress } from '../src/util/address.js';
import { VERSION } from '../src/util/package-info.js';
import { mayUse } from '../src/access/scope.js';
import type { Principal } from '../src/access/scope.js';
import type { Config } from '../src/config/config.js';
import type { AnyStudio, Studios } from '../src/studios/registry.js';
import type { RcspUpstream } from '../src/upstreams/rcsp/rcsp-upstream.js';

const live = z.object({
  status: z.literal('live'),
  version: z.string().describe('Version of the gateway.'),
  uptimeSecs: z.number().describe('Seconds since the gateway started.'),
  mayRead: z.boolean().describe('Whether the token that was shown, or none, is enough to read.'),
});

const relay = z
  .object({
    state: z.enum(['connected', 'connecting', 'disconnected']),
    address: z.string().describe('Where the gateway can be reached through the relay.'),
    rttMs: z.number().nullable().describe('Milliseconds to the relay and back; null without a line.'),
    reason: z.string().optional().describe('Why there is no line.'),
  })
  .describe('The line to the relay, where the gateway has one. It makes no difference to the status.');

const details = z.object({
  studio: z.object({
    state: z.enum(['connected', 'connecting', 'disconnected', 'stale']),
    address: z.string().describe('Where the RCSP server is, host:port; of an edge, the NATS server.'),
    simulated: z.boolean().describe('True when this is the built-in simulator and no studio.'),
    version: z.string().nullable().describe("The server's version, as it last told."),
    gitSha: z.string().nullable().describe('The commit that the server was built from.'),
    systemName: z.string().nullable().describe('The operating system of the server.'),
    uptimeSecs: z.number().nullable().describe('Seconds since the server started; null while it is away.'),
  }),
  pool: z.object({
    size: z.int().describe('Connections for commands.'),
    up: z.int().describe('How many of them are up.'),
    waiting: z.int().describe('Commands accepted and not answered.'),
  }),
  events: z.object({ connected: z.boolean().describe('Whether the connection for events is up.') }),
  connections: z
    .string()
    .describe('How many of its connections the gateway has to the studio, such as `5 of 5 connections`.'),
  devices: z.int().describe('Devices that the studio lists; 0 while it is away.'),
  relay: relay.optional(),
  studios: z
    .array(
      z.object({ name: z.string(), state: z.enum(['connected', 'connecting', 'disconnected', 'stale']) }),
    )
    .describe(
      'The state of each studio that the caller may see; the other members are of the default one, or of the path.',
    ),
});

const ready = details
  .partial()
  .extend({ status: z.enum(['ready', 'not ready']) })
  .describe('Where a gateway wants a token, who shows none is only told the status.');

const tags = ['Gateway'];
const LIVE = {
  operationId: 'GetLive',
  tags,
  summary: 'Whether the gateway runs',
  description: '200 while the process runs, whether or not the studio is there.',
  response: { 200: json('The gateway runs.', live) },
};
const READY = {
  operationId: 'GetReady',
  tags,
  summary: 'Whether the studio is connected',
  description:
    '200 when the default studio is connected (any or all studios: `--ready`), 503 otherwise; the same body in both cases. Below `/studios/{studio}`, of that studio.',
  response: {
    200: json('The studio is connected.', ready),
    503: json('The studio is not there.', ready),
  },
};

/** Is the process alive; is the studio there. */
export function healthRoutes(app: FastifyInstance, needed: Config['ready']): void {
  const config = { quiet: true, takesAnyHost: true };
  app.get('/live', { config, schema: LIVE }, ({ principal }) => ({
    status: 'live',
    version: VERSION,
    uptimeSecs: Math.round(process.uptime()),
    mayRead: principal !== undefined,
  }));
  app.get('/ready', { config, schema: READY }, ({ principal, studioName: named }, reply) => {
    const { studios } = app;

    const studio = (named === undefined ? undefined : studios.get(named)) ?? studios.default;
    const isReady = (named === undefined ? READINESS[needed] : READINESS.default)(studio, studios.all);
    const told =
      principal === undefined ? {} : { ...toldOf(studio, studios, principal), ...relayStatus(app) };
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', ...told });
  });
}

type Readiness = (studio: AnyStudio, all: readonly AnyStudio[]) => boolean;

const isConnected = ({ upstream }: AnyStudio): boolean => upstream.state === 'connected';
const READINESS: Readonly<Record<Config['ready'], Readiness>> = {
  default: isConnected,
  any: (_, all) => all.some(isConnected),
  all: (_, all) => all.every(isConnected),
};

function relayStatus({ relayLink: link }: FastifyInstance): Pick<z.output<typeof details>, 'relay'> {
  return link === undefined ? {} : { relay: { ...link.status, ...(link.reason && { reason: link.reason }) } };
}

/** A token for other studios learns nothing of this one. */
function toldOf(
  { name: own, upstream }: AnyStudio,
  studios: Studios,
  principal: Principal,
): Partial<z.output<typeof details>> {
  const states = studios
    .visibleTo(principal)
    .map((each) => ({ name: each.name, state: each.upstream.state }));
  if (!mayUse(principal, own)) return { studios: states };
  const connections = upstream.kind === 'rcsp' ? connectionsOf(upstream) : {};
  return { ...readiness(upstream), ...connections, studios: states };
}

function readiness({
  state,
  events,
  discovery,
  address,
  simulated,
}: AnyStudio['upstream']): Partial<z.output<typeof details>> {
  const { info } = discovery;
  const connected = state === 'connected';
  const startedAt = connected ? info?.startedAt : undefined;
  return {
    studio: {
      state,
      address: typeof address === 'string' ? address : formatAddress(address),
      simulated,
      version: info?.version ?? null,
      gitSha: info?.gitSha ?? null,
      systemName: info?.systemName ?? null,
      uptimeSecs: startedAt === undefined ? null : Math.round((performance.now() - startedAt) / 1000),
    },
    events: { connected: events.connected },
    devices: connected ? discovery.deviceIds.length : 0,
  };
}

function connectionsOf({ pool, connections }: RcspUpstream): Partial<z.output<typeof details>> {
  return {
    pool: {
      size: pool.connections.length,
      up: pool.connections.filter((each) => each.isUp).length,
      waiting: pool.load,
    },
    connections: connections.text,
  };
}

function json(description: string, schema: z.ZodType): object {
  return { description, content: { 'application/json': { schema } } };
}
