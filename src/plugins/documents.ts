import swagger from '@fastify/swagger';
import type { SwaggerTransform } from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { z } from 'zod';
import { asyncapiDocument } from '../openapi/asyncapi.js';
import { addCatalog, addUnlisted, documentBase } from '../openapi/document.js';
import { jsonSchema } from '../openapi/json-schema.js';
import type { Components } from '../openapi/json-schema.js';
import { securityOf } from '../openapi/security.js';
import { isApiPath } from './access.js';
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

/** Serves the documents at `/openapi.json` and `/asyncapi.json`, and an explorer of the first at `/docs`. */
export const openapi = fp(
  async (app: FastifyInstance) => {
    const components: Components = {};
    await app.register(swagger, {
      openapi: documentBase(VERSION),
      transform: withJsonSchemas(components),
      transformObject: (document) =>
        'openapiObject' in document ? addCatalog(document.openapiObject, components) : {},
    });
    await app.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: EXPLORER_POLICY,
      uiConfig: {
        docExpansion: 'list',
        tagsSorter: undefined,
        displayRequestDuration: true,
        tryItOutEnabled: true,
      },
      theme: { title: 'rcsp-gateway' },
      transformSpecification: (document) => addUnlisted(document, app.studio.discovery),
      transformSpecificationClone: false,
    });
    const asyncapi = asyncapiDocument(VERSION);
    app.get('/asyncapi.json', { schema: { hide: true } }, () => asyncapi);
    app.get('/openapi.json', { schema: { hide: true } }, () =>
      addUnlisted(app.swagger(), app.studio.discovery),
    );
  },
  { name: 'openapi', dependencies: ['studio'] },
);

/** Routes describe themselves in zod; the document wants JSON Schema. */
function withJsonSchemas(components: Components): SwaggerTransform {
  const convert = (value: unknown): unknown => {
    if (value instanceof z.ZodType) return jsonSchema(value, 'output', components);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each)]));
  };
  return ({ schema, url, route }) => {
    const { access = isApiPath(url) ? 'read' : 'public', takesTicket = false } = route.config ?? {};
    const security = access === 'public' ? [] : securityOf(access, { takesTicket });
    return { schema: { ...(convert(schema) as typeof schema), security }, url };
  };
}
