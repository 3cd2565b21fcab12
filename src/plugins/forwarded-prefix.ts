import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { isThroughRelay } from '../transports/relay/line-stream.js';

const PREFIX = /^(\/[\w.~-]+)+\/?$/;

/** The path below which a relay or a trusted reverse proxy serves the gateway (`X-Forwarded-Prefix`), without a slash at its end. */
export const forwardedPrefix = fp<{ config: Pick<Config, 'trustProxy' | 'relay'> }>(
  (app: FastifyInstance, { config }: { config: Pick<Config, 'trustProxy' | 'relay'> }) => {
    app.decorateRequest('prefix', '');
    if (config.trustProxy.length === 0 && config.relay === null) return;
    const isTrustedAddress = proxyAddr.compile([...config.trustProxy]);
    const isTrusted = ({ socket }: FastifyRequest['raw']): boolean =>
      isThroughRelay(socket) ||
      (socket.remoteAddress !== undefined && isTrustedAddress(socket.remoteAddress, 0));
    app.addHook('onRequest', (request, _reply, done) => {
      const said = request.headers['x-forwarded-prefix'];
      if (typeof said === 'string' && PREFIX.test(said) && isTrusted(request.raw)) {
        request.prefix = said.replace(/\/$/, '');
      }
      done();
    });
  },
  { name: 'forwarded-prefix' },
);

declare module 'fastify' {
  interface FastifyRequest {
    /** Empty, or such as `/studio`. */
    prefix: string;
  }
}
