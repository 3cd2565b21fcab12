import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isApi } from './access.js';

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

/** Security headers, the same on every answer of a kind: helmet runs once. */
export const headers = fp<{ isTls: boolean }>(
  (app: FastifyInstance, { isTls }: { isTls: boolean }) => {
    const page = headersOf(isTls, PAGE_POLICY, isTls ? [] : SAFE_ORIGINS_ONLY);
    const api = { ...headersOf(isTls, API_POLICY, [...SAFE_ORIGINS_ONLY, ...PAGES_ONLY]), ...API_CACHING };
    app.addHook('onRequest', (request, reply, done) => {
      reply.headers(isApi(request) ? api : page);
      done();
    });
  },
  { name: 'headers' },
);

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
