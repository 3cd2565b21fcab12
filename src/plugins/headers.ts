import type { FastifyInstance, FastifyReply } from 'fastify';
import fp from 'fastify-plugin';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addRouteHook, isApiPath } from './route-hooks.js';

/**
 * The page runs nothing but its own files, and asks nobody but the gateway. Its component library writes styles
 * inline; scripts never are.
 */
const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  fontSrc: ["'self'"],
  connectSrc: ["'self'"],
  manifestSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};
/** An answer is no page. */
const API_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };
/** What the API answers is for whoever asked, and for now. */
const API_CACHING = { 'cache-control': 'no-store', vary: 'Authorization' };

/** Browsers heed these on safe origins only, and complain about them elsewhere. */
const SAFE_ORIGINS_ONLY = ['cross-origin-opener-policy', 'origin-agent-cluster'];
const PAGES_ONLY = [
  'referrer-policy',
  'x-frame-options',
  'x-xss-protection',
  'x-dns-prefetch-control',
  'x-download-options',
  'x-permitted-cross-domain-policies',
];

/**
 * The headers of every answer: those for security, the same on every answer of a kind (helmet runs once), the name of
 * the request, and the time of its command. A route that writes its head itself does so by `writeApiHead`.
 */
export const headers = fp<{ isTls: boolean }>(
  (app: FastifyInstance, { isTls }: { isTls: boolean }) => {
    const page = headersOf(isTls, PAGE_POLICY, isTls ? [] : SAFE_ORIGINS_ONLY);
    const api = { ...headersOf(isTls, API_POLICY, [...SAFE_ORIGINS_ONLY, ...PAGES_ONLY]), ...API_CACHING };
    app.decorate('writeApiHead', headWriter(api));
    app.decorate('setApiHeaders', (reply: FastifyReply) => setHeaders(reply, api));
    app.addHook('onRoute', (route) => {
      if (route.config?.writesHead === true) return;
      const kind = isApiPath(route.url) ? api : page;
      addRouteHook(route, (_request, reply, done) => {
        setHeaders(reply, kind);
        done();
      });
    });
    app.addHook('onRequest', (request, reply, done) => {
      if (request.is404) setHeaders(reply, page);
      done();
    });
  },
  { name: 'headers' },
);

/** One list of headers serves all answers: Node reads it at once and keeps nothing of it. */
function headWriter(api: Readonly<Record<string, string>>): FastifyInstance['writeApiHead'] {
  const fixed = Object.entries(api).flat();
  const type = ['content-type', 'application/json; charset=utf-8'];
  const head = [...fixed, 'x-track-id', '', 'server-timing', '', ...type, 'content-length', ''];
  const [id, time, size] = [fixed.length + 1, fixed.length + 3, head.length - 1];
  return ({ request, raw }, timing, length) => {
    head[id] = request.id;
    head[time] = timing;
    head[size] = String(length);
    raw.writeHead(200, head);
  };
}

/** A route that asks the studio overwrites the time. */
function setHeaders(reply: FastifyReply, security: Readonly<Record<string, string>>): FastifyReply {
  const vary = reply.getHeader('vary');
  reply.headers({ ...security, 'x-track-id': reply.request.id, 'server-timing': 'rcsp;dur=0' });
  if (vary !== undefined && security['vary'] !== undefined)
    reply.header('vary', `${security['vary']}, ${String(vary)}`);
  return reply;
}

/** helmet's headers, without some. */
function headersOf(
  isTls: boolean,
  directives: Readonly<Record<string, string[]>>,
  without: readonly string[],
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  const collect = {
    setHeader: (name: string, value: string) => void (found[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    strictTransportSecurity: isTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
    // A request and an answer of which helmet sees no more than this: it reads nothing, and sets headers.
  })({} as unknown as IncomingMessage, collect as unknown as ServerResponse, () => undefined);
  return Object.fromEntries(Object.entries(found).filter(([name]) => !without.includes(name)));
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Writes the head of an answer of the API in JSON, with status 200 and no other headers than every answer has. */
    writeApiHead: (reply: FastifyReply, timing: string, length: number) => void;
    /** Sets the headers of every answer of the API. */
    setApiHeaders: (reply: FastifyReply) => FastifyReply;
  }

  interface FastifyContextConfig {
    /** Its handler sets the headers of every answer. */
    writesHead?: boolean;
  }
}
