import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { isThroughRelay } from '../transports/relay/line-stream.js';
import { rarelySet } from './route-hooks.js';
import { studioPathOf } from './studio-path.js';

const PREFIX = /^(\/[\w.~-]+)+\/?$/;

type Proxies = Pick<Config, 'trustProxy' | 'relay'>;

/** The path below which a relay or a trusted proxy serves the gateway (`X-Forwarded-Prefix`), without a slash at its end. */
export const forwardedPrefix = fp<{ config: Proxies }>(
  (app: FastifyInstance, { config }: { config: Proxies }) => {
    app.decorateRequest('forwardedPrefix', rarelySet(''));
    app.decorateRequest('prefix', {
      getter() {
        return `${this.forwardedPrefix}${studioPathOf(this.raw)}`;
      },
    });
    if (config.trustProxy.length === 0 && config.relay === null) return;
    const isTrustedAddress = proxyAddr.compile([...config.trustProxy]);
    const isTrusted = ({ socket }: FastifyRequest['raw']): boolean =>
      isThroughRelay(socket) ||
      (socket.remoteAddress !== undefined && isTrustedAddress(socket.remoteAddress, 0));
    app.addHook('onRequest', (request, _reply, done) => {
      const said = request.headers['x-forwarded-prefix'];
      if (typeof said === 'string' && PREFIX.test(said) && isTrusted(request.raw)) {
        request.forwardedPrefix = said.replace(/\/$/, '');
      }
      done();
    });
  },
  { name: 'forwarded-prefix' },
);

declare module 'fastify' {
  interface FastifyRequest {
    /** What a proxy takes away from the path: empty, or such as `/studio`. */
    forwardedPrefix: string;
    /** What stands in front of the gateway's own paths, the studio's included: empty, or such as `/studios/stage`. */
    readonly prefix: string;
  }
}
