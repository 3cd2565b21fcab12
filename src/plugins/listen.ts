import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { Address } from '../util/address.js';
import { alsoListen } from '../util/also-listen.js';

/**
 * `localhost` is 127.0.0.1 and, where there is IPv6, ::1 on the same port: clients try either first. Fastify's own
 * second server would have no error handler, no certificate reload and no share in the shutdown.
 *
 * @throws Error when an address cannot be had
 */
export async function listen(app: FastifyInstance, { host, port }: Address): Promise<void> {
  const listenTextResolver = (url: string): string => `listening on ${url}`;
  if (host !== 'localhost') {
    await app.listen({ host, port, listenTextResolver });
    return;
  }
  await app.listen({ host: '127.0.0.1', port, listenTextResolver });
  const bound = app.server.address() as AddressInfo;
  const second = await alsoListen(app.server, { host: '::1', port: bound.port });
  if (second === undefined) return;
  app.log.info(`listening on [::1]:${bound.port}`);
  app.lifecycle.onShutdown('drain', () => new Promise((resolve) => second.close(() => resolve())));
}
