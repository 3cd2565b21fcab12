import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { assertChannelScopes } from '../src/access/scope.js';
import { GatewayError } from '../src/errors/errors.js';
import type { ChannelEvent } from '../src/events/channel-event.js';
import type { Channel } from '../src/events/channel.js';
import type { Step } from '../src/events/journal.js';
import { channelPattern, cursor } from '../src/events/protocol.js';
import { parsePattern } from '../src/wire/channel-pattern.js';
import { formatCursor, parseCursor } from '../src/wire/cursor.js';
import type { Cursor } from '../src/wire/cursor.js';
import type { Gap } from '../src/wire/gap.js';

const query = z.object({
  channel: channelPattern.describe('One channel by its full name.'),
  since: cursor.optional().describe('A cursor: what came after it. Without it, the newest events.'),
  limit: z.int().min(1).max(1000).optional().describe('Events at most; 100 when left out.'),
});

const DEFAULT_LIMIT = 100;

const answer = z.object({
  events: z.array(z.looseObject({})).describe('As on the WebSocket, oldest first.'),
  cursor: z
    .string()
    .nullable()
    .describe('Where to go on with `since`; null for a channel that nobody ever listened to.'),
  gap: z
    .object({
      from: z.string().describe('The first place that is missing.'),
      to: z.string().describe('The last one.'),
      cause: z.enum(['evicted', 'upstream-lost']).describe('Why.'),
    })
    .nullable()
    .describe('What is missing before the events, or null.'),
});

/** What a channel said before, as far as the gateway remembers. */
export function historyRoute(app: FastifyInstance): void {
  app.get<{ Querystring: z.output<typeof query> }>(
    '/v1/history',
    {
      schema: {
        operationId: 'GetHistory',
        tags: ['Events'],
        summary: "Read a channel's newest events",
        description:
          'The gateway keeps the newest events of every channel that somebody listens to, or that it holds.',
        querystring: query,
        response: {
          200: {
            description: 'Events, and where to go on.',
            content: { 'application/json': { schema: answer } },
          },
        },
      },
    },
    (request, reply) => {
      const { channel: name, since, limit = DEFAULT_LIMIT } = request.query;
      if (parsePattern(name)?.isWildcard !== false) {
        throw new GatewayError('Invalid request', 'History is of one channel: name it without *.');
      }
      assertChannelScopes(request.caller().principal, [name]);
      const channel = app.hub.channel(name);
      const place = since === undefined ? undefined : parseCursor(since);
      const page = channel === undefined ? NOTHING : pageOf(channel, place, limit);
      return reply.header('content-type', 'application/json; charset=utf-8').send(written(page));
    },
  );
}

interface Page {
  readonly events: readonly ChannelEvent[];
  readonly cursor: Cursor | undefined;
  readonly gap: Gap | null;
}

const NOTHING: Page = { events: [], cursor: undefined, gap: null };

/** One gap a page at most: where a second one begins, the page ends. */
function pageOf({ journal }: Channel, since: Cursor | undefined, limit: number): Page {
  if (since === undefined) return { events: journal.last(limit), cursor: journal.cursor, gap: null };
  const steps = journal.since(since);
  const [first] = steps;
  const gap = first !== undefined && 'gap' in first ? first.gap : null;
  const events = leadingEvents(gap === null ? steps : steps.slice(1)).slice(0, limit);
  return { events, cursor: events.at(-1) ?? (gap === null ? since : parseCursor(gap.to)), gap };
}

function leadingEvents(steps: readonly Step<ChannelEvent>[]): ChannelEvent[] {
  const end = steps.findIndex((step) => 'gap' in step);
  return steps.slice(0, end < 0 ? undefined : end).flatMap((step) => ('entry' in step ? [step.entry] : []));
}

/** Around the studio's own bytes. */
function written({ events, cursor: place, gap }: Page): Buffer {
  const parts: Buffer[] = [Buffer.from('{"events":[')];
  events.forEach((event, i) => parts.push(...(i > 0 ? [COMMA] : []), event.message));
  const at = place === undefined ? null : formatCursor(place);
  return Buffer.concat([
    ...parts,
    Buffer.from(`],"cursor":${JSON.stringify(at)},"gap":${JSON.stringify(gap)}}`),
  ]);
}

const COMMA = Buffer.from(',');
