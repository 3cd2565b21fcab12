import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { assertNotEmbedded } from '../access/embedding.js';
import { checkHost, checkOrigin, NameRefusal } from '../access/names.js';
import type { NameRules, RequestOrigin } from '../access/names.js';
import { addRouteHook, rarelySet } from './route-hooks.js';
import { GatewayError } from '../errors/errors.js';
import { isThroughRelay } from '../transports/relay/line-stream.js';

const HOST = 'host';
/** Refusals that are logged; each is logged once. */
const MAX_LOGGED = 100;

/** Refuses requests by names that are not the gateway's, and from pages that may not use it. */
export function checkRequestNames(app: FastifyInstance, rules: NameRules): void {
  const logged = new Set<string>();
  app.decorateRequest('hasForeignHost', rarelySet(false));
  app.addHook('onRoute', (route) => {
    if (route.method !== 'GET' || !route.url.startsWith('/v1/')) return;
    const isStream = route.config?.isStream === true;
    addRouteHook(route, ({ headers }, _reply, done) => {
      const { accept, 'user-agent': userAgent, 'sec-fetch-dest': dest } = headers;
      assertNotEmbedded({ fetchDest: dest?.toString(), accept, userAgent, isStream });
      done();
    });
  });
  app.addHook('onRequest', (request, _reply, done) => {
    dropUnreadableForwarders(request);
    try {
      assertPlainTarget(request);
      checkNames(request, rules);
      done();
    } catch (error) {
      if (error instanceof NameRefusal && !logged.has(error.message) && logged.size < MAX_LOGGED) {
        logged.add(error.message);
        request.log.warn({ from: request.ip }, `refused: ${error.message}`);
      }
      throw error;
    }
  });
}

/** Hosts by which a connection's last request was let in: most of its requests name the same. */
const checkedHosts = new WeakMap<Socket, string>();

function checkNames(request: FastifyRequest, rules: NameRules): void {
  const { raw, host } = request;
  const isPlain = raw.headers.origin === undefined && raw.headers['sec-fetch-site'] === undefined;
  if (isPlain && checkedHosts.get(raw.socket) === host) return;
  const asked = askedOf(request);
  try {
    // The relay has names of its own, and checks them.
    if (!isThroughRelay(raw.socket)) checkHost(asked, rules);
  } catch (error) {
    if (request.routeOptions.config.takesAnyHost !== true) throw error;
    request.hasForeignHost = true;
  }
  checkOrigin(asked, rules);
  if (!request.hasForeignHost) checkedHosts.set(raw.socket, host);
}

/** A target with a host of its own, or a second `Host`, would be checked by one name and mean another. */
function assertPlainTarget({ originalUrl, raw }: FastifyRequest): void {
  const { rawHeaders } = raw;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === HOST.length && name.toLowerCase() === HOST) hosts += 1;
  }
  const detail =
    hosts === 0 && raw.httpVersion === '1.1'
      ? 'The request has no Host header (RFC 9112, 3.2).'
      : hosts > 1
        ? 'The request has more than one Host header.'
        : originalUrl.startsWith('/') || originalUrl === '*'
          ? undefined
          : 'The request target must be a path: this gateway is no proxy.';
  if (detail !== undefined) throw new GatewayError('Invalid request', detail, { outcome: 'not-sent' });
}

/** What stands before an entry that is no address was not said by a proxy of ours. */
function dropUnreadableForwarders({ headers }: FastifyRequest): void {
  const said = headers['x-forwarded-for'];
  if (said === undefined) return;
  const entries = said.toString().split(',').map(withoutPort);
  const from = entries.findLastIndex((entry) => isIP(entry) === 0) + 1;
  if (from === entries.length) delete headers['x-forwarded-for'];
  else headers['x-forwarded-for'] = entries.slice(from).join(', ');
}

/** Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(entry: string): string {
  const [, v6, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(entry.trim()) ?? [];
  return v6 ?? v4 ?? entry.trim();
}

function askedOf(request: FastifyRequest): RequestOrigin {
  const { headers } = request;
  const first = (value: string | string[] | undefined): string | undefined => value?.toString();
  return {
    host: request.host,
    protocol: request.protocol,
    origin: headers.origin,
    localAddress: request.raw.socket.localAddress,
    fetchSite: first(headers['sec-fetch-site']),
    fetchMode: first(headers['sec-fetch-mode']),
    fetchDest: first(headers['sec-fetch-dest']),
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The host that it names is not one of the gateway's: it is told only what anybody may know. */
    hasForeignHost: boolean;
  }

  interface FastifyContextConfig {
    /** Answered under every host name: a probe may use any. */
    takesAnyHost?: boolean;
    /** It answers with server-sent events. */
    isStream?: boolean;
  }
}
