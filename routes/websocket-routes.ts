import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from '@fastify/websocket';
import type { Invocation } from '../src/catalog/execute.js';
import { checkedInvocation } from '../src/catalog/invocation.js';
import type { Ask } from '../src/commands/gate.js';
import { demandChannels } from '../src/access/scope.js';
import { GatewayError } from '../src/errors/errors.js';
import { Session } from '../src/transports/session.js';
import type { SessionCommand } from '../src/transports/session.js';
import { Subscriber } from '../src/events/subscriber.js';
import { channelText, deviceChannel, serverChannel } from './channel-path.js';
import type { ChannelLevels } from './channel-path.js';
import { WebSocketSink } from '../src/transports/websocket.js';

/** Commands that one client may have in flight. */
const MAX_COMMANDS = 32;

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
  for (const [path, params] of CHANNEL_PATHS) {
    app.route<{ Params: ChannelLevels }>({
      method: 'GET',
      url: `/v1/ws/${path}`,
      exposeHeadRoute: false,
      schema: { hide: true, params },
      config: { takesTicket: true },
      preHandler: refuseWhenFull,
      handler,
      wsHandler: (socket, request) => {
        const session = connect(app, socket, request);
        const channels = [channelText(request.params)];
        void session.receive(JSON.stringify({ op: 'subscribe', id: null, channels }));
      },
    });
  }
}

const CHANNEL_PATHS = [
  [':Publisher/:Topic', serverChannel],
  ['devices/:DeviceId/:Publisher/:Topic', deviceChannel],
] as const;

function connect(app: FastifyInstance, socket: WebSocket, request: FastifyRequest): Session {
  const { clients, limits, maxSubscriptions, nextTrackId } = app.eventClients;
  const caller = request.caller('websocket');
  const sink: WebSocketSink = new WebSocketSink(socket, request.raw.socket, limits.maxBytes, {
    onFree: () => subscriber.drain(),
    wantsNewest: () => subscriber.wantsNewest,
  });
  const subscriber: Subscriber = new Subscriber(sink, limits);
  const session = new Session(subscriber, {
    hub: app.studio.hub,
    run: (command, admit) => app.gate.run(caller, askOf(app, command, admit)),
    demandChannels: (channels) => demandChannels(caller.principal, channels),
    onRefused: (name, trackId, error) =>
      app.gate.refused(caller, { name, deviceId: undefined, trackId }, error),
    nextTrackId,
    maxSubscriptions,
    maxCommands: MAX_COMMANDS,
    onDefect: (error, trackId) => request.log.error({ err: error, trackId }, 'a WebSocket message failed'),
  });
  const client = sink.asClient(subscriber, {
    isWelcome: () => app.access.isWelcome(caller.principal),
    dismiss: (code, reason) => session.dismiss(code, reason),
  });
  clients.add(client);
  app.lease?.arrive(caller);
  socket.on('message', (data: Buffer, isBinary) => void session.receive(isBinary ? '' : data.toString()));
  socket.on('error', (error) => request.log.debug({ cause: error.message }, 'WebSocket'));
  socket.on('close', (code) => {
    clients.remove(client);
    app.lease?.leave(caller);
    sink.end();
    request.log.debug({ code }, 'WebSocket closed');
  });
  return session;
}

function askOf(app: FastifyInstance, command: SessionCommand, admit: () => void): Ask {
  const { name, arguments: args, timeoutMs, trackId } = command;
  const invocation = (): Invocation => {
    admit();
    return {
      ...checkedInvocation(command, app.studio.discovery, 'message.arguments'),
      timeoutMs,
      trackId,
    };
  };
  return { name, deviceId: args['DeviceId'], trackId, invocation };
}
