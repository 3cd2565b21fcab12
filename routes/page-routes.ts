import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyStaticOptions } from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PACKAGE_ROOT } from '../src/util/package-info.js';

const ROOT = join(PACKAGE_ROOT, 'dist', 'web-demo');

/**
 * The web demo, at `/`. Files with a hash in their name never change; the others are asked about each time. Those have a
 * route each, so that any other path is no file; the many with a hash share one, which takes a third of the start away.
 */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    ...cachedAs('no-cache'),
    root: ROOT,
    wildcard: false,
    globIgnore: ['assets/**'],
  });
  await app.register(fastifyStatic, {
    ...cachedAs('public, max-age=31536000, immutable'),
    root: join(ROOT, 'assets'),
    prefix: '/assets/',
    index: false,
  });
}

function cachedAs(caching: string): Omit<FastifyStaticOptions, 'root'> {
  return {
    decorateReply: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply) => void reply.setHeader('cache-control', caching),
    schemaHide: true,
  };
}
