import cors from '@fastify/cors';
import type { FastifyCorsOptions } from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';
import fp from 'fastify-plugin';
import { bracketed } from '../util/address.js';
import type { NameRules } from '../access/names.js';
import { RateLimit } from '../commands/rate-limit.js';
import { ANYBODY, assertScope, assertStudio, capped } from '../access/scope.js';
import type { Caller, Principal } from '../access/scope.js';
import { SignIns } from '../access/sign-in.js';
import { Tickets } from '../access/tickets.js';
import { TokenStore } from '../access/token-store.js';
import type { Scope } from '../catalog/define.js';
import { isLoopback } from '../config/config.js';
import type { Config } from '../config/config.js';
import { GatewayError } from '../errors/errors.js';
import { studioNotFound } from '../studios/registry.js';
import { isThroughRelay } from '../transports/relay/line-stream.js';
import { checkRequestNames } from './name-checks.js';
import { addRouteHook, isApiPath } from './route-hooks.js';
import { studioInPath } from './studio-path.js';

export interface Access {
  readonly tickets: Tickets;
  /** Undefined where no token is ever needed. */
  readonly signIns: SignIns | undefined;
  /** Whether somebody who was let in may stay. */
  readonly isStillAuthorized: (principal: Principal) => boolean;
  /** What somebody may do on the way that the request came: through a relay it may be less. */
  readonly limited: (principal: Principal, request: FastifyRequest) => Principal;
  /** The studios that tokens are limited to. */
  readonly limits: readonly string[];
}

/** Milliseconds between two checks of the token file for changes. */
const POLL_MS = 1000;

/** Headers that a page of another origin may send, and see. */
const SENT_HEADERS = ['authorization', 'content-type', 'last-event-id', 'prefer'];
const SEEN_HEADERS = [
  'location',
  'preference-applied',
  'rcsp-unknown-arguments',
  'retry-after',
  'server-timing',
  'x-track-id',
];

/** Names, origins, tokens, tickets and scopes: whether a request may come in at all. */
export const access = fp<{ config: Config }>(
  async (app: FastifyInstance, { config }: { config: Config }) => {
    const rules = rulesOf(config);
    checkRequestNames(app, rules);
    if (rules.origins.size > 0) await app.register(cors, corsOptions(rules));
    const guard = new Guard(config, {
      hasStudio: (name) => app.studios.get(name) !== undefined,
      onFileError: (error) => app.log.error(`no session could be made: ${error.message}`),
    });
    app.decorate('access', guard);
    app.decorateRequest('principal');
    app.decorateRequest('caller', callerOf);
    app.addHook('onRoute', (route) => {
      const rule = ruleOf(route);
      addRouteHook(route, (request, reply, done) => guard.check(rule, request, reply, done));
    });
    app.addHook('onRequest', (request, reply, done) => {
      if (request.is404) guard.check(NO_ROUTE, request, reply, done);
      else done();
    });
    followTokens(app, guard.tokens);
  },
  { name: 'access', dependencies: ['tracking', 'lifecycle'] },
);

function callerOf(this: FastifyRequest, via: Caller['via'] = 'http'): Caller {
  const { principal, ip } = this;
  if (principal === undefined) throw new Error(`${this.url} was let in without a principal`);
  return { principal, address: ip, via, studio: studioInPath(this.raw) };
}

