import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { clientKey } from '../src/access/scope.js';
import type { Caller } from '../src/access/scope.js';
import { GatewayError } from '../src/errors/errors.js';
import { receiveMessage } from '../src/transports/webrtc/data-channel-client.js';
import { TURN_SECONDS } from '../src/transports/webrtc/ice-servers.js';
import type { DataChannel } from '../src/transports/webrtc/rtc-library.js';
import type { ChannelUser } from '../src/transports/webrtc/rtc-peer.js';
import { WebRtcTransport } from '../src/transports/webrtc/webrtc-transport.js';
import { bodyText } from '../src/util/body-text.js';
import type { Rtc } from '../src/plugins/rtc.js';

const OFF = 'A gateway without data channels (`--rtc`) answers 404.';

const offer = z
  .object({
    type: z.literal('offer', { error: 'must be "offer"' }),
    sdp: z.string().describe('With a data channel labelled `default`, and all its candidates.'),
  })
  .meta({ id: 'RtcOffer', description: 'The offer of a peer connection.' });

const answer = z
  .object({
    type: z.literal('answer'),
    sdp: z.string().describe('With all candidates of the gateway: nothing follows.'),
  })
  .meta({ id: 'RtcAnswer', description: 'The answer to an offer; it has these two keys only.' });

const ice = z
  .object({
    iceServers: z
      .array(
        z.object({
          urls: z.string().describe('`stun:` or `turn:`, as `RTCPeerConnection` takes it.'),
          username: z.string().optional().describe('Of TURN: when it expires, and for whom it was made.'),
          credential: z.string().optional().describe('Of TURN.'),
        }),
      )
      .describe('For `new RTCPeerConnection({ iceServers })`.'),
    ttl: z.int().describe('Seconds that the credentials are valid.'),
  })
  .meta({ id: 'RtcIce', description: 'STUN and TURN servers for one peer connection.' });

const ticket = z.object({
  ticket: z
    .string()
    .max(200)
    .optional()
    .describe('Instead of a token, where a client can send none: `POST /v1/tickets`.'),
});

const SCHEMAS = {
  connect: {
    operationId: 'ConnectRtc',
    tags: ['Events'],
    summary: 'Open a data channel',
    description:
      'WebRTC as RTCBot speaks it: `RTCConnection` of RTCBot, or any `RTCPeerConnection`, sends its offer, as JSON or as ' +
      '`text/plain`. The data channel labelled `default` carries the messages of `/v1/ws`, one JSON text a message, none ' +
      `over 64 KiB; see /asyncapi.json. It has to open within 15 s. ${OFF}`,
    querystring: ticket,
    body: offer,
    response: { 200: { description: 'The answer.', content: { 'application/json': { schema: answer } } } },
  },
  ice: {
    operationId: 'GetRtcIce',
    tags: ['Events'],
    summary: 'Which STUN and TURN servers to use',
    description: `Those of \`--ice-server\`, with credentials for TURN that are made for the caller. ${OFF}`,
    querystring: ticket,
    response: { 200: { description: 'The servers.', content: { 'application/json': { schema: ice } } } },
  },
};

/** WebRTC: the offer and its answer, and which servers help. In a scope of its own, which reads text as JSON. */
export async function rtcRoutes(scope: FastifyInstance): Promise<void> {
  readTextAsJson(scope);
  const config = { takesTicket: true };
  scope.post<{ Body: z.output<typeof offer> }>(
    '/v1/rtc',
    { config, schema: SCHEMAS.connect, preHandler: scope.eventClients.refuseWhenFull },
    async (request) => ({ type: 'answer', sdp: await connect(scope, request, request.body.sdp) }),
  );
  scope.get('/v1/rtc/ice', { config, schema: SCHEMAS.ice }, (request) => ({
    iceServers: rtcOf(scope).ice.forCaller(request.caller().principal.name, Date.now()),
    ttl: TURN_SECONDS,
  }));
  await Promise.resolve();
}

/** What RTCBot sends says `text/plain`. */
function readTextAsJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error');
  scope.addContentTypeParser<Buffer>('text/plain', { parseAs: 'buffer' }, (request, body, done) => {
    const text = bodyText(body, request.headers['content-type']);
    if (text instanceof GatewayError) done(text);
    else void parse(request, text, done);
  });
}

function rtcOf({ rtc }: FastifyInstance): Rtc {
  if (rtc !== undefined) return rtc;
  throw new GatewayError('Not found', 'This gateway has no data channels: start it with --rtc.');
}

function connect(app: FastifyInstance, request: FastifyRequest, sdp: string): Promise<string> {
  // The channel opens when the request is over, and its address gone.
  const caller = request.caller('webrtc');
  return rtcOf(app).peers.answer(clientKey(caller), sdp, (channel, closePeer) => {
    if (!app.eventClients.clients.isFull) return openChannel(app, caller, channel, closePeer);
    closePeer();
    return { receive: () => undefined, end: () => undefined };
  });
}

function openChannel(
  app: FastifyInstance,
  caller: Caller,
  channel: DataChannel,
  closePeer: () => void,
): ChannelUser {
  const { connect: open, limits } = app.eventClients;
  const connection = open(
    caller,
    (listener) => new WebRtcTransport(channel, limits.maxBytes, listener, closePeer),
  );
  connection.open();
  const leave = app.studios.arrive(caller);
  return {
    receive: (message) => receiveMessage(connection, message),
    end: () => {
      connection.end();
      leave();
    },
  };
}
