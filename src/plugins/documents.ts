import swagger from '@fastify/swagger';
import type { SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { asyncapiDocument } from '../openapi/asyncapi.js';
import { addCatalog, addUnlisted, documentBase } from '../openapi/document.js';
import { EXPLORER_PAGE } from '../openapi/explorer-page.js';
import { jsonSchema } from '../openapi/json-schema.js';
import type { Components } from '../openapi/json-schema.js';
import { securityOf, withOptionalTokens } from '../openapi/security.js';
import { DocumentCache, isNamedBy, servedDocument } from '../openapi/served-document.js';
import type { ServedDocument } from '../openapi/served-document.js';
import { toYaml } from '../openapi/yaml.js';
import type { DescribedCommand } from '../upstreams/rcsp/listings.js';
import type { Config } from '../config/config.js';
import { addRouteHook, isApiPath } from './route-hooks.js';
import { VERSION } from '../util/package-info.js';

/** The explorer needs nothing but its own files; the hash is that of the one style which it writes inline. */
const EXPLORER_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/**
 * Serves the documents at `/openapi.json` and `/asyncapi.json`, and an explorer of the first at `/docs`. The commands
 * that only the studio knows are shown to those who may list them.
 */
export const openapi = fp<{ config: Pick<Config, 'auth'> }>(
  async (app: FastifyInstance, { config }: { config: Pick<Config, 'auth'> }) => {
    const components: Components = {};
    await app.register(swagger, {
      openapi: documentBase(VERSION),
      transform: withJsonSchemas(components),
      transformObject(document) {
        if (!('openapiObject' in document)) return {};
        const whole = addCatalog(document.openapiObject, components);
        return config.auth === 'required' ? whole : withOptionalTokens(whole);
      },
    });
    const documents = documentsOf(app);
    // The explorer's own page without the slash has absolute links, which a path prefix breaks.
    app.addHook('onRoute', (route) => {
      if (route.url !== '/docs') return;
      addRouteHook(route, (request, reply, done) => {
        if (request.raw.url?.split('?', 1)[0] === '/docs') void reply.redirect('docs/', 302);
        else done();
      });
    });
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: EXPLORER_POLICY,
      uiHooks: { preHandler: documents.explorer },
    });
    app.get('/openapi.json', { schema: { hide: true } }, documents.json);
    app.get('/asyncapi.json', { schema: { hide: true } }, documents.asyncapi);
  },
  { name: 'openapi', dependencies: ['studio', 'forwarded-prefix'] },
);

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

interface Documents {
  readonly json: Handler;
  readonly asyncapi: Handler;
  /** Answers for the explorer's own routes of its page and of the document. */
  readonly explorer: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
}

function documentsOf(app: FastifyInstance): Documents {
  const whole = (commands: readonly DescribedCommand[], prefix: string): object => {
    const document = addUnlisted(app.swagger(), { unlisted: commands });
    return prefix === ''
      ? document
      : { ...document, servers: [{ url: prefix, description: 'This gateway' }] };
  };
  const asJson = byPrefix((commands, prefix) => JSON.stringify(whole(commands, prefix)));
  const asYaml = byPrefix((commands, prefix) => toYaml(whole(commands, prefix)));
  const asyncapi = servedDocument(JSON.stringify(asyncapiDocument(VERSION)));
  const shownTo = ({ principal }: FastifyRequest): readonly DescribedCommand[] =>
    principal === undefined ? [] : app.studio.discovery.unlisted;
  const json: Handler = (request, reply) =>
    send(
      request,
      reply.header('vary', varied(reply)),
      asJson(request.prefix).get(shownTo(request)),
      JSON_TYPE,
    );
  const yaml: Handler = (request, reply) =>
    send(
      request,
      reply.header('vary', varied(reply)),
      asYaml(request.prefix).get(shownTo(request)),
      'application/x-yaml',
    );
  return {
    json,
    asyncapi: (request, reply) => send(request, reply, asyncapi, JSON_TYPE),
    explorer(request, reply, done) {
      const { url } = request.routeOptions;
      if (url === '/docs/' || url === '/docs') reply.type('text/html; charset=utf-8').send(EXPLORER_PAGE);
      else if (url === '/docs/json') json(request, reply);
      else if (url === '/docs/yaml') yaml(request, reply);
      else done();
    },
  };
}

/** Prefixes whose documents are remembered. */
const MAX_PREFIXES = 8;

/** A cache for each path prefix that proxies add; the newest few are kept. */
function byPrefix(
  make: (commands: readonly DescribedCommand[], prefix: string) => string,
): (prefix: string) => DocumentCache<DescribedCommand> {
  const caches = new Map<string, DocumentCache<DescribedCommand>>();
  return (prefix) => {
    const known = caches.get(prefix);
    if (known !== undefined) return known;
    const [oldest] = caches.keys();
    if (caches.size >= MAX_PREFIXES && oldest !== undefined) caches.delete(oldest);
    const cache = new DocumentCache<DescribedCommand>((commands) => make(commands, prefix));
    caches.set(prefix, cache);
    return cache;
  };
}

const JSON_TYPE = 'application/json; charset=utf-8';

function varied(reply: FastifyReply): string {
  const others = reply.getHeader('vary');
  return others === undefined ? 'authorization' : `${String(others)}, authorization`;
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  { bytes, etag }: ServedDocument,
  type: string,
): FastifyReply {
  reply.headers({ etag, 'cache-control': 'no-cache' });
  if (isNamedBy(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.header('content-type', type).send(bytes);
}

/** Routes describe themselves in zod; the document wants JSON Schema. */
function withJsonSchemas(components: Components): SwaggerTransform {
  const convert = (value: unknown, io: 'input' | 'output'): unknown => {
    if (value instanceof z.ZodType) return jsonSchema(value, io, components);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each, io)]));
  };
  const convertPart = ([part, value]: [string, unknown]): [string, unknown] => [
    part,
    convert(value, part === 'response' ? 'output' : 'input'),
  ];
  return ({ schema, url, route }) => {
    const { access = isApiPath(url) ? 'read' : 'public', takesTicket = false } = route.config ?? {};
    const security = access === 'public' ? [] : securityOf(access, { takesTicket });
    return {
      schema: {
        ...(Object.fromEntries(Object.entries<unknown>({ ...schema }).map(convertPart)) as typeof schema),
        security,
      },
      url,
    };
  };
}