function corsOptions({ origins }: NameRules): FastifyCorsOptions {
  return {
    origin: [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
    allowedHeaders: SENT_HEADERS,
    exposedHeaders: SEEN_HEADERS,
    maxAge: 600,
    strictPreflight: false,
  };
}

interface GuardOptions {
  readonly hasStudio: (name: string) => boolean;
  /** The token file could not be changed. */
  readonly onFileError: (error: Error) => void;
}

class Guard implements Access {
  readonly tickets = new Tickets();
  /** Undefined where no token is ever needed. */
  readonly tokens: TokenStore | undefined;
  readonly signIns: SignIns | undefined;
  readonly #mode: Config['auth'];
  readonly #relayMaxScope: Scope;
  readonly #wrong: RateLimit;
  readonly #hasStudio: (name: string) => boolean;

  constructor(
    { auth, tokens: path, tokenHashes, authRate, relay, relayMaxScope }: Config,
    { hasStudio, onFileError }: GuardOptions,
  ) {
    const tokens = auth === 'off' && relay === null ? undefined : new TokenStore(path, tokenHashes);
    this.#hasStudio = hasStudio;
    this.tokens = tokens;
    this.#mode = auth;
    this.#relayMaxScope = relayMaxScope;
    this.#wrong = new RateLimit(authRate, 60, 'Too many wrong tokens from this address.');
    const countWrong = (key: string): Promise<void> => this.#wrong.take(key);
    this.signIns = tokens && new SignIns({ tokens, countWrong, onFileError });
  }

  get limits(): readonly string[] {
    return [...(this.tokens?.studios ?? [])];
  }

  isStillAuthorized(principal: Principal): boolean {
    // An edge answers for who asks there.
    if (principal.edge !== undefined) return true;
    return this.tokens?.isValid(principal, Date.now()) ?? true;
  }

  check(rule: AccessRule, request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const { needed } = rule;
    const shown = credentialsOf(request, rule.takesTicket);
    const principal = shown === undefined ? this.#withoutToken(request) : this.#find(shown, request);
    request.principal = principal;
    if (needed === 'public') {
      this.#assertStudio(request);
      return this.#letAnybodyIn(shown !== undefined && principal === undefined, request, done);
    }
    if (principal === undefined) return void this.#refuse(shown, request, reply).catch(done);
    // The studio of the path; what needs the default one asks for it.
    if (studioInPath(request.raw) !== undefined) assertStudio(principal, request.studio.name);
    assertScope(principal, needed, rule.subject);
    done();
  }

  /** @throws GatewayError `Studio not found`, which tells no names */
  #assertStudio({ raw }: FastifyRequest): void {
    const studio = studioInPath(raw);
    if (studio !== undefined && !this.#hasStudio(studio)) throw studioNotFound(studio, []);
  }

  /** Who shows something wrong is counted here too: some of these routes tell more to who shows something right. */
  #letAnybodyIn(isWrong: boolean, { ip }: FastifyRequest, done: (error?: Error) => void): void {
    if (!isWrong) return done();
    this.#wrong.take(ip).then(() => done(), done);
  }

  /** Through a relay nobody is on this machine, and nobody comes in without a token. */
  #withoutToken({ hasForeignHost, raw }: FastifyRequest): Principal | undefined {
    return this.#mode === 'required' || hasForeignHost || isThroughRelay(raw.socket) ? undefined : ANYBODY;
  }

  #find(shown: Credentials, request: FastifyRequest): Principal | undefined {
    const isRemote = isThroughRelay(request.raw.socket);
    if (this.tokens === undefined || (this.#mode === 'off' && !isRemote)) return this.#withoutToken(request);
    const principal = this.#identify(shown, this.tokens);
    return principal && this.limited(principal, request);
  }

  limited(principal: Principal, { raw }: FastifyRequest): Principal {
    return isThroughRelay(raw.socket) ? capped(principal, this.#relayMaxScope) : principal;
  }

  #identify({ token, ticket }: Credentials, tokens: TokenStore): Principal | undefined {
    const now = Date.now();
    if (ticket === undefined) return tokens.find(token, now);
    // A ticket's time is short: a clock that is set must not lengthen it.
    const principal = this.tickets.redeem(ticket, performance.now());
    return principal !== undefined && tokens.isValid(principal, now) ? principal : undefined;
  }

  /**
   * What an attempt counts against: a ticket that was one of ours against itself, as a page that is loaded anew or
   * connects again shows it, and others at that address must not pay for it.
   */
  #attemptOf({ ticket }: Credentials, address: string): string {
    return ticket !== undefined && this.tickets.isSpent(ticket) ? ticket : address;
  }

  /** Nothing at all is a question, something wrong is an attempt. */
  async #refuse(
    shown: Credentials | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<never> {
    if (shown !== undefined) await this.#wrong.take(this.#attemptOf(shown, request.ip));
    const wrong = shown?.ticket === undefined ? 'token' : 'ticket';
    const error = wrong === 'token' && shown !== undefined ? ', error="invalid_token"' : '';
    reply.header('www-authenticate', `Bearer realm="rcsp-gateway"${error}`);
    throw new GatewayError(
      'Unauthorized',
      shown === undefined
        ? 'This needs a token: Authorization: Bearer <token>.'
        : `The ${wrong} is not known, no longer valid, or used.`,
      { outcome: 'not-sent' },
    );
  }
}

/** What a route asks of its callers. */
interface AccessRule {
  readonly needed: Scope | 'public';
  readonly takesTicket: boolean;
  /** The route, in a sentence. */
  readonly subject: string;
}

const NO_ROUTE: AccessRule = { needed: 'public', takesTicket: false, subject: '' };

function ruleOf({ method, url, config = {} }: RouteOptions): AccessRule {
  return {
    needed: config.access ?? (isApiPath(url) ? 'read' : 'public'),
    takesTicket: config.takesTicket === true,
    subject: config.command ?? `${String(method)} ${url}`,
  };
}

type Credentials =
  | { readonly token: string; readonly ticket?: undefined }
  | { readonly token?: undefined; readonly ticket: string };

/** Schemes other than ours belong to somebody on the way. Tokens are not taken from a URL. */
function credentialsOf({ headers, query }: FastifyRequest, takesTicket: boolean): Credentials | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const [, token] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (token !== undefined) return { token };
  }
  if (!takesTicket || typeof query !== 'object' || query === null || !('ticket' in query)) return undefined;
  return { ticket: String(query.ticket) };
}

function rulesOf({ listen: { host }, allowedHost, allowedOrigin }: Config): NameRules {
  const own = bracketed(host).toLowerCase();
  const isEvery = host === '0.0.0.0' || host === '::';
  return {
    hosts: new Set([...allowedHost, ...(isEvery || isLoopback(host) ? [] : [own])]),
    origins: new Set(allowedOrigin),
  };
}

/** Tokens are revoked, and made, while the gateway runs. */
function followTokens(app: FastifyInstance, tokens: TokenStore | undefined): void {
  if (tokens === undefined) return;
  let told: string | undefined;
  const refresh = (isForced: boolean): void => {
    try {
      if (!tokens.refresh(isForced)) return;
      told = undefined;
      app.log.info('the tokens were read anew');
    } catch (error) {
      const { message } = error as Error;
      if (message !== told) app.log.error(`no token is valid until the file can be read: ${message}`);
      told = message;
    }
  };
  app.lifecycle.every(POLL_MS, () => refresh(false));
  app.lifecycle.onReload(() => refresh(true));
}

declare module 'fastify' {
  interface FastifyInstance {
    access: Access;
  }

  interface FastifyRequest {
    /** Undefined where nobody needs to say who they are, and nobody did. */
    principal: Principal | undefined;
    /** The caller of the request. @throws Error on routes that have none */
    caller: (via?: Caller['via']) => Caller;
  }

  interface FastifyContextConfig {
    /** What a caller needs to be allowed. */
    access?: Scope | 'public';
    /** Browsers can set no header here: `?ticket=` will do. */
    takesTicket?: boolean;
  }
}
