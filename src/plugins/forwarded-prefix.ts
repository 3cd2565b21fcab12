import proxyAddr from '@fastify/proxy-addr';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config/config.js';
import { rarelySet } from './route-hooks.js';
import { studioPathOf } from './studio-path.js';

const PREFIX = /^(\/[\w.~-]+)+\/?$/;

/** The path below which a trusted reverse proxy serves the gateway (`X-Forwarded-Prefix`), without a slash at its end. */
export const forwardedPrefix = fp<{ config: Pick<Config, 'trustProxy'> }>(
  (app: FastifyInstance, { config }: { config: Pick<Config, 'trustProxy'> }) => {
    app.decorateRequest('forwardedPrefix', rarelySet(''));
    app.decorateRequest('prefix', {
      getter() {
        return `${this.forwardedPrefix}${studioPathOf(this.raw)}`;
      },
    });
    if (config.trustProxy.length === 0) return;
    const isTrusted = proxyAddr.compile([...config.trustProxy]);
    app.addHook('onRequest', (request, _reply, done) => {
      const said = request.headers['x-forwarded-prefix'];
      const peer = request.raw.socket.remoteAddress;
      if (typeof said === 'string' && PREFIX.test(said) && peer !== undefined && isTrusted(peer, 0)) {
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
