import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { channelPattern, MAX_RATE_HZ, MIN_RATE_HZ, mode } from '../src/events/protocol.js';
import { CHANNEL_PATHS, channelText } from './channel-path.js';
import type { ChannelLevels } from './channel-path.js';
import { SseTransport } from '../src/transports/sse-transport.js';
import { parseCursor } from '../src/wire/cursor.js';
import type { Mode } from '../src/wire/mode.js';

const modeText = z.enum(['all', 'latest']).describe('`latest`: only the newest of each channel when behind.');
const maxRateHz = z
  .number()
  .min(MIN_RATE_HZ)
  .max(MAX_RATE_HZ)
  .describe('Events a second of a channel, at most.');

const options = {
  mode: modeText.optional(),
  maxRateHz: maxRateHz.optional(),
  ticket: z
    .string()
    .max(200)
    .optional()
    .describe('Instead of a token, where a browser can send none: `POST /v1/tickets`.'),
};

const channelsQuery = z.object({
  channel: z
    .array(channelPattern)
    .min(1)
    .max(1000)
    .describe('A channel or pattern, such as `Logs/*`; repeat it for more.'),
  ...options,
});

const oneChannelQuery = z.object(options);

type Options = z.output<typeof oneChannelQuery>;

const DESCRIPTION = `
Server-sent events (\`text/event-stream\`): \`event\` is \`event\`, \`gap\` or \`upstream\`, \`data\` the same object as on
the WebSocket, \`id\` a cursor that \`Last-Event-ID\` takes. A comment line every now and then keeps the connection open.
\`curl -N\` shows it.`.trim();

/** Server-sent events. */
export function eventRoutes(app: FastifyInstance): void {
  const common = {
    exposeHeadRoute: false,
    preHandler: app.eventClients.refuseWhenFull,
    config: { takesTicket: true, isStream: true },
  };
  const docs = { tags: ['Events'], description: DESCRIPTION, response: { 200: EVENT_STREAM } };
  app.get<{ Querystring: z.output<typeof channelsQuery> }>(
    '/v1/events',
    {
      ...common,
      schema: {
        ...docs,
        operationId: 'GetEvents',
        summary: 'Listen to channels',
        querystring: channelsQuery,
      },
    },
    (request, reply) => stream(app, request.query.channel, request.query, request, reply),
  );
  for (const { path, params, of, what } of CHANNEL_PATHS) {
    const operationId = `Get${of}ChannelEvents`;
    const summary = `Listen to ${what}`;
    app.get<{ Params: ChannelLevels; Querystring: Options }>(
      `/v1/events/${path}`,
      { ...common, schema: { ...docs, operationId, summary, params, querystring: oneChannelQuery } },
      (request, reply) => stream(app, [channelText(request.params)], request.query, request, reply),
    );
  }
}

const EVENT_STREAM = {
  description: 'Events, for as long as the connection stands.',
  content: { 'text/event-stream': { schema: z.string() } },
};

async function stream(
  app: FastifyInstance,
  channels: readonly string[],
  options: Options,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { socket } = request.raw;
  const connection = app.eventClients.connect(
    request.caller(),
    (listener) => new SseTransport(reply.raw, socket, listener, () => takeOver(reply)),
  );
  const onClose = (): void => connection.end();
  socket.once('close', onClose);
  try {
    await connection.stream(channels, modeOf(options), lastEventId(request));
  } catch (error) {
    // A problem is answered, and the connection may live on.
    socket.off('close', onClose);
    throw error;
  }
  return reply;
}

/** The stream is written past Fastify, with the headers that the hooks have set. */
function takeOver(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
}

function modeOf({ mode: text = 'all', maxRateHz: rate }: Options): Mode {
  return mode.parse(rate === undefined ? text : { maxRateHz: rate });
}

/** Where a client that comes back left off. What is no cursor is no place: it listens from now on. */
function lastEventId({ headers }: FastifyRequest): ReturnType<typeof parseCursor> {
  const text = headers['last-event-id'];
  return typeof text === 'string' ? parseCursor(text) : undefined;
}
