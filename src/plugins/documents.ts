import swagger from '@fastify/swagger';
import type { SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { asyncapiDocument } from '../openapi/asyncapi.js';
import { addCatalog, addUnlisted, documentBase, serversOf } from '../openapi/document.js';
import { EXPLORER_PAGE } from '../openapi/explorer-page.js';
import { jsonSchema } from '../openapi/json-schema.js';
import type { Components } from '../openapi/json-schema.js';
import { securityOf, withOptionalTokens } from '../openapi/security.js';
import { acceptsGzip, DocumentCache, isNamedBy, servedDocument } from '../openapi/served-document.js';
import type { EncodedDocument } from '../openapi/served-document.js';
import { toYaml } from '../openapi/yaml.js';
import type { DescribedCommand } from '../upstreams/discovery/listings.js';
import type { Config } from '../config/config.js';
import { addRouteHook, isApiPath } from './route-hooks.js';
import { studioInPath } from './studio-path.js';
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
  { name: 'openapi', dependencies: ['studios', 'forwarded-prefix'] },
);

type Handler = (request: FastifyRequest, reply: FastifyReply) => FastifyReply;

interface Documents {
  readonly json: Handler;
  readonly asyncapi: Handler;
  /** Answers for the explorer's own routes of its page and of the document. */
  readonly explorer: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
}

function documentsOf(app: FastifyInstance): Documents {
  const whole = (commands: readonly DescribedCommand[], servers: Servers): object => ({
    ...addUnlisted(app.swagger(), { unlisted: commands }),
    servers,
  });
  const asJson = byServers((commands, servers) => JSON.stringify(whole(commands, servers)));
  const asYaml = byServers((commands, servers) => toYaml(whole(commands, servers)));
  let asyncapi: EncodedDocument | undefined;
  const sendWith =
    (documents: typeof asJson, type: string): Handler =>
    (request, reply) => {
      const document = documents(serversFor(app, request)).get(unlistedFor(app, request));
      return send(request, reply.header('vary', varied(reply)), document, type);
    };
  const json = sendWith(asJson, JSON_TYPE);
  const yaml = sendWith(asYaml, 'application/x-yaml');
  return {
    json,
    asyncapi(request, reply) {
      asyncapi ??= servedDocument(JSON.stringify(asyncapiDocument(VERSION)));
      return send(request, reply, asyncapi, JSON_TYPE);
    },
    explorer(request, reply, done) {
      const { url } = request.routeOptions;
      if (url === '/docs/' || url === '/docs') reply.type('text/html; charset=utf-8').send(EXPLORER_PAGE);
      else if (url === '/docs/json') json(request, reply);
      else if (url === '/docs/yaml') yaml(request, reply);
      else done();
    },
  };
}

type Servers = ReturnType<typeof serversOf>;

/** The studios that the caller may see; of a studio's own path, that path. */
function serversFor({ studios }: FastifyInstance, request: FastifyRequest): Servers {
  const { principal, forwardedPrefix, prefix } = request;
  if (studioInPath(request.raw) !== undefined) return [{ url: prefix, description: 'One studio' }];
  const names = principal === undefined ? [] : studios.visibleTo(principal).map(({ name }) => name);
  return serversOf(forwardedPrefix, { names, default: studios.default.name });
}

/** The commands that only the studio knows, for those who may list them. */
function unlistedFor(
  { studios }: FastifyInstance,
  { principal, raw }: FastifyRequest,
): readonly DescribedCommand[] {
  if (principal === undefined) return [];
  const name = studioInPath(raw) ?? studios.default.name;
  const studio = studios.visibleTo(principal).find((each) => each.name === name);
  return studio?.upstream.discovery.unlisted ?? [];
}

/** Sets of base URLs whose documents are remembered. */
const MAX_SETS = 16;

/** A cache for each set of base URLs: studios, prefixes that proxies add. The newest few are kept. */
function byServers(
  make: (commands: readonly DescribedCommand[], servers: Servers) => string,
): (servers: Servers) => DocumentCache<DescribedCommand> {
  const caches = new Map<string, DocumentCache<DescribedCommand>>();
  return (servers) => {
    const key = JSON.stringify(servers);
    const known = caches.get(key);
    if (known !== undefined) return known;
    const [oldest] = caches.keys();
    if (caches.size >= MAX_SETS && oldest !== undefined) caches.delete(oldest);
    const cache = new DocumentCache<DescribedCommand>((commands) => make(commands, servers));
    caches.set(key, cache);
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
  document: EncodedDocument,
  type: string,
): FastifyReply {
  const isZipped = acceptsGzip(request.headers['accept-encoding']);
  const { bytes, etag } = isZipped ? document.gzipped() : document;
  const vary = reply.getHeader('vary');
  reply.headers({
    etag,
    'cache-control': 'no-cache',
    vary: vary === undefined ? 'accept-encoding' : `${String(vary)}, accept-encoding`,
  });
  if (isNamedBy(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (isZipped) reply.header('content-encoding', 'gzip');
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
