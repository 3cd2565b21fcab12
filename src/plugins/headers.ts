import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isApi } from './access.js';

type Unneeded =
  | 'crossOriginOpenerPolicy'
  | 'originAgentCluster'
  | 'xDnsPrefetchControl'
  | 'xDownloadOptions'
  | 'xPermittedCrossDomainPolicies';

/** The page runs nothing but its own files, and asks nobody but the gateway. */
const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
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

/** Security headers, the same on every answer of a kind: helmet is asked once. */
export const headers = fp<{ isTls: boolean }>(
  (app: FastifyInstance, { isTls }: { isTls: boolean }) => {
    const page = headersOf(isTls, PAGE_POLICY, {});
    const api = headersOf(isTls, API_POLICY, {
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      originAgentCluster: false,
      crossOriginOpenerPolicy: false,
    });
    app.addHook('onRequest', (request, reply, done) => {
      reply.headers(isApi(request) ? api : page);
      done();
    });
  },
  { name: 'headers' },
);

function headersOf(
  isTls: boolean,
  directives: Readonly<Record<string, string[]>>,
  without: Partial<Record<Unneeded, false>>,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const collect = {
    setHeader: (name: string, value: string) => void (headers[name.toLowerCase()] = value),
    removeHeader: () => undefined,
  };
  const options = {
    contentSecurityPolicy: { useDefaults: false, directives },
    hsts: isTls ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // Browsers heed these on safe origins only, and complain about them elsewhere.
    ...(isTls ? {} : { crossOriginOpenerPolicy: false, originAgentCluster: false }),
    ...without,
  };
  helmet(options)({} as unknown as IncomingMessage, collect as unknown as ServerResponse, () => undefined);
  return headers;
}
