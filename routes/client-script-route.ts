import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { GatewayError } from '../src/errors/errors.js';
import { isNamedBy } from '../src/openapi/served-document.js';
import { PACKAGE_ROOT } from '../src/util/package-info.js';

interface Script {
  readonly text: string;
  readonly etag: string;
}

const FOLDER = join(PACKAGE_ROOT, 'dist', 'client');

/**
 * `/client.js`, the browser client, and `/client-webrtc.js`, which it loads for data channels. Pages of allowed origins may
 * load them as well.
 */
export function clientScriptRoute(app: FastifyInstance, path: string = join(FOLDER, 'client.js')): void {
  scriptRoute(app, '/client.js', path);
  scriptRoute(app, '/client-webrtc.js', join(FOLDER, 'client-webrtc.js'));
}

function scriptRoute(app: FastifyInstance, url: string, path: string): void {
  const script = readScript(app, url, path);
  app.get(url, { schema: { hide: true } }, (request, reply) => {
    if (script === undefined) throw new GatewayError('Not found', 'The browser client was not built.');
    const { text, etag } = script;
    reply.headers({ etag, 'cache-control': 'no-cache', 'cross-origin-resource-policy': 'cross-origin' });
    if (isNamedBy(request.headers['if-none-match'], etag)) return reply.code(304).send();
    return reply.type('text/javascript; charset=utf-8').send(text);
  });
}

function readScript({ log }: FastifyInstance, url: string, path: string): Script | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, etag: `"${createHash('sha256').update(text).digest('base64url')}"` };
  } catch (error) {
    log.warn({ path, cause: (error as Error).message }, `there is no ${url}: run npm run build`);
    return undefined;
  }
}
