import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { PACKAGE_ROOT } from '../src/package-info.js';

/** The web demo, at `/`. */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  await app.register(fastifyStatic, {
    root: join(PACKAGE_ROOT, 'dist', 'web-demo'),
    wildcard: false,
    decorateReply: false,
    schemaHide: true,
  });
}
