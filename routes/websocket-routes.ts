import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from '@fastify/websocket';
import { GatewayError } from '../src/errors/errors.js';
import type { EventConnection } from '../src/transports/event-connection.js';
import { WebSocketTransport } from '../src/transports/websocket-transport.js';
import { CHANNEL_PATHS, channelText } from './channel-path.js';
import type { ChannelLevels } from './channel-path.js';

/** `/v1/ws`, and `/v1/ws/<channel>`: the same, already subscribed to that one channel. */
export function websocketRoutes(app: FastifyInstance): void {
  const handler = (): never => {
    throw new GatewayError('Invalid request', 'This is a WebSocket: connect to it with ws:// or wss://.');
  };
  const { refuseWhenFull } = app.eventClients;
  const schema = { hide: true };
  app.route({
    method: 'GET',
    url: '/v1/ws',
    exposeHeadRoute: false,
    schema,
    config: { takesTicket: true },
    preHandler: refuseWhenFull,
    handler,
    wsHandler: (socket, request) => void connect(app, socket, request),
  });
  for (const { path, params } of CHANNEL_PATHS) {
    app.route<{ Params: ChannelLevels }>({
      method: 'GET',
      url: `/v1/ws/${path}`,
      exposeHeadRoute: false,
      schema: { hide: true, params },
      config: { takesTicket: true },
      preHandler: refuseWhenFull,
      handler,
      wsHandler: (socket, request) => {
        const connection = connect(app, socket, request);
        const channels = [channelText(request.params)];
        void connection.receive(JSON.stringify({ op: 'subscribe', id: null, channels }));
      },
    });
  }
}

function connect(app: FastifyInstance, socket: WebSocket, request: FastifyRequest): EventConnection {
  const caller = request.caller('websocket');
  const { limits } = app.eventClients;
  const connection = app.eventClients.connect(
    caller,
    (listener) => new WebSocketTransport(socket, request.raw.socket, limits.maxBytes, listener),
  );
  connection.open();
  // It may command any studio.
  const leases = app.studios.all.flatMap(({ lease }) => lease ?? []);
  for (const lease of leases) lease.arrive(caller);
  socket.on('message', (data: Buffer, isBinary) => void connection.receive(isBinary ? '' : data.toString()));
  socket.on('error', (error) => {
    if ('code' in error && typeof error.code === 'string') app.metrics.malformedFrame(error.code);
    request.log.debug({ cause: error.message }, 'WebSocket');
  });
  socket.on('close', (code) => {
    connection.end();
    for (const lease of leases) lease.leave(caller);
    request.log.debug({ code }, 'WebSocket closed');
  });
  return connection;
}
