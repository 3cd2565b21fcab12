/** The messages of the WebSocket and of server-sent events, as zod schemas; their types are in src/wire/messages.ts. */
import { z } from 'zod';
import { GatewayError } from '../errors/errors.js';
import { MAX_NAME_LENGTH, parsePattern, PATTERN_SOURCE } from '../wire/channel-pattern.js';
import type { ChannelPattern } from '../wire/channel-pattern.js';
import { CURSOR_TEXT } from '../wire/cursor.js';
import { GAP_CAUSES } from '../wire/gap.js';
import type * as wire from '../wire/messages.js';

const id = z
  .union([z.string().max(200), z.number()])
  .nullish()
  .describe('Chosen by the client; the answer carries it.');

export const channelPattern = z
  .string()
  .refine((text) => parsePattern(text) !== undefined, {
    error: 'is no channel: Publisher/Topic or devices/<DeviceId>/Publisher/Topic, * for a whole level',
  })
  .meta({ pattern: PATTERN_SOURCE, maxLength: MAX_NAME_LENGTH })
  .describe('`Publisher/Topic` or `devices/<DeviceId>/Publisher/Topic`; `*` stands for one whole level.');

export const cursor = z
  .string()
  .regex(CURSOR_TEXT, { error: 'is no cursor: <epoch>:<seq>' })
  .describe('A place in a channel, `<epoch>:<seq>`.');

/** Events a second of a channel. */
export const MIN_RATE_HZ = 0.001;
export const MAX_RATE_HZ = 1000;

export const mode = z
  .union([
    z.literal('all'),
    z.literal('latest'),
    z.strictObject({
      maxRateHz: z
        .number()
        .min(MIN_RATE_HZ)
        .max(MAX_RATE_HZ)
        .describe('Events a second of a channel, at most.'),
    }),
  ])
  .describe(
    '`all` events; only the `latest` of each channel when the client is behind; or so many a second at most, the newest of each interval.',
  );

export const subscribeMessage = z.strictObject({
  op: z.literal('subscribe'),
  id,
  channels: z.array(channelPattern).min(1).max(1000).describe('All of them are subscribed, or none.'),
  mode: mode.optional(),
  since: z.record(z.string(), cursor).optional().describe('Where the client left off, by channel.'),
});

export const unsubscribeMessage = z.strictObject({
  op: z.literal('unsubscribe'),
  id,
  channels: z.array(channelPattern).min(1).max(1000).describe('As they were subscribed.'),
});

export const commandMessage = z.strictObject({
  op: z.literal('command'),
  id,
  command: z.string().min(1).max(200).describe("RCSP's name of the command."),
  arguments: z.record(z.string(), z.unknown()).nullish().describe("The command's arguments, by name."),
  version: z
    .int()
    .min(1)
    .optional()
    .describe('Version of the command; without it, the newest that both sides know.'),
  timeoutMs: z.number().positive().optional().describe('Milliseconds that the command may take.'),
  studio: z
    .string()
    .max(200)
    .optional()
    .describe("The studio, by its name; without it, that of the socket's path or the default one."),
});

export const pingMessage = z.strictObject({ op: z.literal('ping'), id });

export const clientMessage = z.discriminatedUnion('op', [
  subscribeMessage,
  unsubscribeMessage,
  commandMessage,
  pingMessage,
]) satisfies z.ZodType<wire.ClientMessage>;

export type ClientMessage = z.output<typeof clientMessage>;
export type MessageId = string | number | null;

interface PlainMembers {
  readonly op?: unknown;
  readonly id?: unknown;
  readonly command?: unknown;
  readonly arguments?: unknown;
}

const PLAIN_COMMAND: ReadonlySet<string> = new Set(['op', 'id', 'command', 'arguments']);

/**
 * Whether `clientMessage` would take a value of `JSON.parse` as a command, and give it back as it is. The message that
 * clients send most is checked at a tenth of the schema's cost; what does not pass here is for the schema to judge.
 */
