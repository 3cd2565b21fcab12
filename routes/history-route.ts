import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { GatewayError } from '../src/errors/errors.js';
import { eventHead } from '../src/events/channel-event.js';
import type { ChannelEvent } from '../src/events/channel-event.js';
import type { Channel } from '../src/events/channel.js';
import type { Step } from '../src/events/journal.js';
import { mergedPage } from '../src/events/merged-history.js';
import { channelPattern, cursor } from '../src/events/protocol.js';
import { parsePattern } from '../src/wire/channel-pattern.js';
import { formatCursor, parseCursor } from '../src/wire/cursor.js';
import type { Cursor } from '../src/wire/cursor.js';
import type { Gap } from '../src/wire/gap.js';

/** In one request: each may hold `--history-bytes`. */
const MAX_CHANNELS = 50;

const query = z.object({
  channel: z
    .array(channelPattern)
    .min(1)
    .max(MAX_CHANNELS)
    .describe('A channel by its full name; repeat it for more.'),
  since: z
    .array(cursor)
    .max(MAX_CHANNELS)
    .optional()
    .describe(
      'A cursor: what came after it. Without it, the newest events. With several channels one for each, in the same order.',
    ),
  limit: z.int().min(1).max(1000).optional().describe('Events at most; 100 when left out.'),
});

const DEFAULT_LIMIT = 100;

const missing = z.object({
  from: z.string().describe('The first place that is missing.'),
  to: z.string().describe('The last one.'),
  cause: z.enum(['evicted', 'upstream-lost']).describe('Why.'),
});

const answer = z.object({
  events: z.array(z.looseObject({})).describe('As on the WebSocket, oldest first.'),
  cursor: z
    .string()
    .nullable()
    .describe(
      'Where to go on with `since`; null for a channel that nobody ever listened to, and where several were named.',
    ),
  cursors: z
    .record(z.string(), z.string().nullable())
    .optional()
    .describe('Where several channels were named, the `cursor` of each.'),
  gap: missing
    .nullable()
    .describe(
      'What is missing before the events, or null. Without `since`, the last of `gaps`. Null where several were named.',
    ),
  gaps: z
    .array(missing.extend({ channel: z.string().describe('The channel, by its full name.') }))
    .optional()
    .describe(
      'Without `since`: all that is missing between and after the events, in order; left out where nothing is. With ' +
        '`since` a page of one channel has one gap at most, and ends where a second one begins. Of several channels: all ' +
        'gaps, also with `since`.',
    ),
});

/** What a channel said before, as far as the gateway remembers. */
export function historyRoute(app: FastifyInstance): void {
  app.get<{ Querystring: z.output<typeof query> }>(
    '/v1/history',
    {
      schema: {
        operationId: 'GetHistory',
        tags: ['Events'],
        summary: "Read a channel's newest events, or those of several",
        description:
          'The gateway keeps the newest events of every channel that somebody listens to, or that it holds. Those of ' +
          'several channels come in the order in which they arrived.',
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
      const { limit = DEFAULT_LIMIT } = request.query;
      const places = placesOf(request.query);
      const [first] = places;
      const caller = request.caller();
      const find = app.eventClients.finder(caller, [...places.keys()]);
      reply.header('content-type', 'application/json; charset=utf-8');
      if (first === undefined || places.size > 1) return reply.send(mergedHistory(find, places, limit));
      const [name, since] = first;
      const channel = find(name);
      return reply.send(written(channel === undefined ? NOTHING : pageOf(channel, since, limit), name));
    },
  );
}

type ChannelFinder = (name: string) => Channel | undefined;
type Places = ReadonlyMap<string, Cursor | undefined>;

/** @throws GatewayError `Invalid request` */
function placesOf({ channel: names, since = [] }: z.output<typeof query>): Places {
  if (names.some((name) => parsePattern(name)?.isWildcard !== false)) {
    throw new GatewayError('Invalid request', 'History is of single channels: name them without *.');
  }
  if (since.length > 0 && since.length !== names.length) {
    const counts = `${names.length} channels and ${since.length} cursors`;
    throw new GatewayError(
      'Invalid request',
      `There are ${counts}: name one cursor for each channel, or none.`,
    );
  }
  return new Map(names.map((name, at) => [name, parseCursor(since[at] ?? '')]));
}

function mergedHistory(find: ChannelFinder, places: Places, limit: number): Buffer {
  const requests = Array.from(places, ([name, since]) => ({ name, journal: find(name)?.journal, since }));
  const { events, cursors, gaps } = mergedPage(requests, limit);
  const texts = Object.entries(cursors).map(([name, place]) => [name, place ? formatCursor(place) : null]);
  return around(events, { cursor: null, gap: null, cursors: Object.fromEntries(texts) as unknown, gaps });
}

interface Page {
  readonly events: readonly ChannelEvent[];
  readonly cursor: Cursor | undefined;
  readonly gap: Gap | null;
  /** All of them, where there may be several. */
  readonly gaps?: readonly Gap[];
}

const NOTHING: Page = { events: [], cursor: undefined, gap: null };

function pageOf(channel: Channel, since: Cursor | undefined, limit: number): Page {
  return since === undefined ? newestPage(channel, limit) : pageAfter(channel, since, limit);
}

/** The newest events, whatever is missing between them. */
function newestPage({ journal }: Channel, limit: number): Page {
  const steps = journal.newestSteps(limit);
  const gaps = steps.flatMap((step) => ('gap' in step ? [step.gap] : []));
  return {
    events: steps.flatMap((step) => ('entry' in step ? [step.entry] : [])),
    cursor: journal.cursor,
    gap: gaps.at(-1) ?? null,
    gaps,
  };
}

/** One gap a page at most: where a second one begins, the page ends. */
function pageAfter({ journal }: Channel, since: Cursor, limit: number): Page {
  const steps = journal.since(since);
  const [first] = steps;
  const gap = first !== undefined && 'gap' in first ? first.gap : null;
  const events = leadingEvents(gap === null ? steps : steps.slice(1)).slice(0, limit);
  const cursor = events.at(-1) ?? (gap === null ? since : parseCursor(gap.to));
  return { events, cursor, gap };
}

function leadingEvents(steps: readonly Step<ChannelEvent>[]): ChannelEvent[] {
  const end = steps.findIndex((step) => 'gap' in step);
  return steps.slice(0, end < 0 ? undefined : end).flatMap((step) => ('entry' in step ? [step.entry] : []));
}

/** Around the studio's own bytes. */
function written({ events, cursor: place, gap, gaps = [] }: Page, channel: string): Buffer {
  const at = place === undefined ? null : formatCursor(place);
  const head = eventHead(channel);
  const named = events.map((each) => each.as(head));
  return around(named, {
    cursor: at,
    gap,
    ...(gaps.length > 0 && { gaps: gaps.map((each) => ({ channel, ...each })) }),
  });
}

function around(events: readonly ChannelEvent[], rest: object): Buffer {
  const parts: Buffer[] = [Buffer.from('{"events":[')];
  events.forEach((event, i) => parts.push(...(i > 0 ? [COMMA] : []), event.message));
  return Buffer.concat([...parts, Buffer.from(`],${JSON.stringify(rest).slice(1)}`)]);
}

const COMMA = Buffer.from(',');
