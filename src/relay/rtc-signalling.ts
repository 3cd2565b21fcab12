/**
 * RTCBot's own signalling, for any robot: `GET /rtc/{id}` as a WebSocket registers it, `POST /rtc/{id}` takes an offer to
 * it and brings its answer back. RTCBot can send no token: the id is the secret.
 */
import { ServerResponse } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { GatewayError } from '../errors/errors.js';
import { isKnown, problemOf } from '../errors/problem-of.js';
import { RtcRobot } from './rtc-robot.js';
import type { Description } from './rtc-robot.js';

/** A message of a robot, and an offer, in bytes. */
const MAX_BYTES = 64 * 1024;
const MIN_ID_LENGTH = 16;
const MAX_ROBOTS = 10_000;
const ID = /^[\w.~-]{1,200}$/;
/** Milliseconds for the answer that refuses an upgrade to leave. */
const LAST_ANSWER_MS = 2000;
const PATH = '/rtc/';

const offer = z.object({
  sdp: z.string({ error: 'must be a string' }).min(1, 'must not be empty'),
  type: z.literal('offer', { error: 'must be "offer"' }),
});

export interface SignallingOptions {
  /** Takes ids of less than 16 characters. */
  readonly shortIds: boolean;
  /** Wrong ids a minute from one address. */
  readonly authRate: number;
  /** Takes upgrades below a path that ends with a slash; `address` is the client's. */
  readonly onUpgrade: (
    path: string,
    handler: (request: IncomingMessage, socket: Duplex, head: Buffer, address: string) => void,
  ) => void;
  /** The client's address, as far as proxies are believed. */
  readonly addressOf: (request: IncomingMessage) => string;
  /** Whose pages may read the answer. */
  readonly isAllowedOrigin?: (origin: string | undefined) => boolean;
}

/** The plugin; its errors are GatewayErrors, for the error handler of the app. */
export async function rtcSignalling(app: FastifyInstance, options: SignallingOptions): Promise<void> {
  const robots = new RtcRobots(options);
  options.onUpgrade(PATH, (request, socket, head, address) => {
    void robots
      .register(request, socket, head, address)
      .catch((error: unknown) => refuse(request, socket, error));
  });
  app.addHook('preClose', (done) => {
    robots.close();
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: MAX_BYTES }, (_request, body, done) =>
    done(null, body),
  );
  app.post<{ Params: { id: string }; Body: string | undefined }>(`${PATH}:id`, async (request, reply) => {
    const { origin } = request.headers;
    if (origin !== undefined && options.isAllowedOrigin?.(origin) === true)
      reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin' });
    const answer = await robots.ask(request.params.id, offerOf(request.body), options.addressOf(request.raw));
    return reply.header('cache-control', 'no-store').type('application/json').send(JSON.stringify(answer));
  });
  app.get(`${PATH}:id`, () => {
    throw new GatewayError(
      'Invalid request',
      'A robot registers here with a WebSocket; a browser sends a POST.',
    );
  });
  await Promise.resolve();
}

/** The robots that are registered, by their ids. */
class RtcRobots {
  readonly #options: SignallingOptions;
  readonly #robots = new Map<string, RtcRobot>();
  readonly #wrong: RateLimiterMemory;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_BYTES, perMessageDeflate: false });

  constructor(options: SignallingOptions) {
    this.#options = options;
    this.#wrong = new RateLimiterMemory({ points: options.authRate, duration: 60 });
  }

  /** @throws GatewayError; nothing has been written then */
  async register(request: IncomingMessage, socket: Duplex, head: Buffer, address: string): Promise<void> {
    const id = this.#idOf(request);
    await this.#assertMayGuess(address);
    const present = this.#robots.get(id);
    if (present !== undefined) {
      present.prove();
      await this.#wrong.penalty(address);
      throw new GatewayError('Busy', 'Another robot has this id.', { outcome: 'not-sent' });
    }
    if (this.#robots.size >= MAX_ROBOTS)
      throw new GatewayError('Too busy', 'Too many robots are registered.');
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      const robot: RtcRobot = new RtcRobot(webSocket, () => {
        if (this.#robots.get(id) === robot) this.#robots.delete(id);
      });
      this.#robots.set(id, robot);
    });
  }

  /** @throws GatewayError */
  async ask(id: string, description: Description, address: string): Promise<Description> {
    await this.#assertMayGuess(address);
    const robot = this.#robots.get(id);
    if (robot !== undefined) return robot.ask(description);
    await this.#wrong.penalty(address);
    throw new GatewayError('Not found', 'No robot is registered with this id.', { outcome: 'not-sent' });
  }

  close(): void {
    for (const robot of this.#robots.values()) robot.close(1001, 'the relay is shutting down');
    const overdue = setTimeout(() => {
      for (const robot of this.#robots.values()) robot.terminate();
    }, LAST_ANSWER_MS);
    overdue.unref();
  }

  #idOf({ url = '' }: IncomingMessage): string {
    const id = url.split('?', 1)[0]?.slice(PATH.length) ?? '';
    const min = this.#options.shortIds ? 1 : MIN_ID_LENGTH;
    if (ID.test(id) && id.length >= min) return id;
    const detail = `The id has ${min} to 200 characters of A-Z, a-z, 0-9, "_", "-", "." and "~": it is the secret.`;
    throw new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
  }

  /** Who was wrong too often is not told when it is right, either. @throws GatewayError `Too many requests` */
  async #assertMayGuess(address: string): Promise<void> {
    const state = await this.#wrong.get(address);
    if (state === null || state.consumedPoints < this.#options.authRate) return;
    const retryAfter = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    throw new GatewayError('Too many requests', 'Too many wrong ids from this address.', {
      outcome: 'not-sent',
      retryAfter,
    });
  }
}

/** @throws GatewayError `Invalid request` */
function offerOf(body: string | undefined): Description {
  const parsed = offer.safeParse(jsonOf(body ?? ''));
  if (parsed.success) return { sdp: parsed.data.sdp, type: parsed.data.type };
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  const detail =
    path === '' ? 'The body is no offer: {"type": "offer", "sdp": …}.' : `body.${path} ${issue?.message}.`;
  throw new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Answers an upgrade that is refused, and ends its connection. */
function refuse(request: IncomingMessage, socket: Duplex, error: unknown): void {
  const problem = problemOf(error);
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  const overdue = setTimeout(() => socket.destroy(), LAST_ANSWER_MS);
  socket.on('error', () => undefined);
  socket.once('close', () => clearTimeout(overdue));
  response.assignSocket(request.socket);
  response.once('finish', () => socket.end(() => socket.destroy()));
  const retryAfter = isKnown(error) ? error.retryAfter : undefined;
  if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
  });
  response.end(JSON.stringify(problem));
}