export function isPlainCommand(json: unknown): json is Extract<ClientMessage, { op: 'command' }> {
  if (typeof json !== 'object' || json === null || !('op' in json) || json.op !== 'command') return false;
  for (const name in json) if (!PLAIN_COMMAND.has(name)) return false;
  const { id, command, arguments: args = {} }: PlainMembers = json;
  const hasCommand = typeof command === 'string' && command.length > 0 && command.length <= 200;
  return hasCommand && isPlainId(id) && isPlainObject(args);
}

function isPlainId(id: unknown): boolean {
  if (typeof id === 'string') return id.length <= 200;
  return id === undefined || id === null || Number.isFinite(id);
}

function isPlainObject(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '__proto__')
  );
}

/** The patterns of texts that have passed `channelPattern`. */
export function patternsOf(texts: readonly string[]): readonly ChannelPattern[] {
  return [...new Set(texts)].flatMap((text) => parsePattern(text) ?? []);
}

/** @throws GatewayError when a client would have more channels and patterns than it may */
export function assertWithinLimit(count: number, max: number): void {
  if (count <= max) return;
  throw new GatewayError('Too many requests', `A client may subscribe to ${max} channels and patterns.`);
}

const cursors = z.record(z.string(), cursor);

export const subscribedMessage = z
  .object({
    op: z.literal('subscribed'),
    id,
    channels: z
      .array(
        z.object({
          channel: channelPattern,
          cursors: cursors.describe('The place of each channel that the pattern stands for now.'),
          suggestion: channelPattern
            .optional()
            .describe('What it may have meant, when no publisher offers such a channel now.'),
        }),
      )
      .describe('What was subscribed; events and gaps follow.'),
  })
  .describe('The answer to `subscribe`.');

export const unsubscribedMessage = z
  .object({
    op: z.literal('unsubscribed'),
    id,
    channels: z.array(channelPattern).describe('As they were named.'),
  })
  .describe('The answer to `unsubscribe`.');

export const eventMessage = z
  .object({
    op: z.literal('event'),
    channel: z.string().describe('The channel, by its full name.'),
    cursor,
    receivedAt: z.number().describe('When the gateway received it, in milliseconds since 1970.'),
    event: z
      .looseObject({
        Publisher: z.string().describe('Who published it.'),
        Topic: z.string().describe('What about.'),
        EventData: z.unknown().describe('What happened; depends on the publisher.'),
      })
      .describe('Byte for byte what the studio sent.'),
  })
  .describe('Something happened.');

export const gapMessage = z
  .object({
    op: z.literal('gap'),
    channel: z.string().describe('The channel, by its full name.'),
    from: cursor.describe('The first place that is missing.'),
    to: cursor.describe(
      'The last place that is missing; where an epoch ended, the place before the first of the new one.',
    ),
    cause: z
      .enum(GAP_CAUSES)
      .describe(
        '`slow-client`: it was behind. `evicted`: history no longer has it. `upstream-lost`: the studio, the gateway or the device was away. `too-large`: it does not fit into a message of a data channel (64 KiB).',
      ),
  })
  .describe('Events of a channel that do not reach the client.');

export const responseMessage = z
  .object({
    op: z.literal('response'),
    id,
    status: z.union([z.literal(200), z.literal(204)]).describe('As over HTTP.'),
    response: z
      .unknown()
      .describe("The command's `Response`, as the studio wrote it; null when it sent none."),
  })
  .describe('The answer to `command`.');

export const errorMessage = z
  .object({
    op: z.literal('error'),
    id: id.describe('Of the message that it answers; null when that had none that could be read.'),
    error: z
      .looseObject({ code: z.string(), detail: z.string() })
      .describe('A problem, as over HTTP (RFC 9457).'),
  })
  .describe('Something asked for is not to be had.');

export const pongMessage = z.object({ op: z.literal('pong'), id }).describe('The answer to `ping`.');
