import { join, sep } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PACKAGE_ROOT } from '../src/util/package-info.js';

/** Files with a hash in their name; the others are asked about each time. */
const HASHED = join(sep, 'assets', sep);
const FOREVER = 'public, max-age=31536000, immutable';

/** The web demo, at `/`. */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(PACKAGE_ROOT, 'dist', 'web-demo'),
    wildcard: false,
    decorateReply: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      reply.setHeader('cache-control', path.includes(HASHED) ? FOREVER : 'no-cache');
    },
    schemaHide: true,
  });
}
