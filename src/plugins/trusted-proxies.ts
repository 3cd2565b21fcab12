import proxyAddr from '@fastify/proxy-addr';
import type { FastifyServerOptions } from 'fastify';
import { isIP } from 'node:net';
import type { Config } from '../config/config.js';
import { RELAY_PEER } from '../transports/relay/line-stream.js';

/** Whose `X-Forwarded-*` are believed: the proxies that are named, and the relay, whose line is authenticated. */
export function trustedProxies({
  trustProxy,
  relay,
}: Pick<Config, 'trustProxy' | 'relay'>): NonNullable<FastifyServerOptions['trustProxy']> {
  if (relay === null) return trustProxy.length > 0 && [...trustProxy];
  const isNamed = proxyAddr.compile([...trustProxy]);
  return (address, hop) =>
    (hop === 0 && address === RELAY_PEER) || (isIP(address) > 0 && isNamed(address, hop));
}
