/** The AsyncAPI document of the WebSocket and of server-sent events, from the same zod that checks the messages. */
import { z } from 'zod';
import { PUBLISHERS } from '../catalog/index.js';
import * as protocol from '../events/protocol.js';
import { lightState, pycomEvent } from '../upstreams/lights/protocol/pycom-message.js';
import { jsonSchema } from './json-schema.js';
import type { Components } from './json-schema.js';

const FROM_CLIENT = {
  subscribe: protocol.subscribeMessage,
  unsubscribe: protocol.unsubscribeMessage,
  command: protocol.commandMessage,
  ping: protocol.pingMessage,
};

const TO_CLIENT = {
  subscribed: protocol.subscribedMessage,
  unsubscribed: protocol.unsubscribedMessage,
  event: protocol.eventMessage.extend({
    event: z.union([protocol.eventMessage.shape.event, pycomEvent, lightState]),
  }),
  gap: protocol.gapMessage,
  response: protocol.responseMessage,
  error: protocol.errorMessage,
  pong: protocol.pongMessage,
};

const SUMMARIES: Readonly<Record<keyof typeof FROM_CLIENT | keyof typeof TO_CLIENT, string>> = {
  subscribe: 'Listen to channels',
  unsubscribe: 'Stop listening',
  command: 'Run a command',
  ping: 'Ask for a sign of life',
  subscribed: 'Listening',
  unsubscribed: 'No longer listening',
  event: 'An event of a channel',
  gap: 'Events that are missing',
  response: 'What a command answered',
  error: 'Why something did not work',
  pong: 'A sign of life',
};

const DESCRIPTION = `
A channel is \`Publisher/Topic\`, or \`devices/<DeviceId>/Publisher/Topic\` for what belongs to a device; \`*\` stands for
one whole level. \`$gateway/upstream\` tells how the connection to the studio stands, and always gives the current
state. A cursor, \`<epoch>:<seq>\`, is a place in a channel; the epoch changes where continuity cannot be promised.

Light arrays have \`lights/<node>/Pycom/Output\`, \`…/Message\`, \`…/UnitInfo\` (the node's JSON) and \`…/State\`.

The gateway's own channels: \`$gateway/upstream\` and \`$gateway/lease\` (who may change things), which always give the
current state; \`$gateway/changes\` (writes that the studio took), \`$gateway/jobs\` (firmware updates, runs of light arrays) and \`$gateway/audit\` (who changed what; scope \`admin\`).

Several studios: \`studios/<name>/\` in front of a channel names its studio, \`studios/*/\` all of them. Without it a channel
is that of the default studio, or of the studio in the path: each address also stands below \`/studios/<name>\`. Messages
spell a channel as it was subscribed.

Where the gateway wants a token, it is shown as \`Authorization: Bearer …\`, or by browsers as \`?ticket=…\` from
\`POST /v1/tickets\`, used once. Commands need the scope that the OpenAPI document gives them.

Answers and gaps are never dropped; events may be, never silently. Close codes: 1001 shutdown, 1008 policy (more than 60 pings in a second, among others), 1009 message
too large, 1013 too slow, 4401 token revoked or expired. A close frame stands behind what was sent before it: a client that
does not read that far within 2 s is cut, and sees no close code (1006 in a browser).
`.trim();

type Part = Record<string, unknown>;

export function asyncapiDocument(version: string): Part {
  const schemas: Components = {};
  const messages = {
    ...messagesOf(FROM_CLIENT, 'input', schemas),
    ...messagesOf(TO_CLIENT, 'output', schemas),
  };
  return {
    asyncapi: '3.0.0',
    info: { title: 'rcsp-gateway', version, description: `${DESCRIPTION}\n\n${publishers(schemas)}` },
    defaultContentType: 'application/json',
    servers: {
      websocket: {
        host: '127.0.0.1:8080',
        protocol: 'ws',
        description: 'A gateway as it starts without settings.',
      },
      sse: { host: '127.0.0.1:8080', protocol: 'http', description: 'The same one.' },
    },
    channels: CHANNELS,
    operations: {
      fromClient: operation('receive', 'websocket', Object.keys(FROM_CLIENT), 'What a client may say.'),
      toClient: operation('send', 'websocket', Object.keys(TO_CLIENT), 'What the gateway says.'),
      toChannelClient: operation(
        'send',
        'websocketOfChannel',
        ['subscribed', 'event', 'gap'],
        'What one channel says.',
      ),
      toStream: operation('send', 'stream', ['event', 'gap'], 'What channels say, as server-sent events.'),
      toChannelStream: operation('send', 'streamOfChannel', ['event', 'gap'], 'What one channel says.'),
    },
    components: { messages, schemas },
  };
}

const PATH = {
  channel: {
    description: 'A channel or pattern, such as `Logs/Info`, `Logs/*`, `devices/1/DeviceLogs/Error`.',
  },
};

const CHANNELS = {
  websocket: channel('/v1/ws', 'websocket', Object.keys({ ...FROM_CLIENT, ...TO_CLIENT })),
  websocketOfChannel: {
    ...channel('/v1/ws/{channel}', 'websocket', Object.keys({ ...FROM_CLIENT, ...TO_CLIENT })),
    parameters: PATH,
    description: 'The same socket, subscribed to one channel already.',
  },
  stream: {
    ...channel('/v1/events', 'sse', ['event', 'gap']),
    description:
      'Server-sent events of the channels that `channel` names in the query, once or more. `event` is `event`, `gap` ' +
      'or `upstream`; `data` is the message; `id` is its cursor, which `Last-Event-ID` takes.',
  },
  streamOfChannel: { ...channel('/v1/events/{channel}', 'sse', ['event', 'gap']), parameters: PATH },
};

function channel(address: string, server: string, names: readonly string[]): Part {
  const messages = Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
  return { address, servers: [{ $ref: `#/servers/${server}` }], messages };
}

function operation(action: 'send' | 'receive', of: string, names: readonly string[], summary: string): Part {
  const messages = names.map((name) => ({ $ref: `#/channels/${of}/messages/${name}` }));
  return { action, channel: { $ref: `#/channels/${of}` }, summary, messages };
}

function messagesOf(
  of: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
  schemas: Components,
): Record<string, Part> {
  const entries = Object.entries(of).map(([name, schema]) => {
    const title = SUMMARIES[name as keyof typeof SUMMARIES];
    return [
      name,
      { name, title, summary: schema.description ?? title, payload: jsonSchema(schema, io, schemas) },
    ];
  });
  return Object.fromEntries(entries) as Record<string, Part>;
}

/** The publishers of the specification; what they send becomes schemas of the document. */
function publishers(schemas: Components): string {
  const lines = PUBLISHERS.map(({ name, target, topics, eventData, description }) => {
    jsonSchema(eventData, 'output', schemas);
    const prefix = target === 'device' ? 'devices/<DeviceId>/' : '';
    return `- \`${prefix}${name}/…\` (${topics.join(', ')}): ${description}`;
  });
  return `Publishers of the specification; a studio may have more:\n\n${lines.join('\n')}`;
}
