import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import type { Address } from './address.js';

/** Where a machine has no IPv6. */
const NOT_THERE = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT']);

/**
 * A second address whose connections `server` serves as its own. Close it by itself: `server` does not wait for
 * these connections when it closes.
 *
 * @returns undefined where the machine does not have the address
 * @throws Error when the address is in use
 */
export async function alsoListen(server: Server, { host, port }: Address): Promise<Server | undefined> {
  const second = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    server.emit('connection', socket);
  });
  // The cap of `server` counts none of these: each has its own.
  second.maxConnections = server.maxConnections;
  second.on('drop', (refused) => server.emit('drop', refused));
  try {
    second.listen({ host, port, ipv6Only: true });
    await once(second, 'listening');
    return second;
  } catch (error) {
    if (error instanceof Error && 'code' in error && NOT_THERE.has(String(error.code))) return undefined;
    throw error;
  }
}
